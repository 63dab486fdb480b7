"""The demo's inbox, forgotten and made again from its log, shuffled and doubled, over the same acts."""

from __future__ import annotations

import random
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from inbox import drain, standing, taking
from inbox.models import (
    Act,
    Contact,
    Conversation,
    Identity,
    IdentityLink,
    Media,
    Message,
    Receipt,
    SendAttempt,
    Sighting,
)
from optouts.models import ConsentEvent
from tests.inbox.natural import inbox_of
from webhooks.models import WebhookEvent
from webhooks.payload import parse
from workspaces.models import Workspace


def differences(seed: int = 20261124) -> list[str]:
    """What is different after the replay, as lines; nothing of it is kept."""
    workspaces = list(Workspace.objects.order_by("slug"))
    before = [inbox_of(one) for one in workspaces]
    with transaction.atomic():
        forget()
        assert [inbox_of(one) for one in workspaces] != before
        replay(random.Random(seed))
        after = [inbox_of(one) for one in workspaces]
        transaction.set_rollback(True)
    return [line for old, new in zip(before, after, strict=True) for line in compared(old, new)]


def compared(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    found = []
    for part in old:
        was, now = (
            one[part] if isinstance(one[part], dict) else dict.fromkeys(map(str, one[part])) for one in (old, new)
        )
        for key in {*was, *now}:
            if was.get(key, "absent") != now.get(key, "absent"):
                found.append(f"{part} {key}: {was.get(key, 'absent')} → {now.get(key, 'absent')}")
    return found


def forget() -> None:
    """All that only the webhooks said. What is left: messages written here with their attempts, and people's acts."""
    for model in (Receipt, Media, ConsentEvent, Sighting, IdentityLink):
        model.objects.all().delete()
    Act.objects.filter(kind__in=["number_changed", "number_moved"]).delete()
    Message.objects.exclude(source="ours").delete()
    Conversation.objects.update(
        last_inbound_at=None, last_inbound_wamid="", reply_to=None, reply_to_at=None, reply_to_wamid="", last_at=None
    )
    Contact.objects.update(name="", name_at=None, name_wamid="", username="", username_at=None, username_wamid="")
    Conversation.objects.filter(messages=None, acts=None).delete()
    Identity.objects.filter(messages=None).delete()
    Identity.objects.update(is_shared=False, retired_at=None)
    Contact.objects.filter(conversations=None).delete()
    for one in Conversation.objects.annotate(newest=Max("messages__placed_at")):
        Conversation.objects.filter(pk=one.pk).update(last_at=one.newest)
    attempted = SendAttempt.objects.values_list("message_id", flat=True)
    standing.restate(sorted(set(attempted)))


def replay(chance: random.Random) -> None:
    log = list(WebhookEvent.objects.all())
    log += chance.sample(log, len(log))
    chance.shuffle(log)
    while log:
        batch = {event.pk: event for event in (log.pop() for _ in range(min(len(log), chance.randint(1, 20))))}
        events = [
            taking.Event((one.day, one.pk), one.meta_app_id, one.received_at, parse(bytes(one.body)))
            for one in batch.values()
        ]
        drain.apply(events, timezone.now(), writes_acts=False)
