"""Customers' files in the tests: how they arrive, are fetched when due, and where they are kept."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any

from django.utils import timezone

from inbox import tasks
from inbox.models import Media
from simulator.samples import sample
from tests import cast
from tests.inbox.meta import Meta

PICTURE = sample("image")[0]
PAGE = b"<!DOCTYPE html><html><body><script>alert(1)</script></body></html>"


def arrives(meta: Meta, dewi: Any, kind: str = "image", content: bytes | None = None, **facts: Any) -> Media:
    """The customer sends a file, and its message has arrived."""
    wamid = dewi.sends_file(kind, content, **facts)
    meta.hook.wait(lambda: any(one["id"] == wamid for one in meta.hook.messages()))
    meta.brings()
    return Media.objects.get(message__wamid=wamid)


def announced(meta: Meta, *, content: bytes = PICTURE, **facts: Any) -> Media:
    """A file whose message says what `facts` say; by default, what is true."""
    media_id = meta.sim.upload(content, "image/png")
    digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
    image = {"id": media_id, "mime_type": "image/png", "sha256": digest} | facts
    cast.arrives(meta.house, cast.says(meta.house, "", type="image", image=image))
    meta.brings()
    return Media.objects.latest("pk")


def tries(found: Media, times: int = 1) -> Media:
    """It is fetched, each time when it has become due."""
    for _ in range(times):
        Media.objects.filter(pk=found.pk, state="pending").update(due_at=timezone.now())
        tasks.fetch_media(found.pk)
    found.refresh_from_db()
    return found


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]
