"""Sentences for what we do not draw, so that nothing a customer sends is ever missing from the thread.

The kinds are Meta's (WhatsApp Cloud API webhook reference, messages); an unknown one is named as Meta named it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .models import Message
from .names import phone_as_written

# kind → (icon of heroicons, what it is)
KINDS: dict[str, tuple[str, str]] = {
    "image": ("photo", "Photo"),
    "video": ("video-camera", "Video"),
    "audio": ("musical-note", "Audio file"),
    "document": ("document", "Document"),
    "sticker": ("face-smile", "Sticker"),
    "location": ("map-pin", "Location"),
    "contacts": ("identification", "Contact card"),
    "reaction": ("heart", "Reaction"),
    "order": ("shopping-cart", "Order"),
    "interactive": ("cursor-arrow-rays", "Answer to a form or menu"),
    "button": ("cursor-arrow-rays", "Button pressed"),
    "system": ("information-circle", "Notice from WhatsApp"),
    "edit": ("pencil", "Edited message"),
    "revoke": ("trash", "Deleted message"),
    "request_welcome": ("hand-raised", "Opened the chat"),
    "template": ("document-text", "Template"),
    "unsupported": ("question-mark-circle", "Message that WhatsApp does not pass on"),
}
# Of these the placeholder says everything that their words would say again.
SAID_IN_PLACEHOLDER = frozenset({"reaction", "system", "location", "edit"})
UNKNOWN_ICON = "question-mark-circle"
UNAVAILABLE = 131060
# What Meta calls a message it does not pass on, in words.
UNSUPPORTED: dict[str, str] = {
    "edit": "The customer edited a message. WhatsApp does not pass the new text on to this number.",
    "poll": "The customer sent a poll",
    "poll_creation": "The customer sent a poll",
    "poll_update": "The customer voted in a poll",
    "pin": "The customer pinned a message",
    "group_invite": "The customer sent an invitation to a group",
    "gif": "The customer sent a GIF",
    "keep_in_chat": "The customer kept a disappearing message",
    "media_placeholder": "The customer sent a file that is not on this device",
}
CUSTOMER = "The customer"
SEE_PHONE = "; WhatsApp does not pass it on. It can be seen on the phone, if this number is also used there."


def icon_of(kind: str) -> str:
    return KINDS[kind][0] if kind in KINDS else "" if kind == "text" else UNKNOWN_ICON


def preview_of(message: Message) -> str:
    """One line for the list: the words, or what it is."""
    if message.text and message.kind not in SAID_IN_PLACEHOLDER:
        return message.text
    if message.kind == "audio" and getattr(message, "is_voice", None):
        return "Voice message"
    if message.kind == "document" and (filename := getattr(message, "filename", None)):
        return str(filename)
    if message.kind == "unsupported" or message.kind not in KINDS:
        return placeholder_of(message)
    if message.kind in SAID_IN_PLACEHOLDER:
        return placeholder_of(message)
    return KINDS[message.kind][1]


def placeholder_of(message: Message) -> str:
    """What to say in place of, or above, what is drawn; empty for plain text, pictures, voice and documents."""
    if message.group_id:
        return "A message in a group. Groups are not shown here; answer on the phone."
    if message.kind in {"text", "image", "audio", "document"}:
        return ""
    if describe := DESCRIPTIONS.get(message.kind):
        sentence = describe(message)
        return f"Somebody at the phone{sentence[len(CUSTOMER) :]}" if _is_ours(message, sentence) else sentence
    if message.kind in KINDS:
        return f"{KINDS[message.kind][1]}."
    named = f"“{message.kind}”" if message.kind else "without a name"
    return f"A message of a kind we do not know: {named}. Its exact contents are in the evidence."


def _is_ours(message: Message, sentence: str) -> bool:
    return message.is_outgoing and sentence.startswith(CUSTOMER)


def part(message: Message, name: str) -> dict[str, Any]:
    """The part of the details that belongs to a kind; {} where Meta sent something else there."""
    found = message.details.get(name)
    return found if isinstance(found, dict) else {}


def mappings(found: Any) -> list[dict[str, Any]]:
    """The mappings in a list; [] where Meta sent something else there."""
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def said(found: dict[str, Any], *names: str) -> str:
    """The first of these that is a text with something in it."""
    return next((value.strip() for name in names if isinstance(value := found.get(name), str) and value.strip()), "")


def _location(message: Message) -> str:
    found = part(message, "location")
    place = ", ".join(filter(None, (said(found, "name"), said(found, "address"))))
    at = [found.get(name) for name in ("latitude", "longitude")]
    point = ", ".join(f"{number:.5f}" for number in at if isinstance(number, int | float))
    known = " · ".join(filter(None, (place, point)))
    return f"Location: {known}" if known else "A location without coordinates."


def _contacts(message: Message) -> str:
    cards = [_card(card) for card in mappings(message.details.get("contacts"))]
    if not cards:
        return "A contact card without contents."
    return ("Contact card: " if len(cards) == 1 else f"{len(cards)} contact cards: ") + "; ".join(cards[:5])


def _card(card: dict[str, Any]) -> str:
    name = card.get("name")
    called = said(name, "formatted_name", "first_name") if isinstance(name, dict) else ""
    numbers = [said(phone, "phone", "wa_id") for phone in mappings(card.get("phones"))]
    return ", ".join(filter(None, [called or "without a name", *numbers[:3]]))


def _reaction(message: Message) -> str:
    emoji = said(part(message, "reaction"), "emoji")
    return f"Reacted with {emoji}" if emoji else "Took a reaction back"


def _order(message: Message) -> str:
    items = mappings(part(message, "order").get("product_items"))
    if not items:
        return "An order without items."
    lines = [f"{item.get('quantity', '?')} × {said(item, 'product_retailer_id') or 'an item'}" for item in items[:5]]
    more = f" and {len(items) - 5} more" if len(items) > 5 else ""
    return f"Order: {', '.join(lines)}{more}"


def _interactive(message: Message) -> str:
    found = part(message, "interactive")
    names = {
        "button_reply": "Button pressed",
        "list_reply": "Chosen from a list",
        "nfm_reply": "Form filled in",
        "call_permission_reply": "Answer about calls",
    }
    kind = said(found, "type")
    return f"{names.get(kind, 'Answer to a form or menu')}{':' if message.text else '.'}"


def _unsupported(message: Message) -> str:
    codes = [error.get("code") for error in mappings(message.details.get("errors"))]
    if UNAVAILABLE in codes:
        return "WhatsApp did not pass this message on, and never will. It can be read in the phone app."
    kind = said(part(message, "unsupported"), "type") or said(message.details, "unsupported")
    if not kind:
        return "The customer sent something that WhatsApp does not pass on, and did not name."
    sentence = UNSUPPORTED.get(kind, f"The customer sent “{kind}”")
    return sentence if sentence.endswith(".") else sentence + SEE_PHONE


def _system(message: Message) -> str:
    found = part(message, "system")
    number = said(found, "wa_id")
    kind = said(found, "type")
    if kind in {"user_changed_number", "customer_changed_number"} and number.isdigit():
        return f"WhatsApp says: the customer changed their number to {phone_as_written(number)}."
    return f"WhatsApp says: {message.text or said(found, 'body') or kind or 'something without words'}"


def _edit(message: Message) -> str:
    inner = part(message, "edit").get("message")
    words = inner.get("text") if isinstance(inner, dict) else None
    body = said(words, "body") if isinstance(words, dict) else ""
    return f"The customer changed a message to: {body}" if body else "The customer changed a message."


def _revoke(message: Message) -> str:
    return "The customer deleted a message. What we had received stays here."


DESCRIPTIONS: dict[str, Callable[[Message], str]] = {
    "location": _location,
    "contacts": _contacts,
    "reaction": _reaction,
    "order": _order,
    "interactive": _interactive,
    "button": lambda message: "Button pressed:" if message.text else "A button was pressed.",
    "unsupported": _unsupported,
    "unknown": _unsupported,
    "system": _system,
    "edit": _edit,
    "revoke": _revoke,
    "video": lambda message: "Video.",
    "sticker": lambda message: "Sticker.",
    "request_welcome": lambda message: "The customer opened the chat for the first time.",
}
