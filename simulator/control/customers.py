"""People: made, changed, and made to write."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from .. import acts, files, people, samples, taps
from ..model import JSON, Message, Number
from ..simulation import Simulation
from ..world import as_digits
from .request import NotThere, customer_in, flag, number_in, text, whole

CONTROLS = ("number_id", "at", "reply_to", "element", "tap", "choice", "sample", "media_id", "caption", "filename")


async def listed(sim: Simulation, _given: JSON, _request: Request) -> Any:
    return {"customers": [people.facts(sim.world, one) for one in sim.world.customers.values()]}


async def made(sim: Simulation, given: JSON, _request: Request) -> Any:
    """With a phone, or with a username alone; a phone that is taken gives back who has it."""
    return people.facts(sim.world, people.make(sim.world, given))


async def one(sim: Simulation, _given: JSON, request: Request) -> Any:
    return people.facts(sim.world, customer_in(sim, request))


async def changed(sim: Simulation, given: JSON, request: Request) -> Any:
    customer = customer_in(sim, request)
    people.change(sim.world, customer, given)
    return people.facts(sim.world, customer)


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
    return people.facts(sim.world, customer)
