"""POST /{phone number}/messages: checks in Graph's order, then acceptance, which promises nothing yet."""

from __future__ import annotations

import asyncio
import re
import time
from typing import Any

from starlette.responses import JSONResponse, Response

from .. import bodies, ids, receipts
from ..ids import trace_id
from ..model import JSON, Customer, Message, Number
from ..refusals import Refusal, webhook_error
from ..simulation import ANSWER
from ..world import as_digits
from . import content
from .call import MESSAGING, GraphCall
from .router import handles
from .trouble import troubled

USER_ID = re.compile(r"[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}")
PHONE = re.compile(r"\+?[0-9 ()-]{5,24}")
MOST_CALLBACK_DATA = 512
TYPING_SECONDS = 25
REACTION_DAYS = 30


@handles("POST", "number", "messages")
async def send(call: GraphCall, number_id: str) -> Any:
    call.needs(MESSAGING)
    number = call.number(number_id)
    given = call.parameters
    if given.get("messaging_product") != "whatsapp":
        raise Refusal(100, message="(#100) The parameter messaging_product is required.")
    if "status" in given:
        return mark_read(call, number)
    customer, recipient = addressed(call, number)
    category = content.check(call, number, given)
    check_envelope(given)
    await asyncio.sleep(call.sim.takes(ANSWER))
    faults = call.sim.faults.of_call("send", {*bodies.names_of(customer), recipient}, number.id)
    call.notes["fault"] = ", ".join(one.kind for one in faults)
    check_permission(call, number, customer, recipient, category)
    failing = next((one for one in faults if one.kind == "fail"), None)
    error = webhook_error(failing.code, failing.details) if failing else {}

    async def accept() -> Response:
        message = accepted(call, number, customer, category, error)
        call.notes["wamid"] = message.wamid
        return JSONResponse(told(call, number, customer, message), headers={"x-fb-trace-id": trace_id()})

    return await troubled(call.sim, faults, accept)


def addressed(call: GraphCall, number: Number) -> tuple[Customer | None, str]:
    """Who it is for, if we know them, and how they were named. With both names, the phone counts."""
    given, world = call.parameters, call.sim.world
    if given.get("recipient_type", "individual") not in ("individual", "group"):
        raise Refusal(100, message="(#100) Param recipient_type must be one of {INDIVIDUAL, GROUP}.")
    if given.get("recipient_type") == "group":
        raise Refusal(131051, "Groups are not simulated.")
    to, recipient = given.get("to"), given.get("recipient")
    if isinstance(to, int) and not isinstance(to, bool):
        to = str(to)
    if to not in (None, ""):
        if not isinstance(to, str) or not (PHONE.fullmatch(to) or USER_ID.fullmatch(to)):
            raise Refusal(131009, "Param 'to' is not a phone number.")
        # A user id in `to` is dropped without a word: it is accepted, and nobody ever gets it.
        return (None, to) if USER_ID.fullmatch(to) else (world.customer_at(as_digits(to)), as_digits(to))
    if recipient in (None, ""):
        raise Refusal(100, message="(#100) The parameter to is required.")
    if not isinstance(recipient, str) or not USER_ID.fullmatch(recipient):
        raise Refusal(131009, "Param 'recipient' is not a business-scoped user id.")
    return world.customer_known_as(recipient, number), recipient


def check_envelope(given: JSON) -> None:
    context = given.get("context")
    if context is not None and (not isinstance(context, dict) or not isinstance(context.get("message_id"), str)):
        raise Refusal(100, message="(#100) The parameter context['message_id'] is required.")
    if context is not None and given.get("type") == "reaction":
        raise Refusal(131009, "A reaction cannot answer a message with context.")
    data = given.get("biz_opaque_callback_data", "")
    if not isinstance(data, str) or len(data) > MOST_CALLBACK_DATA:
        raise Refusal(100, message="(#100) Param biz_opaque_callback_data must be at most 512 characters long.")


def check_permission(call: GraphCall, number: Number, customer: Customer | None, recipient: str, category: str) -> None:
    """Whether this number may write to this person now. Raises Refusal."""
    if number.status != "CONNECTED":
        raise Refusal(133010, f"The phone number is {number.status}.")
    if recipient == number.digits:
        raise Refusal(131021, "The recipient phone number is the sender's own.")
    phone = customer.phone if customer else recipient
    if number.account_mode == "SANDBOX" and phone not in number.allowed:
        raise Refusal(131030, "Recipient phone number not in allowed list: add it to the list and try again.")
    call.sim.limits.sending(number.id, customer.id if customer else recipient)
    if call.sim.world.pace.window == "answer" and is_too_late(call, number, customer, category):
        raise Refusal(131047, LATE)


LATE = "Message failed to send because more than 24 hours have passed since the customer last replied to this number."


def is_too_late(call: GraphCall, number: Number, customer: Customer | None, category: str) -> bool:
    return category == "service" and not (customer and call.sim.world.window_is_open(customer, number))


def accepted(call: GraphCall, number: Number, customer: Customer | None, category: str, error: JSON) -> Message:
    given, sim = call.parameters, call.sim
    by_user_id = given.get("to") in (None, "")
    phone = as_digits(str(given.get("to", ""))) if not by_user_id else ""
    dropped = not by_user_id and bool(USER_ID.fullmatch(str(given["to"])))
    message = Message(
        wamid=ids.wamid("" if dropped else phone or (customer.shown_phone if customer else ""), is_outgoing=True),
        number_id=number.id,
        customer_id=customer.id if customer else "",
        is_outgoing=True,
        type=str(given["type"]),
        content=content.shown(call, number, given),
        at=int(time.time()),
        position=sim.world.next_position(),
        context=dict(given.get("context") or {}),
        posted=given,
        by_user_id=by_user_id,
        category=category,
    )
    sim.world.keep(message)
    if customer:
        sim.world.chat(customer.id, number.id).typing_until = 0
    if not dropped:
        receipts.accepted(sim, message, error or late_failure(call, number, customer, message))
    return message


def late_failure(call: GraphCall, number: Number, customer: Customer | None, message: Message) -> JSON:
    """What only shows after acceptance: a closed window, when told so, and a reaction to nothing."""
    if call.sim.world.pace.window == "receipt" and is_too_late(call, number, customer, message.category):
        return webhook_error(131047, LATE)
    if message.type == "reaction":
        target = call.sim.world.messages.get(str(message.content.get("message_id")))
        if target is None or target.type == "reaction" or target.at < time.time() - REACTION_DAYS * 86400:
            return webhook_error(131009, "The message reacted to cannot be found.")
    return {}


def told(call: GraphCall, number: Number, customer: Customer | None, message: Message) -> JSON:
    given = call.parameters
    named = given["recipient"] if message.by_user_id else str(given["to"])
    contact: JSON = {"input": named}
    if not message.by_user_id:
        contact["wa_id"] = customer.phone if customer else as_digits(named)
    if message.by_user_id or (given.get("recipient") and customer):
        contact["user_id"] = call.sim.world.user_id(customer, number) if customer else named
    kept: JSON = {"id": message.wamid}
    if message.type == "template":
        kept["message_status"] = "accepted"
    return {"messaging_product": "whatsapp", "contacts": [contact], "messages": [kept]}


def mark_read(call: GraphCall, number: Number) -> JSON:
    """Marks a customer's message, and all before it, as read; with a typing indicator, shows that for 25 s."""
    given, world = call.parameters, call.sim.world
    if given["status"] != "read":
        raise Refusal(100, message="(#100) Param status must be one of {READ}.")
    message = world.messages.get(call.text("message_id"))
    if message is None or message.is_outgoing or message.number_id != number.id:
        raise Refusal(131009, "The message id is not that of a message received by this number.")
    typing = given.get("typing_indicator")
    if typing is not None and (not isinstance(typing, dict) or typing.get("type") != "text"):
        raise Refusal(100, message="(#100) Param typing_indicator['type'] must be one of {TEXT}.")
    chat = world.chat(message.customer_id, number.id)
    for wamid in chat.wamids:
        earlier = world.messages.get(wamid)
        if earlier and not earlier.is_outgoing and earlier.position <= message.position:
            earlier.is_read_by_business = True
            world.changed(earlier)
    if typing:
        chat.typing_until = time.time() + TYPING_SECONDS
        world.touch()
    return {"success": True}
