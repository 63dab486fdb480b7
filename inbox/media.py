"""Customers' files, fetched from Meta to private storage by a job of their own (a lost file never loses a message)."""

from __future__ import annotations

import os
import tempfile
import uuid
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO, cast

import puremagic
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from connections import choice
from connections.graph import client
from connections.graph.catalogue import explain_error
from connections.graph.errors import GraphError
from connections.graph.media import Downloaded, download_media

from . import versions
from .models import Media
from .sql import rows

# How long after each failed try the next comes; after the last, a person may ask again. Meta keeps files for 7 days.
PAUSES = (timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=5), timedelta(minutes=30))
# While a try lasts nobody else tries; a worker that died is followed after this.
LONGEST_TRY = timedelta(minutes=3)
SNIFFED_BYTES = 4096

CLAIM = """
UPDATE inbox_media SET tries = tries + 1, due_at = %s
WHERE message_id = %s AND state = 'pending' AND due_at <= %s RETURNING message_id
"""


def fetch(message_id: int) -> None:
    """Fetch the file of a message if it is due; harmless to call at any time."""
    now = timezone.now()
    if not rows(CLAIM, [now + LONGEST_TRY, message_id, now]):
        return
    media = Media.objects.select_related("message__connection").get(pk=message_id)
    account = choice.account(media.message.connection)
    folder = Path(settings.MEDIA_ROOT)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder, prefix="fetching-", delete=False) as part:
        path = Path(part.name)
        try:
            url = str(client.media_url(account, media.media_id)["url"])
            found = download_media(account, url, cast(BinaryIO, part), max_bytes=settings.MEDIA_MAX_BYTES)
            part.flush()
            os.fsync(part.fileno())
        except GraphError as error:
            path.unlink(missing_ok=True)
            _failed(media, explain_error(error).sentence)
            return
    if media.sha256 and not found.matches(media.sha256):
        path.unlink(missing_ok=True)
        _failed(media, "What arrived is not the file that Meta announced: its checksum differs.")
        return
    _stored(media, path, found)


def _stored(media: Media, part: Path, found: Downloaded) -> None:
    name = uuid.uuid4().hex
    stored_as = f"{name[:2]}/{name}"
    target = Path(settings.MEDIA_ROOT) / stored_as
    target.parent.mkdir(exist_ok=True)
    part.rename(target)
    _write(media, state="stored", reason="", stored_as=stored_as, size=found.size, sniffed_type=sniff(target))


def _failed(media: Media, reason: str) -> None:
    if media.tries <= len(PAUSES):
        due_at = timezone.now() + PAUSES[media.tries - 1]
        _write(media, reason=reason[:300], due_at=due_at)
    else:
        _write(media, state="failed", reason=reason[:300], due_at=None)


def sniff(path: Path) -> str:
    """The type that the bytes say, whatever was claimed; "" where they say nothing."""
    with path.open("rb") as opened:
        start = opened.read(SNIFFED_BYTES)
    try:
        return str(puremagic.from_string(start, mime=True))
    except (puremagic.PureError, ValueError):
        return ""


@transaction.atomic
def _write(media: Media, **values: object) -> None:
    Media.objects.filter(pk=media.pk).update(**values)
    message = media.message
    versions.stamp(messages={message.workspace_id: [message.pk]})


@transaction.atomic
def retry(message_id: int) -> bool:
    """A person asks again for a file that failed. False if there is nothing to ask for."""
    failed = Media.objects.filter(pk=message_id, state=Media.State.FAILED)
    if not failed.update(state=Media.State.PENDING, tries=0, due_at=timezone.now(), reason=""):
        return False
    media = Media.objects.select_related("message").get(pk=message_id)
    versions.stamp(messages={media.message.workspace_id: [message_id]})
    return True


def due() -> list[int]:
    """Files whose try is due now, a hundred at most."""
    waiting = Media.objects.filter(state=Media.State.PENDING, due_at__lte=timezone.now()).order_by("due_at")
    return list(waiting.values_list("pk", flat=True)[:100])
