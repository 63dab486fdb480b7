"""Files: their addresses live 5 minutes and need a token; uploads are kept 30 days, customers' files 7."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from urllib.parse import urlencode

from . import ids
from .model import Media
from .refusals import Refusal
from .world import World

DAY = 24 * 3600
ADDRESS_SECONDS = 5 * 60
PATH = "/whatsapp_business/attachments/"
KEY = secrets.token_bytes(32)
MB = 1024 * 1024

# Accepted types and sizes (Meta's media page, December 2025).
TYPES: dict[str, tuple[tuple[str, ...], int]] = {
    "audio": (("audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"), 16 * MB),
    "image": (("image/jpeg", "image/png"), 5 * MB),
    "sticker": (("image/webp",), 500 * 1024),
    "video": (("video/mp4", "video/3gpp"), 16 * MB),
    "document": (
        (
            "text/plain",
            "application/pdf",
            "application/msword",
            "application/vnd.ms-excel",
            "application/vnd.ms-powerpoint",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        ),
        100 * MB,
    ),
}


def bare(mime_type: str) -> str:
    """A type without its parameters."""
    return mime_type.partition(";")[0].strip().lower()


def kind_of(mime_type: str) -> str:
    """The kind of message that carries such a file, or ""."""
    return next((kind for kind, (types, _) in TYPES.items() if bare(mime_type) in types), "")


def keep(world: World, owner_id: str, content: bytes, mime_type: str, filename: str, *, days: int) -> Media:
    digest = hashlib.sha256(content).digest()
    expires_at = int(time.time()) + days * DAY
    media = Media(ids.digits(), owner_id, mime_type, content, digest, filename, expires_at)
    world.keep_media(media)
    return media


def find(world: World, media_id: str) -> Media | None:
    media = world.media.get(media_id)
    return media if media and media.expires_at > time.time() else None


def proof(media_id: str, until: int) -> str:
    return hmac.new(KEY, f"{media_id}.{until}".encode(), hashlib.sha256).hexdigest()[:32]


def address(world: World, media: Media) -> str:
    until = int(time.time()) + ADDRESS_SECONDS
    query = urlencode({"mid": media.id, "ext": until, "hash": proof(media.id, until)})
    return f"{world.setup.base_url}{PATH}?{query}"


def at_address(world: World, media_id: str, until: str, given: str) -> Media | None:
    """The file an address stands for; None when it is wrong or too old."""
    if not until.isascii() or not until.isdigit() or len(until) > 12 or int(until) < time.time():
        return None
    return find(world, media_id) if hmac.compare_digest(proof(media_id, int(until)).encode(), given.encode()) else None


def check_upload(mime_type: str, size: int) -> None:
    """Raises Refusal for a type that is not accepted or a file that is too big."""
    kind = kind_of(mime_type)
    if not kind:
        accepted = ", ".join(one for types, _ in TYPES.values() for one in types)
        raise Refusal(100, message=f"(#100) Param file must be a file with one of the following types: {accepted}.")
    if size > TYPES[kind][1] or size == 0:
        raise Refusal(131053, f"File size must be from 1 to {TYPES[kind][1]} bytes for {kind} media.")
