"""What a message may hold, type by type, with the limits of Meta's pages on sending messages (December 2025)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from .. import files
from ..model import JSON, Number
from ..refusals import Refusal
from . import interactive, template_sending
from .call import GraphCall

WAMID = re.compile(r"wamid\.[A-Za-z0-9+/=_-]+")
MOST_TEXT = 4096
MOST_CAPTION = 1024


def check(call: GraphCall, number: Number, given: JSON) -> str:
    """The category it is billed as: "service", or a template's own. Raises Refusal."""
    kind = given.get("type", "text")
    given["type"] = kind
    if kind == "template":
        return template_sending.check(call, number, wanted(given, "template"))
    checker = CHECKS.get(kind) if isinstance(kind, str) else None
    if checker is None:
        raise Refusal(131051, f"Message type {str(kind)[:40]!r} is not supported.")
    checker(call, number, given)
    return "service"


def shown(call: GraphCall, number: Number, given: JSON) -> JSON:
    """The content as the customer's phone keeps it; a template with its values filled in."""
    kind = given["type"]
    if kind == "template":
        return template_sending.hydrated(call, number, given["template"])
    content = given[kind]
    return dict(content) if isinstance(content, dict) else {"items": content}


def wanted(given: JSON, key: str) -> JSON:
    """An object that must be there. Raises Refusal."""
    if key not in given:
        raise Refusal(131008, f"Parameter '{key}' is mandatory for type '{key}'.")
    if not isinstance(given[key], dict):
        raise Refusal(100, message=f"(#100) Param {key} must be a JSON object.")
    found: JSON = given[key]
    return found


def text_in(given: JSON, path: str, key: str, most: int, *, required: bool = True) -> str:
    """A text of a length. Raises Refusal."""
    value = given.get(key)
    if value is None or value == "":
        if required:
            raise Refusal(131008, f"Parameter '{path}.{key}' is required.")
        return ""
    if not isinstance(value, str):
        raise Refusal(100, message=f"(#100) Param {path}['{key}'] must be a string.")
    if len(value) > most:
        raise Refusal(100, message=f"(#100) Param {path}['{key}'] must be at most {most} characters long.")
    return value


def check_text(_call: GraphCall, _number: Number, given: JSON) -> None:
    text = wanted(given, "text")
    if not text_in(text, "text", "body", MOST_TEXT).strip():
        raise Refusal(131008, "Parameter 'text.body' must not be blank.")
    if not isinstance(text.get("preview_url", False), bool):
        raise Refusal(100, message="(#100) Param text['preview_url'] must be a boolean.")


def check_media(call: GraphCall, number: Number, given: JSON) -> None:
    kind = given["type"]
    told = wanted(given, kind)
    check_file(call, number, kind, told)
    may_have_caption = kind in ("image", "video", "document")
    if "caption" in told and not may_have_caption:
        raise Refusal(100, message=f"(#100) Param {kind}['caption'] is not supported.")
    text_in(told, kind, "caption", MOST_CAPTION, required=False)
    if kind == "document":
        text_in(told, kind, "filename", 240, required=False)
    if kind == "audio" and not isinstance(told.get("voice", False), bool):
        raise Refusal(100, message="(#100) Param audio['voice'] must be a boolean.")


def check_file(call: GraphCall, number: Number, kind: str, told: JSON) -> None:
    """`id` of an upload, or `link`. Raises Refusal."""
    media_id, link = told.get("id"), told.get("link")
    if not media_id and not link:
        raise Refusal(131008, f"One of the parameters '{kind}.id' and '{kind}.link' is required.")
    if link and not media_id:
        if not isinstance(link, str) or not link.startswith(("http://", "https://")):
            raise Refusal(131009, f"Parameter '{kind}.link' is not a valid URL.")
        return
    media = files.find(call.sim.world, media_id) if isinstance(media_id, str) else None
    if media is None or call.sim.world.numbers[media.owner_id].waba_id != number.waba_id:
        raise Refusal(100, message=f"(#100) Param {kind}['id'] is not a valid whatsapp business account media ID.")
    if kind != "document" and files.bare(media.mime_type) not in files.TYPES[kind][0]:
        raise Refusal(131053, f"A file of type {media.mime_type} cannot be sent as {kind}.")


def check_location(_call: GraphCall, _number: Number, given: JSON) -> None:
    told = wanted(given, "location")
    for key, most in (("latitude", 90.0), ("longitude", 180.0)):
        if key not in told:
            raise Refusal(131008, f"Parameter 'location.{key}' is required.")
        try:
            inside = abs(float(told[key])) <= most
        except (TypeError, ValueError):
            inside = False
        if not inside:
            raise Refusal(131009, f"Parameter 'location.{key}' is not a coordinate.")


def check_contacts(_call: GraphCall, _number: Number, given: JSON) -> None:
    cards = given.get("contacts")
    if not isinstance(cards, list) or not cards:
        raise Refusal(131008, "Parameter 'contacts' is required and must be a list.")
    for card in cards:
        name = card.get("name") if isinstance(card, dict) else None
        if not isinstance(name, dict) or not isinstance(name.get("formatted_name"), str):
            raise Refusal(131008, "Parameter 'contacts.name.formatted_name' is required.")
        if not any(name.get(part) for part in ("first_name", "last_name", "middle_name", "prefix", "suffix")):
            raise Refusal(131009, "At least one part of a name is needed besides formatted_name.")


def check_reaction(_call: GraphCall, _number: Number, given: JSON) -> None:
    told = wanted(given, "reaction")
    if not WAMID.fullmatch(text_in(told, "reaction", "message_id", 1000)):
        raise Refusal(131009, "Parameter 'reaction.message_id' is not a message id.")
    if not isinstance(told.get("emoji"), str):
        raise Refusal(131008, "Parameter 'reaction.emoji' is required; it is empty to take a reaction back.")


def check_interactive(_call: GraphCall, _number: Number, given: JSON) -> None:
    interactive.check(wanted(given, "interactive"))


Checker = Callable[[GraphCall, Number, JSON], None]
CHECKS: dict[Any, Checker] = {
    "text": check_text,
    **dict.fromkeys(("image", "video", "audio", "document", "sticker"), check_media),
    "location": check_location,
    "contacts": check_contacts,
    "reaction": check_reaction,
    "interactive": check_interactive,
}
