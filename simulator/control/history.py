"""Past messages, as numbers that are used with the phone app too report them: `history` and `smb_message_echoes`.

    POST /_sim/history  {number_id, phase 0..2, chunk_order, progress 0..100,
                         threads: [{customer_id, messages: [{from_business, text or type and TYPE, at, status}]}]}
    POST /_sim/echoes   {number_id, customer_id, text or type and TYPE, at}

`at` is in seconds since 1970; `status` is DELIVERED, ERROR, PENDING, PLAYED, READ or SENT, for messages from the
business. The shapes are from Meta's page on onboarding users of the phone app (December 2025).
"""

from __future__ import annotations

import time
from typing import Any

from starlette.requests import Request

from .. import bodies, ids
from ..acts import seconds
from ..bodies import Event
from ..model import JSON, Customer, Message, Number
from ..settings import BadSettings
from ..simulation import Simulation
from .request import NotThere, number_in, text, whole

STATUSES = ("DELIVERED", "ERROR", "PENDING", "PLAYED", "READ", "SENT")
STEPS = {"SENT": ("sent",), "DELIVERED": ("sent", "delivered"), "READ": ("sent", "delivered", "read")}
OURS = ("from_business", "at", "status", "text", "type", "customer_id", "number_id")


async def history(sim: Simulation, given: JSON, _request: Request) -> Any:
    """One webhook with all these threads."""
    number = number_in(sim, given)
    threads = given.get("threads", [])
    if not isinstance(threads, list) or not all(isinstance(one, dict) for one in threads):
        raise BadSettings("threads must be a list of objects.")
    told = [thread(sim, number, one) for one in threads]
    progress = {name: whole(given, name, default) for name, default in PROGRESS.items()}
    value = bodies.about_number(number, history=[{"metadata": progress, "threads": told}])
    sim.postroom.announce(Event(number.waba_id, "history", value, "history", number.id, at=int(time.time())))
    return {"wamids": [[message["id"] for message in one["messages"]] for one in told]}


PROGRESS = {"phase": 0, "chunk_order": 1, "progress": 100}


def thread(sim: Simulation, number: Number, given: JSON) -> JSON:
    customer = customer_named(sim, given)
    rows = given.get("messages", [])
    if not isinstance(rows, list) or not all(isinstance(one, dict) for one in rows):
        raise BadSettings("messages must be a list of objects.")
    messages = [past(sim, number, customer, one) for one in rows]
    return {"id": customer.shown_phone or sim.world.user_id(customer, number), "messages": messages}


def past(sim: Simulation, number: Number, customer: Customer, given: JSON) -> JSON:
    status = text(given, "status", "READ")
    if status not in STATUSES:
        raise BadSettings(f"status must be one of {', '.join(STATUSES)}.")
    is_outgoing = bool(given.get("from_business", False))
    told = element(sim, number, customer, given, is_outgoing=is_outgoing)
    kept = keep(sim, number, customer, told, is_outgoing=is_outgoing)
    kept.is_history = True
    kept.steps = dict.fromkeys(STEPS.get(status, ()), kept.at) if is_outgoing else {}
    return told | {"history_context": {"status": status}}


async def echo(sim: Simulation, given: JSON, _request: Request) -> Any:
    """A message that the business wrote on its own phone."""
    number, customer = number_in(sim, given), customer_named(sim, given)
    told = element(sim, number, customer, given, is_outgoing=True)
    message = keep(sim, number, customer, told, is_outgoing=True)
    message.is_history = True
    message.steps = {"sent": message.at, "delivered": message.at}
    contacts = [bodies.contact(sim.world, customer, number)]
    value = bodies.about_number(number, contacts=contacts, message_echoes=[told])
    sim.postroom.announce(Event(number.waba_id, "smb_message_echoes", value, "echo", number.id, at=int(time.time())))
    return {"wamid": message.wamid}


def element(sim: Simulation, number: Number, customer: Customer, given: JSON, *, is_outgoing: bool) -> JSON:
    """A message as these two fields hold it: with `to` as well as `from`."""
    phone, user_id = customer.shown_phone, sim.world.user_id(customer, number)
    if is_outgoing:
        named: JSON = {"from": number.digits, **({"to": phone} if phone else {"to_user_id": user_id})}
    else:
        named = {"from": phone} if phone else {"from_user_id": user_id}
    content = {key: value for key, value in given.items() if key not in OURS}
    if "text" in given:
        content["text"] = {"body": given["text"]} if isinstance(given["text"], str) else given["text"]
    wamid = ids.wamid(phone, is_outgoing=is_outgoing)
    at = whole(given, "at") or int(time.time())
    return {**named, "id": wamid, "timestamp": str(at), "type": text(given, "type", "text"), **content}


def keep(sim: Simulation, number: Number, customer: Customer, told: JSON, *, is_outgoing: bool) -> Message:
    content: Any = told.get(told["type"], {})
    message = Message(
        wamid=told["id"],
        number_id=number.id,
        customer_id=customer.id,
        is_outgoing=is_outgoing,
        type=told["type"],
        content=content if isinstance(content, dict) else {"items": content},
        at=seconds(told["timestamp"]),
        position=sim.world.next_position(),
    )
    sim.world.keep(message)
    return message


def customer_named(sim: Simulation, given: JSON) -> Customer:
    found = sim.world.customers.get(text(given, "customer_id"))
    if found is None:
        raise NotThere("There is no such customer.")
    return found
