"""What the phone page shows, as one JSON that waits until it is news.

    GET /_sim/view?seen&number_id&customer_id&q&open=1

`seen` is the version of the last answer: the next comes when something changed, or after 20 seconds. With `open`, the
chat counts as open on a screen, so that someone whose `reads` is "open" reads what was delivered.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import asdict
from typing import Any

from starlette.requests import Request

from .. import people, receipts, taps
from ..model import JSON, Customer, Message, Number
from ..simulation import Simulation
from ..world import WINDOW_SECONDS
from .request import number_in, text

LONGEST = 20.0
# A chat stays open for so long between two questions of the page.
LOOK = 1.0
MOST_CUSTOMERS = 200
MOST_MESSAGES = 200
MOST_DELIVERIES = 40


async def view(sim: Simulation, given: JSON, request: Request) -> Any:
    # A number that a reset took away is no reason to show nothing.
    number = number_in(sim, given if given.get("number_id") in sim.world.numbers else {})
    customer = sim.world.customers.get(text(given, "customer_id"))
    deadline = time.monotonic() + LONGEST
    leaving = asyncio.ensure_future(left(request))
    try:
        while True:
            if customer and given.get("open"):
                sim.world.chat(customer.id, number.id).open_until = time.time() + 2 * LOOK
                receipts.opened(sim, customer, number.id)
            if str(sim.world.version) != given.get("seen") or time.monotonic() > deadline:
                return shown(sim, number, customer, text(given, "q").casefold())
            await news(sim, leaving)
            if leaving.done() or is_ending(request):
                if customer:
                    sim.world.chat(customer.id, number.id).open_until = 0
                return {}
    finally:
        leaving.cancel()


async def left(request: Request) -> None:
    """Returns when the page has hung up: it was closed or hidden, or looks at something else."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def news(sim: Simulation, leaving: asyncio.Future[None]) -> None:
    """Returns when something has changed or the page has left, or after a while."""
    touched = asyncio.ensure_future(sim.world.touched.wait())
    either: set[asyncio.Future[Any]] = {touched, leaving}
    await asyncio.wait(either, timeout=LOOK, return_when=asyncio.FIRST_COMPLETED)
    touched.cancel()


def is_ending(request: Request) -> bool:
    """Whether the server waits for us alone."""
    ask = request.scope.get("extensions", {}).get("simulator.is_ending")
    return bool(ask and ask())


def shown(sim: Simulation, number: Number, customer: Customer | None, asked: str) -> JSON:
    found = [
        one for one in sim.world.customers.values() if asked in f"{one.name} {one.phone} {one.username}".casefold()
    ]
    found.sort(key=lambda one: newest_position(sim, one, number), reverse=True)
    return {
        "version": str(sim.world.version),
        "number_id": number.id,
        "numbers": [named(one) for one in sim.world.numbers.values()],
        "customers": [row(sim, one, number) for one in found[:MOST_CUSTOMERS]],
        "more_customers": max(0, len(found) - MOST_CUSTOMERS),
        "chat": chat(sim, number, customer) if customer else None,
        "faults": [one.facts() for one in sim.faults.set],
        "pace": asdict(sim.world.pace),
        "webhooks": webhooks(sim),
    }


def named(number: Number) -> JSON:
    return {
        "id": number.id,
        "name": number.name,
        "display_number": number.display_number,
        "account_mode": number.account_mode,
        "allowed": sorted(number.allowed),
    }


def newest_position(sim: Simulation, customer: Customer, number: Number) -> int:
    chat = sim.world.chats.get((customer.id, number.id))
    newest = sim.world.messages.get(chat.wamids[-1]) if chat and chat.wamids else None
    return newest.position if newest else -1


def row(sim: Simulation, customer: Customer, number: Number) -> JSON:
    """A customer in the list, with the newest message of their chat with this number."""
    world = sim.world
    wamids = world.chats[customer.id, number.id].wamids if (customer.id, number.id) in world.chats else []
    messages = [world.messages[one] for one in wamids[-MOST_MESSAGES:] if one in world.messages]
    newest = messages[-1] if messages else None
    return {
        "id": customer.id,
        "name": customer.name,
        "phone": customer.shown_phone,
        "username": customer.username,
        "preview": preview(newest) if newest else "",
        "is_ours": bool(newest and newest.is_outgoing),
        "at": newest.at if newest else 0,
        "unread": sum(is_unread(one) for one in messages),
    }


def is_unread(message: Message) -> bool:
    return message.is_outgoing and "delivered" in message.steps and "read" not in message.steps


def preview(message: Message) -> str:
    content = message.content
    body = content.get("body") or content.get("caption") or content.get("title") or content.get("emoji")
    if isinstance(body, dict):
        body = body.get("text")
    return str(body)[:120] if body else message.type


def chat(sim: Simulation, number: Number, customer: Customer) -> JSON:
    found = sim.world.chat(customer.id, number.id)
    messages = [sim.world.messages[one] for one in found.wamids[-MOST_MESSAGES:] if one in sim.world.messages]
    business = sim.world.wabas[number.waba_id].business_id
    last = sim.world.last_inbound.get((customer.id, number.id), 0)
    return {
        "customer": people.facts(sim.world, customer) | {"user_id": sim.world.user_id(customer, number)},
        "has_stopped_marketing": business in customer.stopped_marketing,
        "is_blocked": customer.id in number.blocked,
        "window_until": last + WINDOW_SECONDS if last else 0,
        "typing_until": found.typing_until,
        "messages": [told(sim, one) for one in messages],
    }


def told(sim: Simulation, message: Message) -> JSON:
    """A message, what can be tapped on it, and what became of each of its webhooks."""
    words = [*message.steps, "message"]
    carried = {word: sim.courier.by_step.get((message.wamid, word)) for word in words}
    return {
        "wamid": message.wamid,
        "version": message.version,
        "is_ours": message.is_outgoing,
        "type": message.type,
        "content": message.content,
        "choices": taps.choices(message) if message.is_outgoing else [],
        "at": message.at,
        "reply_to": message.context.get("message_id") or message.context.get("id") or "",
        "steps": message.steps,
        "error": message.error,
        "is_read_by_business": message.is_read_by_business,
        "is_history": message.is_history,
        "webhooks": {word: {"state": one.state, "attempts": one.attempts} for word, one in carried.items() if one},
    }


def webhooks(sim: Simulation) -> JSON:
    newest = list(sim.courier.deliveries.values())[-MOST_DELIVERIES:]
    told = [
        {name: getattr(one, name) for name in ("id", "words", "state", "attempts", "status", "note", "at")}
        for one in reversed(newest)
    ]
    return {"waiting": sim.courier.waiting(), "recent": told}
