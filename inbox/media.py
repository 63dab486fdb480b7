"""Customers' files, fetched from Meta to private storage by a job of their own (a lost file never loses a message)."""

from __future__ import annotations

import logging
import os
import uuid
from datetime import timedelta
from pathlib import Path

import puremagic
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from connections import choice
from connections.graph import client
from connections.graph.catalogue import explain_error
from connections.graph.errors import GraphError, Refused, TooBig, Unconfirmed, Unusable
from connections.graph.media import Downloaded, download_media
from webhooks import wake as hints

from . import versions
from .models import Media
from .sending import MOST_HINTS
from .sql import rows

logger = logging.getLogger(__name__)

# How long after each failed try the next comes; after the last, a person may ask again. Meta keeps files for 7 days.
PAUSES = (timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=5), timedelta(minutes=30))
# While a try lasts nobody else tries; a worker that died is followed after this.
LONGEST_TRY = timedelta(minutes=3)
MOST_TRIES = len(PAUSES) + 1
SNIFFED_BYTES = 4096
# "No such object", as a code of its own, and as the subcode of "invalid parameter".
NO_SUCH_FILE = (33, 100)

# Each try has a name of its own, written down before anything is on the disk. So two tries never touch the same file,
# only the newest writes what came of it, and what a killed worker left is found by the next.
CLAIM = """
UPDATE inbox_media media SET tries = media.tries + 1, due_at = %s, stored_as = %s
FROM (SELECT message_id, stored_as FROM inbox_media WHERE message_id = %s FOR NO KEY UPDATE) before
WHERE media.message_id = before.message_id AND media.state = 'pending' AND media.due_at <= %s
RETURNING before.stored_as
"""


def fetch(message_id: int) -> None:
    """Fetch the file of a message if it is due; harmless to call at any time."""
    now, name = timezone.now(), _new_name()
    claimed = rows(CLAIM, [now + LONGEST_TRY, name, message_id, now])
    if not claimed:
        return
    # A token that does not decrypt must not keep the row from being loaded: it is a reason to be told.
    whole = Media.objects.select_related("message__connection").defer("message__connection__access_token")
    media = whole.get(pk=message_id)
    media.stored_as = name
    try:
        _remove(claimed[0][0])
        if media.tries > MOST_TRIES:
            _give_up(media, "It was begun several times, and the worker that fetched it never came to an end.")
        else:
            _fetch(media)
    except (Unusable, TooBig) as error:
        _give_up(media, explain_error(error).sentence)
    except GraphError as error:
        _failed(media, _said(error))
    except OSError:
        logger.exception("The file of message %s could not be written.", message_id)
        _failed(media, "It could not be written to our own storage.")


def _fetch(media: Media) -> None:
    """Once it is whole, the file has its name; a try that was overtaken leaves nothing."""
    name = media.stored_as
    try:
        found = _download(media, _part(name))
        _part(name).rename(_path(name))
        sniffed = sniff(name)
    except (GraphError, OSError):
        _remove(name)
        raise
    # Where the database fails here the file stays: it may be written down all the same, or else the next try clears it.
    if not _write(media, state="stored", reason="", size=found.size, sniffed_type=sniffed):
        _remove(name)


def _new_name() -> str:
    """A name that says nothing of the file, in one of 256 folders."""
    name = uuid.uuid4().hex
    return f"{name[:2]}/{name}"


def _path(stored_as: str) -> Path:
    return Path(settings.MEDIA_ROOT) / stored_as


def _part(stored_as: str) -> Path:
    return _path(f"{stored_as}.part")


def _remove(stored_as: str) -> None:
    if stored_as:
        _part(stored_as).unlink(missing_ok=True)
        _path(stored_as).unlink(missing_ok=True)


def _download(media: Media, part: Path) -> Downloaded:
    """The file, whole and as Meta announced it. Its address is asked for anew with each try: it lives five minutes."""
    account = choice.account(media.message.connection)
    where = client.media_url(account, media.media_id)
    _path("").mkdir(parents=True, exist_ok=True, mode=0o700)
    part.parent.mkdir(exist_ok=True, mode=0o700)
    with open(part, "wb", opener=lambda path, flags: os.open(path, flags, 0o600)) as opened:
        found = download_media(account, str(where["url"]), opened, max_bytes=settings.MEDIA_MAX_BYTES)
        opened.flush()
        os.fsync(opened.fileno())
    digest = media.sha256 or where.get("sha256")
    if isinstance(digest, str) and digest and not found.matches(digest):
        raise Unconfirmed("What arrived is not the file that Meta announced: its checksum differs.")
    return found


def _said(error: GraphError) -> str:
    if isinstance(error, Refused) and (error.code in NO_SUCH_FILE or error.http_status == 404):
        return "Meta does not have this file any more, or not for this number: it keeps customers' files for 7 days."
    return error.reason if isinstance(error, Unconfirmed) else explain_error(error).sentence


def _failed(media: Media, reason: str) -> None:
    """The next try, or after the last a person's."""
    if media.tries <= len(PAUSES):
        due_at = timezone.now() + PAUSES[media.tries - 1]
        _write(media, reason=reason[:300], due_at=due_at, stored_as="")
    else:
        _give_up(media, reason)


def _give_up(media: Media, reason: str) -> None:
    _write(media, state="failed", reason=reason[:300], due_at=None, stored_as="")


def sniff(stored_as: str) -> str:
    """The type that the bytes say, whatever was claimed; "" where they say nothing."""
    with _path(stored_as).open("rb") as opened:
        start = opened.read(SNIFFED_BYTES)
    try:
        return str(puremagic.from_string(start, mime=True))
    except (puremagic.PureError, ValueError):
        return ""


@transaction.atomic
def _write(media: Media, **values: object) -> bool:
    """What came of this try; False when it was overtaken, and another speaks for the file now."""
    this_try = Media.objects.filter(pk=media.pk, state=Media.State.PENDING, stored_as=media.stored_as)
    if not this_try.update(**values):
        return False
    versions.stamp(messages={media.message.workspace_id: [media.pk]})
    return True


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


def dispatch() -> int:
    """Each second: hint at the files that are due, unless workers have hints enough to read. Returns how many."""
    if hints.queued("sending") > MOST_HINTS:
        return 0
    found = due()
    for message_id in found:
        hints.publish("inbox.fetch_media", message_id, queue="sending")
    return len(found)
