"""People: made, changed, and made to write."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from .. import acts, files, ids, samples, taps
from ..model import JSON, Customer, Message, Number
from ..settings import BadSettings
from ..simulation import Simulation
from ..world import as_digits
from .request import NotThere, customer_in, flag, number_in, text, whole

CONTROLS = ("number_id", "at", "reply_to", "element", "tap", "choice", "sample", "media_id", "caption", "filename")


async def listed(sim: Simulation, _given: JSON, _request: Request) -> Any:
    return {"customers": [facts(sim, one) for one in sim.world.customers.values()]}


async def made(sim: Simulation, given: JSON, _request: Request) -> Any:
    """With a phone, or with a username alone; a phone that is taken gives back who has it."""
    phone = as_digits(text(given, "phone"))
    present = sim.world.customer_at(phone) if phone else None
    customer = present or Customer(ids.digits(), name=text(given, "name"), phone=phone)
    if not phone and not given.get("username"):
        raise BadSettings("A customer has a phone, or a username, or both.")
    if phone and not 5 <= len(phone) <= 15:
        raise BadSettings("A phone number has 5 to 15 digits.")
    set_facts(sim, customer, given)
    if present is None:
        sim.world.add_customer(customer)
    for number in sim.world.numbers.values():
        sim.world.user_id(customer, number)
    return facts(sim, customer)


async def one(sim: Simulation, _given: JSON, request: Request) -> Any:
    return facts(sim, customer_in(sim, request))


async def changed(sim: Simulation, given: JSON, request: Request) -> Any:
    customer = customer_in(sim, request)
    set_facts(sim, customer, given)
    return facts(sim, customer)


def set_facts(sim: Simulation, customer: Customer, given: JSON) -> None:
    """Changes what is given, of what a person decides for themselves or the simulator for them."""
    known = {"phone", "number_id", "user_id", "name", "username", "receipts", "reads", "blocks", *FLAGS}
    if unknown := set(given) - known:
        raise BadSettings(f"A customer has no {', '.join(sorted(unknown))}; there are {', '.join(sorted(known))}.")
    customer.name, customer.username = text(given, "name", customer.name), text(given, "username", customer.username)
    for name in FLAGS:
        setattr(customer, name, flag(given, name, getattr(customer, name)))
    receipts, reads = given.get("receipts", customer.receipts), given.get("reads", customer.reads)
    if receipts not in ("auto", "manual", "silent") or reads not in ("open", "always", "never"):
        raise BadSettings("receipts is auto, manual or silent; reads is open, always or never.")
    customer.receipts, customer.reads = receipts, reads
    if "blocks" in given:
        number = number_in(sim, given)
        (customer.blocks.add if flag(given, "blocks", False) else customer.blocks.discard)(number.id)
    if given.get("user_id"):
        customer.user_ids[sim.world.wabas[number_in(sim, given).waba_id].business_id] = text(given, "user_id")
        sim.world.by_user_id[text(given, "user_id")] = customer.id
    sim.world.touch()


FLAGS = ("hides_phone", "empty_phone", "is_reachable", "is_capped")


def facts(sim: Simulation, customer: Customer) -> JSON:
    """A customer as told to tests. `user_ids` are by number."""
    return {
        "id": customer.id,
        "name": customer.name,
        "phone": customer.phone,
        "username": customer.username,
        "receipts": customer.receipts,
        "reads": customer.reads,
        "blocks": sorted(customer.blocks),
        **{name: getattr(customer, name) for name in FLAGS},
        "user_ids": {one.id: sim.world.user_id(customer, one) for one in sim.world.numbers.values()},
    }


async def writes(sim: Simulation, given: JSON, request: Request) -> Any:
    """A message of any kind; keys that are not ours are the message's own, as in a webhook."""
    customer, number = customer_in(sim, request), number_in(sim, given)
    element = element_of(sim, number, given)
    reply_to = text(given, "reply_to") or (text(given, "tap") if "tap" in given else "")
    message = acts.write(sim, customer, number, element, at=whole(given, "at"), context=reply_to)
    return {"wamid": message.wamid, "timestamp": message.at, "media_id": message.content.get("id", "")}


def element_of(sim: Simulation, number: Number, given: JSON) -> JSON:
    if isinstance(given.get("element"), dict):
        found: JSON = given["element"]
        return found
    if "tap" in given:
        return taps.element(tapped(sim, given), text(given, "choice"))
    kind = text(given, "type", "text")
    if "sample" in given or "media_id" in given:
        caption: JSON = {"caption": text(given, "caption")} if given.get("caption") else {}
        return acts.file_element(sim, number, kind, *file_of(sim, given), **caption)
    return {"type": kind, **{key: value for key, value in given.items() if key not in CONTROLS}}


def tapped(sim: Simulation, given: JSON) -> Message:
    message = sim.world.messages.get(text(given, "tap"))
    if message is None or not message.is_outgoing:
        raise NotThere("There is no message from a business with this wamid.")
    return message


def file_of(sim: Simulation, given: JSON) -> tuple[bytes, str, str]:
    """An uploaded file, or a sample of ours: bytes, type and name."""
    if given.get("sample"):
        return samples.sample(text(given, "sample"))
    media = files.find(sim.world, text(given, "media_id"))
    if media is None:
        raise NotThere("There is no such file.")
    return media.content, media.mime_type, text(given, "filename", media.filename)


async def sets_marketing(sim: Simulation, given: JSON, request: Request) -> Any:
    customer, number = customer_in(sim, request), number_in(sim, given)
    acts.set_marketing(sim, customer, number, is_stopped=flag(given, "stopped", True), at=whole(given, "at"))
    return {"success": True}


async def changes_number(sim: Simulation, given: JSON, request: Request) -> Any:
    """A new phone number, and with it a new user id; without a phone, a new user id alone."""
    customer, number = customer_in(sim, request), number_in(sim, given)
    acts.change_number(sim, customer, number, as_digits(text(given, "phone")), whole(given, "at"))
    return facts(sim, customer)
