"""What businesses sent, and what became of it."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from .. import receipts
from ..model import JSON, Message
from ..refusals import webhook_error
from ..settings import BadSettings
from ..simulation import Simulation
from .request import message_in, text, whole


async def sent(sim: Simulation, given: JSON, _request: Request) -> Any:
    """Messages accepted from businesses, oldest first: number_id, customer_id and callback_data narrow them."""
    wanted = {key: given[key] for key in ("number_id", "customer_id", "callback_data") if given.get(key)}
    found = [one for one in sim.world.messages.values() if one.is_outgoing and not one.is_history]
    chosen = [one for one in found if all(getattr(one, key) == value for key, value in wanted.items())]
    return {"count": len(chosen), "messages": [facts(one) for one in chosen]}


def facts(message: Message) -> JSON:
    return {
        "wamid": message.wamid,
        "number_id": message.number_id,
        "customer_id": message.customer_id,
        "type": message.type,
        "text": message.content.get("body", "") if message.type in ("text", "template") else "",
        "posted": message.posted,
        "at": message.at,
        "steps": message.steps,
        "error": message.error,
    }


async def received(sim: Simulation, given: JSON, _request: Request) -> Any:
    """What a customer wrote, oldest first, and whether the business marked it as read."""
    found = [one for one in sim.world.messages.values() if not one.is_outgoing]
    chosen = [one for one in found if given.get("customer_id") in (None, "", one.customer_id)]
    told = [facts(one) | {"is_read_by_business": one.is_read_by_business} for one in chosen]
    return {"count": len(told), "messages": told}


async def calls(sim: Simulation, _given: JSON, _request: Request) -> Any:
    """Every call to Graph, answered or not. A status of 0 means that the connection was closed instead."""
    fields = ("at", "method", "path", "status", "code", "fault", "wamid", "body")
    told = [{name: getattr(one, name) for name in fields} for one in sim.world.calls]
    return {"count": sim.world.counts["calls"], "calls": told}


async def receipt(sim: Simulation, given: JSON, _request: Request) -> Any:
    """Says that a message was sent, delivered, read or played, or failed with `code`; as often as asked."""
    message, word = message_in(sim, given), text(given, "status")
    if not message.is_outgoing or word not in receipts.WORDS:
        raise BadSettings(f"status is one of {', '.join(receipts.WORDS)}, of a message from a business.")
    error = webhook_error(whole(given, "code", 131026), text(given, "details")) if word == "failed" else None
    receipts.report(sim, message, word, at=whole(given, "at"), error=error)
    return facts(message)
