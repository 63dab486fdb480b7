"""Webhooks by hand: any body signed and posted, what became of each, and the handshake."""

from __future__ import annotations

import base64
from typing import Any

from starlette.requests import Request

from ..courier import encoded
from ..handshake import shake_hands
from ..model import JSON, App
from ..settings import BadSettings
from ..simulation import Simulation
from .request import NotThere, number_in, text

MOST_TOLD = 1000


async def deliveries(sim: Simulation, _given: JSON, _request: Request) -> Any:
    """The newest thousand, oldest first."""
    found = list(sim.courier.deliveries.values())[-MOST_TOLD:]
    return {"waiting": sim.courier.waiting(), "deliveries": [one.facts() for one in found]}


async def try_now(sim: Simulation, _given: JSON, _request: Request) -> Any:
    """Tries everything that is waiting for its next try at once."""
    sim.courier.try_now()
    return {"waiting": sim.courier.waiting()}


async def post(sim: Simulation, given: JSON, _request: Request) -> Any:
    """Signs and posts bytes in `raw_base64`, or `body` (an object), or one `field` with its `value`."""
    app = app_in(sim, given)
    if "raw_base64" in given:
        body = bytes_in(given)
    elif isinstance(given.get("body"), dict):
        body = encoded(given["body"])
    elif isinstance(given.get("value"), dict):
        change = {"field": text(given, "field", "messages"), "value": given["value"]}
        entry = {"id": number_in(sim, given).waba_id, "changes": [change]}
        body = encoded({"object": "whatsapp_business_account", "entry": [entry]})
    else:
        raise BadSettings("Give raw_base64, body (an object), or field and value.")
    delivery = sim.courier.post(app, app.callback_url, body, ["by hand"])
    return {"delivery_id": delivery.id, "state": delivery.state}


def bytes_in(given: JSON) -> bytes:
    try:
        return base64.b64decode(text(given, "raw_base64"), validate=True)
    except ValueError as problem:
        raise BadSettings("raw_base64 is not base64.") from problem


async def handshake(sim: Simulation, given: JSON, _request: Request) -> Any:
    """Asks the callback as Meta does when it is set; `callback_url` and `verify_token` can be others."""
    app = app_in(sim, given)
    url = text(given, "callback_url", app.callback_url)
    problem = await shake_hands(sim.courier.client, url, text(given, "verify_token", app.verify_token))
    return {"success": not problem, "problem": problem}


async def set_callback(sim: Simulation, given: JSON, _request: Request) -> Any:
    """Sets an app's callback without a handshake."""
    app = app_in(sim, given)
    app.callback_url = text(given, "callback_url", app.callback_url)
    app.verify_token = text(given, "verify_token", app.verify_token)
    return {"success": True}


def app_in(sim: Simulation, given: JSON) -> App:
    """The app named by `app_id`, or the one that the number's account is subscribed to."""
    if given.get("app_id"):
        app_id = text(given, "app_id")
    else:
        app_id = next(iter(sim.world.wabas[number_in(sim, given).waba_id].subscribed), "")
    if app_id not in sim.world.apps:
        raise NotThere("There is no such app, or the account has none subscribed.")
    return sim.world.apps[app_id]
