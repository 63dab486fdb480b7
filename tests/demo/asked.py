"""Questions to a running house's database, asked in a process of their own: `python -m tests.demo.asked NAME`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gigaviz.demo.house import House

ROOT = Path(__file__).resolve().parent.parent.parent


def ask(house: House, name: str) -> Any:
    """The answer of a function below, about this house."""
    command = [sys.executable, "-m", "tests.demo.asked", name]
    env = {**os.environ, **house.env, "DJANGO_SETTINGS_MODULE": "gigaviz.settings"}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def facts() -> dict[str, Any]:
    from connections.models import Connection, MessageTemplate, TemplateSync
    from inbox.models import Conversation, Message
    from optouts.models import ConsentEvent
    from webhooks.models import WebhookEvent

    outgoing = Message.objects.filter(source="ours")
    return {
        "conversations": dict(Counter(Conversation.objects.values_list("workspace__slug", flat=True))),
        "closed": Conversation.objects.filter(closed_at__isnull=False).count(),
        "assigned": Conversation.objects.filter(closed_at=None, owner__isnull=False).count(),
        "words": dict(Counter(str(one.get_word_display()) for one in outgoing)),
        "codes": sorted({one.problem["code"] for one in outgoing if one.problem.get("code")}),
        "sources": dict(Counter(Message.objects.values_list("source", flat=True))),
        "kinds": sorted(set(Message.objects.values_list("kind", flat=True))),
        "files": dict(Counter(Message.objects.filter(media__isnull=False).values_list("media__state", flat=True))),
        "opted_out": ConsentEvent.objects.filter(direction="out").values("value").distinct().count(),
        "bsuid_only": Conversation.objects.exclude(contact__identities__kind="phone").count(),
        "windows_closed": Conversation.objects.filter(last_inbound_at=None).count(),
        "waiting": WebhookEvent.objects.exclude(state="applied").count(),
        "templates": sorted(MessageTemplate.objects.present().values_list("name", "language", "status", "quality")),
        "synced": sorted(TemplateSync.objects.exclude(ok_at=None).values_list("workspace__slug", flat=True)),
        "environments": sorted(set(Connection.objects.values_list("environment", flat=True))),
    }


def replayed() -> list[str]:
    from .replay import differences

    return differences()


QUESTIONS: dict[str, Callable[[], Any]] = {"facts": facts, "replayed": replayed}

if __name__ == "__main__":
    import django

    django.setup()
    print(json.dumps(QUESTIONS[sys.argv[1]](), default=str))
