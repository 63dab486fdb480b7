"""A customer's file, served so that nothing in it can run: its type is what we saw in it, never what was claimed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST, require_safe

from inbox import media as files
from inbox.freshness import fresh
from inbox.models import Media
from webhooks import wake
from workspaces.access import Ability, MemberRequest, member

from .cancellation import bubble
from .finding import message_of

# Only these are shown in the page; whatever else it is, it is offered as a download.
SHOWN = frozenset(
    {
        "image/jpeg", "image/png", "image/webp", "image/gif",
        "audio/ogg", "audio/mpeg", "audio/mp4", "audio/aac", "audio/amr", "audio/wav",
        "video/mp4", "video/3gpp",
    }
)  # fmt: skip
# A voice note, as the one who looks only at the first bytes calls it.
ALSO = {"application/ogg": "audio/ogg"}
DOWNLOADED = frozenset({"application/pdf"})
CHUNK = 256 * 1024
RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


@require_safe
@member()
def file(request: MemberRequest, message_id: int) -> HttpResponseBase:
    media = get_object_or_404(Media, message=message_of(request, message_id), state=Media.State.STORED)
    path = _path(media)
    size = path.stat().st_size
    wanted = _range(request.headers.get("Range", ""), size)
    if wanted is None:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    first, last = wanted
    response = StreamingHttpResponse(_read(path, first, last), content_type=_type(media))
    response["Content-Length"] = str(last - first + 1)
    response["Accept-Ranges"] = "bytes"
    if "Range" in request.headers:
        response.status_code = 206
        response["Content-Range"] = f"bytes {first}-{last}/{size}"
    response["Content-Disposition"] = _disposition(media)
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_POST
@member(Ability.REPLY)
@fresh
def retry(request: MemberRequest, message_id: int) -> HttpResponse:
    """Fetch a file again after all tries have failed. Answers with the bubble as it is now."""
    message = message_of(request, message_id)
    if files.retry(message.pk):
        wake.publish("inbox.fetch_media", message.pk, queue="sending")
    return bubble(request, message.conversation_id, message.pk)


def _path(media: Media) -> Path:
    root = Path(settings.MEDIA_ROOT).resolve()
    path = (root / media.stored_as).resolve()
    if not media.stored_as or not path.is_relative_to(root) or not path.is_file():
        raise Http404
    return path


def _type(media: Media) -> str:
    seen = ALSO.get(media.sniffed_type, media.sniffed_type)
    return seen if seen in SHOWN | DOWNLOADED else "application/octet-stream"


def _disposition(media: Media) -> str:
    shown = _type(media) in SHOWN
    name = media.filename or f"file-{media.pk}"
    return content_disposition_header(not shown, name) or "attachment"


def _range(header: str, size: int) -> tuple[int, int] | None:
    """First and last byte to send: all of it for a header we do not serve, None for a range outside the file."""
    asked = RANGE.fullmatch(header.strip())
    if not asked or asked.groups() == ("", ""):
        return 0, size - 1
    start, end = asked.groups()
    if not start:
        first, last = max(0, size - int(end)), size - 1
        return (first, last) if int(end) and size else None
    first, last = int(start), min(int(end), size - 1) if end else size - 1
    return (first, last) if first <= last else None


def _read(path: Path, first: int, last: int) -> Iterator[bytes]:
    with path.open("rb") as opened:
        opened.seek(first)
        left = last - first + 1
        while left > 0 and (chunk := opened.read(min(CHUNK, left))):
            left -= len(chunk)
            yield chunk
