"""The bodies of webhooks, in the shapes of Meta's webhook reference and its page on business-scoped user ids (2026)."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from .model import JSON, Customer, Message, Number
from .refusals import webhook_error
from .world import WINDOW_SECONDS, World


@dataclass(slots=True)
class Event:
    """One change of a webhook. `word` says what it tells, `names` whom it is about."""

    waba_id: str
    field: str
    value: JSON
    word: str
    number_id: str = ""
    names: set[str] = dataclasses.field(default_factory=set)
    at: int = 0  # for the fields whose entry carries a time
    wamid: str = ""  # of the message, or of the one a receipt is for

    def entry(self) -> JSON:
        time = {"time": self.at} if self.at else {}
        return {"id": self.waba_id, **time, "changes": [self.change()]}

    def change(self) -> JSON:
        return {"field": self.field, "value": self.value}


def names_of(customer: Customer | None) -> set[str]:
    """Everything a fault may call a person by."""
    return {customer.id, customer.phone, *customer.user_ids.values()} - {""} if customer else set()


def about_number(number: Number, **members: Any) -> JSON:
    metadata = {"display_phone_number": number.digits, "phone_number_id": number.id}
    return {"messaging_product": "whatsapp", "metadata": metadata, **members}


def phone_field(customer: Customer, key: str) -> JSON:
    """A phone number that is hidden is left out; for a time it was written as an empty string."""
    if customer.shown_phone:
        return {key: customer.shown_phone}
    return {key: ""} if customer.empty_phone else {}


def contact(world: World, customer: Customer, number: Number, *, with_username: bool = True) -> JSON:
    profile = {"name": customer.name} if customer.name else {}
    if customer.username and with_username:
        profile["username"] = customer.username
    user_id = {"user_id": world.user_id(customer, number)}
    return {"profile": profile, **phone_field(customer, "wa_id"), **user_id}


def inbound(world: World, customer: Customer, number: Number, element: JSON) -> Event:
    """A message, as an element of `messages`, from a customer to a number. System messages have no contacts."""
    has_contacts = element.get("type") != "system"
    contacts = {"contacts": [contact(world, customer, number)]} if has_contacts else {}
    value = about_number(number, **contacts, messages=[element])
    wamid = str(element.get("id", ""))
    return Event(number.waba_id, "messages", value, "message", number.id, names_of(customer), wamid=wamid)


def sender(world: World, customer: Customer, number: Number) -> JSON:
    return {**phone_field(customer, "from"), "from_user_id": world.user_id(customer, number)}


def status(world: World, message: Message, word: str, at: int) -> Event:
    """A receipt. A failed one has no contacts, and names the user id only when it was sent to one."""
    number = world.numbers[message.number_id]
    customer = world.customers.get(message.customer_id)
    has_failed = word == "failed"
    told: JSON = {"id": message.wamid, "status": word, "timestamp": str(at), **recipient(world, message, has_failed)}
    if message.callback_data:
        told["biz_opaque_callback_data"] = message.callback_data
    if has_failed:
        told["errors"] = [message.error or webhook_error(131026)]
    else:
        told |= conversation(world, message, word) | pricing(message, word)
    contacts: JSON = {}
    if customer and not has_failed:
        # Usernames come with delivered and read, not with sent.
        contacts = {"contacts": [contact(world, customer, number, with_username=word != "sent")]}
    value = about_number(number, **contacts, statuses=[told])
    return Event(number.waba_id, "messages", value, word, number.id, names_of(customer), wamid=message.wamid)


def recipient(world: World, message: Message, has_failed: bool) -> JSON:
    customer = world.customers.get(message.customer_id)
    if customer is None:
        return {"recipient_id": "".join(filter(str.isdigit, str(message.posted.get("to", ""))))}
    user_id = world.user_id(customer, world.numbers[message.number_id])
    told = phone_field(customer, "recipient_id") if not message.by_user_id or customer.shown_phone else {}
    if message.by_user_id or not has_failed or not told:
        told["recipient_user_id"] = user_id
    return told


def pricing(message: Message, word: str) -> JSON:
    """Comes with sent, and with the first of delivered and read."""
    if word not in ("sent", "delivered") and not (word == "read" and "delivered" not in message.steps):
        return {}
    is_free = message.category == "service"
    return {
        "pricing": {
            "billable": not is_free,
            "pricing_model": "PMP",
            "type": "free_customer_service" if is_free else "regular",
            "category": message.category,
        }
    }


def conversation(world: World, message: Message, word: str) -> JSON:
    """Left out of webhooks of v24.0 and later."""
    waba = world.wabas[world.numbers[message.number_id].waba_id]
    versions = [world.apps[app_id].webhook_version for app_id in waba.subscribed if app_id in world.apps]
    if not versions or float(versions[0].removeprefix("v")) >= 24:
        return {}
    told: JSON = {"id": f"{message.position:032x}", "origin": {"type": message.category}}
    if word == "sent":
        told["expiration_timestamp"] = str(message.at + WINDOW_SECONDS)
    return {"conversation": told}
