"""Faults: set, listed and cleared."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from ..faults import Fault
from ..model import JSON
from ..simulation import Simulation


async def listed(sim: Simulation, _given: JSON, _request: Request) -> Any:
    return {"faults": [one.facts() for one in sim.faults.set]}


async def added(sim: Simulation, given: JSON, _request: Request) -> Any:
    """Sets a fault; `faults.Fault` says what it can be."""
    fault = sim.faults.add(Fault.read(given))
    sim.world.touch()
    return fault.facts()


async def cleared(sim: Simulation, _given: JSON, request: Request) -> Any:
    """Clears one, or all."""
    sim.faults.clear(request.path_params.get("fault_id", ""))
    sim.world.touch()
    return {"success": True}
