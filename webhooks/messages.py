"""One element of `messages` (or of echoes and history) → the fields of `items.Message` that every source shares."""

from __future__ import annotations

from typing import Any

from .items import ErrorDetail, MediaReference
from .reading import fragment, label, mapping, moment, number, record_id, sequence, storable, text, wamid

MEDIA_KINDS = frozenset({"image", "video", "audio", "document", "sticker"})
LONGEST_TEXT = 65_536


def message_fields(message: dict[str, Any]) -> dict[str, Any]:
    raw = fragment(message)
    kind = text(message.get("type"))
    context = mapping(message.get("context"))
    return {
        "raw": raw,
        "wamid": wamid(message.get("id"), raw),
        "kind": kind[:60],
        "text": _words(kind, message)[:LONGEST_TEXT],
        "provider_at": moment(message.get("timestamp")),
        "context_wamid": text(context.get("id"))[:512],
        "is_forwarded": context.get("forwarded") is True or context.get("frequently_forwarded") is True,
        "group_id": label(message.get("group_id"))[:140],
        "media": _media(kind, message),
        "details": _details(kind, message, context),
        "errors": error_details(message.get("errors")),
    }


def error_details(value: Any) -> tuple[ErrorDetail, ...]:
    return tuple(_error(mapping(one)) for one in sequence(value))


def _error(error: dict[str, Any]) -> ErrorDetail:
    data = error.get("error_data")
    return ErrorDetail(
        code=number(error.get("code")),
        title=text(error.get("title"))[:500],
        message=text(error.get("message"))[:500],
        details=(text(data) or text(mapping(data).get("details")))[:2000],
    )


def _media(kind: str, message: dict[str, Any]) -> MediaReference | None:
    media = mapping(message.get(kind)) if kind in MEDIA_KINDS else {}
    media_id = record_id(media.get("id"))
    if not media_id:
        return None
    return MediaReference(
        media_id=media_id,
        mime_type=text(media.get("mime_type"))[:120],
        sha256=text(media.get("sha256"))[:88],
        filename=text(media.get("filename"))[:255],
        caption=text(media.get("caption")),
        is_voice=media.get("voice") is True,
    )


def _words(kind: str, message: dict[str, Any]) -> str:
    """What a person would read in it."""
    part = mapping(message.get(kind)) if kind else {}
    if kind in MEDIA_KINDS:
        return text(part.get("caption"))
    if kind == "text":
        return text(part.get("body"))
    if kind == "button":
        return text(part.get("text"))
    if kind == "reaction":
        return text(part.get("emoji"))
    if kind == "interactive":
        reply = mapping(part.get(text(part.get("type"))))
        return text(reply.get("title")) or text(reply.get("body"))
    if kind in {"system", "order"}:
        return text(part.get("body")) or text(part.get("text"))
    if kind == "location":
        return text(part.get("name")) or text(part.get("address"))
    return ""


def _details(kind: str, message: dict[str, Any], context: dict[str, Any]) -> dict[str, Any]:
    """What is known beyond the words, as JSON that a jsonb column can hold."""
    details: dict[str, Any] = {}
    if kind and kind not in MEDIA_KINDS and kind != "text" and kind in message:
        details[kind] = message[kind]
    for key in ("referral", "identity", "origin"):
        if key in message:
            details[key] = message[key]
    if "referred_product" in context:
        details["referred_product"] = context["referred_product"]
    kept = storable(details) if details else {}
    return kept if isinstance(kept, dict) else {}
