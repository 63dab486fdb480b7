"""What Meta knows of one message, for who lost its webhooks: steps, and whether each webhook was taken."""

from __future__ import annotations

from typing import Any

from ..model import JSON, Message
from .call import MESSAGING, GraphCall
from .paging import paged
from .router import handles

WORDS = {"sent": "SENT", "delivered": "DELIVERED", "read": "READ", "failed": "FAILED"}
STATES = {"waiting": "PENDING", "retrying": "RETRYING", "delivered": "DELIVERED"}


@handles("GET", "number", "message_history")
async def history(call: GraphCall, number_id: str) -> Any:
    """By `message_id`; empty for a message of another number or one that is forgotten."""
    call.needs(MESSAGING)
    number = call.number(number_id)
    message = call.sim.world.messages.get(call.text("message_id"))
    if message is None or not message.is_outgoing or message.number_id != number.id:
        return {"data": []}
    found = {"id": f"{message.position + 1:016d}", "message_id": message.wamid}
    return paged(call, [found | {"events": {"data": [event(call, message, word) for word in steps(message)]}}])


def steps(message: Message) -> list[str]:
    return [word for word in WORDS if word in message.steps]


def event(call: GraphCall, message: Message, word: str) -> JSON:
    number = call.sim.world.numbers[message.number_id]
    app = call.sim.world.apps.get(call.app_id)
    told: JSON = {
        "id": f"{message.position + 1:015d}{list(WORDS).index(word)}",
        "delivery_status": WORDS[word],
        "webhook_update_state": state(call, message, word),
        "timestamp": message.steps[word],
        "application": {"id": call.app_id},
    }
    if app and (number.callback_url or app.callback_url):
        told["webhook_uri"] = number.callback_url or app.callback_url
    if word == "failed":
        told["error_description"] = message.error.get("title", "")
    return told


def state(call: GraphCall, message: Message, word: str) -> str:
    """What became of the webhook that told this step."""
    delivery = call.sim.courier.by_step.get((message.wamid, word))
    return STATES.get(delivery.state, "FAILED") if delivery else "FAILED"
