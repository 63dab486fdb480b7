"""What customers do: write, send files, tap buttons, stop marketing, change their number."""

from __future__ import annotations

import base64
import time
from typing import Any

from . import bodies, files, ids
from .bodies import Event
from .model import JSON, Customer, Media, Message, Number
from .settings import BadSettings
from .simulation import INBOUND, Simulation

MEDIA_TYPES = ("image", "video", "audio", "document", "sticker")


def write(
    sim: Simulation, customer: Customer, number: Number, element: JSON, *, at: int = 0, context: str = ""
) -> Message:
    """Sends a message to a business. `element` is as in a webhook's `messages`; what it lacks is filled in.

    `at` is when the customer wrote it, for one that comes late; `context` the wamid it answers.
    """
    whole = whole_element(sim, customer, number, element, at or int(time.time()), context)
    message = kept(sim, customer, number, whole)
    if message.type not in ("system", "reaction"):
        sim.world.opens_window(customer, number, message.at)
    if customer.id in number.blocked:
        return message
    event = bodies.inbound(sim.world, customer, number, whole)
    sim.soon(INBOUND, lambda: sim.postroom.announce(event))
    return message


def whole_element(sim: Simulation, customer: Customer, number: Number, element: JSON, at: int, context: str) -> JSON:
    # An element that names its sender is left to do so alone.
    names_sender = "from" in element or "from_user_id" in element
    whole: JSON = {} if names_sender else bodies.sender(sim.world, customer, number)
    whole["id"] = ids.wamid(customer.shown_phone, is_outgoing=False)
    whole["timestamp"] = str(at)
    whole |= element
    if context:
        whole["context"] = context_of(sim, customer, number, context) | whole.get("context", {})
    return whole


def context_of(sim: Simulation, customer: Customer, number: Number, wamid: str) -> JSON:
    quoted = sim.world.messages.get(wamid)
    if quoted and not quoted.is_outgoing:
        return {**bodies.sender(sim.world, customer, number), "id": wamid}
    return {"from": number.digits, "id": wamid}


def kept(sim: Simulation, customer: Customer, number: Number, whole: JSON) -> Message:
    """The message as both sides' phones keep it."""
    kind = str(whole.get("type", "unknown"))
    content: Any = whole.get(kind, {})
    context = whole.get("context")
    message = Message(
        wamid=str(whole["id"]),
        number_id=number.id,
        customer_id=customer.id,
        is_outgoing=False,
        type=kind,
        content=content if isinstance(content, dict) else {"items": content},
        at=seconds(whole["timestamp"]),
        position=sim.world.next_position(),
        context=context if isinstance(context, dict) else {},
    )
    sim.world.keep(message)
    return message


def seconds(timestamp: Any) -> int:
    """A webhook's timestamp; now, where it is not one: odd elements are sent too."""
    text = str(timestamp)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else int(time.time())


def file_element(
    sim: Simulation, number: Number, kind: str, content: bytes, mime_type: str, filename: str = "", **more: Any
) -> JSON:
    """The element of a message with a file, which Meta keeps for 7 days. Raises BadSettings."""
    if kind not in MEDIA_TYPES:
        raise BadSettings(f"A file is sent as one of {', '.join(MEDIA_TYPES)}.")
    media = files.keep(sim.world, number.id, content, mime_type, filename, days=7)
    return {"type": kind, kind: file_object(sim, media, kind) | more}


def file_object(sim: Simulation, media: Media, kind: str) -> JSON:
    """A file as webhooks describe it: its SHA-256 in base64, and an address that is good for 5 minutes."""
    told: JSON = {
        "id": media.id,
        "mime_type": media.mime_type,
        "sha256": base64.b64encode(media.sha256).decode(),
        "url": files.address(sim.world, media),
    }
    if kind == "audio":
        told["voice"] = "opus" in media.mime_type
    if kind == "sticker":
        told["animated"] = False
    if kind == "document" and media.filename:
        told["filename"] = media.filename
    return told


def set_marketing(sim: Simulation, customer: Customer, number: Number, *, is_stopped: bool, at: int = 0) -> None:
    """The customer stops or resumes marketing from the business behind a number."""
    business = sim.world.wabas[number.waba_id].business_id
    (customer.stopped_marketing.add if is_stopped else customer.stopped_marketing.discard)(business)
    what = "stop" if is_stopped else "resume"
    at = at or int(time.time())
    preference = {
        **({"wa_id": customer.shown_phone} if customer.shown_phone else {}),
        "user_id": sim.world.user_id(customer, number),
        "detail": f"User requested to {what} marketing messages",
        "category": "marketing_messages",
        "value": what,
        "timestamp": at,
    }
    announce_field(sim, customer, number, "user_preferences", [preference], at)
    sim.world.touch()


def change_number(sim: Simulation, customer: Customer, number: Number, phone: str, at: int = 0) -> None:
    """The customer takes a new phone number, and with it a new user id: a system message, and user_id_update."""
    at, old_phone = at or int(time.time()), customer.shown_phone
    previous = sim.world.user_id(customer, number)
    forget_names(sim, customer)
    customer.phone = phone or customer.phone
    sim.world.add_customer(customer)
    current = sim.world.user_id(customer, number)
    kind = "user_changed_number" if phone else "user_changed_user_id"
    system: JSON = {"type": kind, "body": f"User {customer.name} changed number", "user_id": current}
    if customer.shown_phone:
        system["wa_id"] = customer.shown_phone
    write(sim, customer, number, changed_element(old_phone, previous, system), at=at)
    update = {"detail": "User id updated", "user_id": {"previous": previous, "current": current}, "timestamp": str(at)}
    update |= {"wa_id": customer.shown_phone} if customer.shown_phone else {}
    announce_field(sim, customer, number, "user_id_update", [update], at)


def changed_element(old_phone: str, previous: str, system: JSON) -> JSON:
    named = {"from": old_phone} if old_phone else {}
    return {"type": "system", "system": system, **named, "from_user_id": previous}


def forget_names(sim: Simulation, customer: Customer) -> None:
    if sim.world.by_phone.get(customer.phone) == customer.id:
        del sim.world.by_phone[customer.phone]
    for user_id in customer.user_ids.values():
        sim.world.by_user_id.pop(user_id, None)
    customer.user_ids = {}


def announce_field(sim: Simulation, customer: Customer, number: Number, field: str, items: list[JSON], at: int) -> None:
    """A webhook of a field of its own, which has contacts as messages have."""
    value = bodies.about_number(number, contacts=[bodies.contact(sim.world, customer, number)], **{field: items})
    event = Event(number.waba_id, field, value, field, number.id, bodies.names_of(customer), at)
    sim.soon(INBOUND, lambda: sim.postroom.announce(event))
