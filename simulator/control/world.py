"""The world as a whole: what there is, how fast it goes, and beginning anew."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import Any

from starlette.requests import Request

from ..model import JSON, Number
from ..settings import NumberSpec
from ..simulation import Simulation


async def state(sim: Simulation, _given: JSON, _request: Request) -> Any:
    return {
        **sim.world.facts(),
        "pace": asdict(sim.world.pace),
        "numbers": [number_facts(sim, one) for one in sim.world.numbers.values()],
        "faults": [one.facts() for one in sim.faults.set],
        "webhooks_waiting": sim.courier.waiting(),
        "open_chats": sum(one.open_until > time.time() for one in sim.world.chats.values()),
    }


async def reset(sim: Simulation, _given: JSON, _request: Request) -> Any:
    sim.reset()
    return {"success": True}


async def pace(sim: Simulation, given: JSON, _request: Request) -> Any:
    sim.world.pace.change(given)
    return asdict(sim.world.pace)


async def add_number(sim: Simulation, given: JSON, _request: Request) -> Any:
    """A number with its app, business account and token; see `settings.NumberSpec` for the keys."""
    return number_facts(sim, sim.world.install(NumberSpec.read(given)))


def number_facts(sim: Simulation, number: Number) -> JSON:
    """All that a client of the API needs to be given for this number, secrets included: they are nobody's."""
    waba = sim.world.wabas[number.waba_id]
    token = next((one for one in sim.world.tokens.values() if waba.id in one.waba_ids), None)
    app = sim.world.apps[token.app_id] if token else None
    return {
        "id": number.id,
        "display_number": number.display_number,
        "name": number.name,
        "account_mode": number.account_mode,
        "allowed": sorted(number.allowed),
        "waba_id": waba.id,
        "business_id": waba.business_id,
        "access_token": token.value if token else "",
        "app_id": app.id if app else "",
        "app_secret": app.secret if app else "",
        "verify_token": app.verify_token if app else "",
        "callback_url": app.callback_url if app else "",
        "is_subscribed": bool(app and app.id in waba.subscribed),
    }
