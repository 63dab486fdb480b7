"""What becomes of an accepted message: sent, delivered, read, played or failed, by itself or when someone says so."""

from __future__ import annotations

import time

from . import bodies
from .model import JSON, Customer, Message
from .refusals import webhook_error
from .simulation import DELIVERED, READ, SENT, Simulation

WORDS = ("sent", "delivered", "read", "played", "failed")


def accepted(sim: Simulation, message: Message, failing: JSON | None = None) -> None:
    """Plans a message's receipts. `failing` is the error it is going to fail with, if it is."""
    customer = sim.world.customers.get(message.customer_id)
    message.error = failing or reason_to_fail(sim, customer, message)
    if message.error:
        sim.soon(SENT, lambda: report(sim, message, "failed"))
    elif customer and customer.receipts != "silent":
        sim.soon(SENT, lambda: after_sent(sim, message, customer))


def reason_to_fail(sim: Simulation, customer: Customer | None, message: Message) -> JSON:
    """Why it will not get through, or {}. Meta accepts such messages and reports the failure by webhook."""
    if customer is None or not customer.is_reachable:
        return webhook_error(131026, "Message undeliverable.")
    if message.category == "marketing":
        business = sim.world.wabas[sim.world.numbers[message.number_id].waba_id].business_id
        if business in customer.stopped_marketing:
            return webhook_error(131050, "Unable to deliver the message. This recipient has chosen to stop marketing.")
        if customer.is_capped:
            return webhook_error(131049, "In order to maintain a healthy ecosystem engagement, it was not delivered.")
    return {}


def after_sent(sim: Simulation, message: Message, customer: Customer) -> None:
    report(sim, message, "sent")
    # Someone who blocked the business is told nothing, and neither is the business.
    if customer.receipts == "auto" and message.number_id not in customer.blocks:
        sim.soon(DELIVERED, lambda: deliver(sim, message, customer))


def deliver(sim: Simulation, message: Message, customer: Customer) -> None:
    if customer.receipts != "auto" or "delivered" in message.steps:
        return
    report(sim, message, "delivered")
    if customer.reads == "always" or (customer.reads == "open" and is_looking(sim, message)):
        sim.soon(READ, lambda: once(sim, message, "read"))


def is_looking(sim: Simulation, message: Message) -> bool:
    """Whether the message's chat is open on a phone page."""
    return sim.world.chat(message.customer_id, message.number_id).open_until > time.time()


def opened(sim: Simulation, customer: Customer, number_id: str) -> None:
    """The chat is open on a phone page: what was delivered is read now."""
    if customer.receipts != "auto" or customer.reads == "never":
        return
    for message in outgoing(sim, customer.id, number_id):
        if "delivered" in message.steps and "read" not in message.steps:
            once(sim, message, "read")


def outgoing(sim: Simulation, customer_id: str, number_id: str) -> list[Message]:
    wamids = sim.world.chat(customer_id, number_id).wamids
    found = [sim.world.messages[one] for one in wamids if one in sim.world.messages]
    return [one for one in found if one.is_outgoing and not one.is_history]


def once(sim: Simulation, message: Message, word: str) -> None:
    if word not in message.steps:
        report(sim, message, word)


def report(sim: Simulation, message: Message, word: str, at: int = 0, error: JSON | None = None) -> None:
    """Notes one step of a message and tells the business of it, as often as it is called."""
    at = at or int(time.time())
    if error:
        message.error = error
    if message.number_id not in sim.world.numbers:
        return
    sim.postroom.announce(bodies.status(sim.world, message, word, at))
    message.steps.setdefault(word, at)
    sim.world.changed(message)
