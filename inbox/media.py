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

CLAIM = """
UPDATE inbox_media SET tries = tries + 1, due_at = %s
WHERE message_id = %s AND state = 'pending' AND due_at <= %s RETURNING message_id
"""


def fetch(message_id: int) -> None:
    """Fetch the file of a message if it is due; harmless to call at any time."""
    now = timezone.now()
    if not rows(CLAIM, [now + LONGEST_TRY, message_id, now]):
        return
    # A token that does not decrypt must not keep the row from being loaded: it is a reason to be told.
    whole = Media.objects.select_related("message__connection").defer("message__connection__access_token")
    media = whole.get(pk=message_id)
    if media.tries > MOST_TRIES:
        _give_up(media, "It was begun several times, and the worker that fetched it never came to an end.")
        return
    # One name for all tries, so that a worker killed in the middle leaves nothing behind for good.
    part = Path(settings.MEDIA_ROOT) / f"fetching-{message_id}"
    try:
        try:
            found = _download(media, part)
            stored_as = _keep(part)
        finally:
            part.unlink(missing_ok=True)
    except (Unusable, TooBig) as error:
        _give_up(media, explain_error(error).sentence)
    except GraphError as error:
        _failed(media, _said(error))
    except OSError:
        logger.exception("The file of message %s could not be written.", message_id)
        _failed(media, "It could not be written to our own storage.")
    else:
        _write(media, state="stored", reason="", stored_as=stored_as, size=found.size, sniffed_type=sniff(stored_as))


def _download(media: Media, part: Path) -> Downloaded:
    """The file, whole and as Meta announced it. Its address is asked for anew with each try: it lives five minutes."""
    account = choice.account(media.message.connection)
    where = client.media_url(account, media.media_id)
    part.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
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


def _keep(part: Path) -> str:
    """Give a whole file the name it is kept by, which says nothing of it."""
    name = uuid.uuid4().hex
    target = part.parent / name[:2] / name
    target.parent.mkdir(exist_ok=True, mode=0o700)
    part.rename(target)
    return f"{name[:2]}/{name}"


def _failed(media: Media, reason: str) -> None:
    """The next try, or after the last a person's."""
    if media.tries <= len(PAUSES):
        due_at = timezone.now() + PAUSES[media.tries - 1]
        _write(media, reason=reason[:300], due_at=due_at)
    else:
        _give_up(media, reason)


def _give_up(media: Media, reason: str) -> None:
    _write(media, state="failed", reason=reason[:300], due_at=None)


def sniff(stored_as: str) -> str:
    """The type that the bytes say, whatever was claimed; "" where they say nothing."""
    with (Path(settings.MEDIA_ROOT) / stored_as).open("rb") as opened:
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


def dispatch() -> int:
    """Each second: hint at the files that are due, unless workers have hints enough to read. Returns how many."""
    if hints.queued("sending") > MOST_HINTS:
        return 0
    found = due()
    for message_id in found:
        hints.publish("inbox.fetch_media", message_id, queue="sending")
    return len(found)
