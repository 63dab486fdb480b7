"""Templates without a review: made as they shall be, or given another status."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from .. import templates
from ..graph.templates import facts
from ..model import JSON, Template
from ..simulation import Simulation
from .request import number_in, text


async def put(sim: Simulation, given: JSON, _request: Request) -> Any:
    """Makes {name, language, category, components, status, parameter_format}. One that is there gets the new
    `status` (with `reason` and `advice`) or `quality`, which is told by webhook."""
    waba_id, name = number_in(sim, given).waba_id, text(given, "name")
    language = text(given, "language", "en_US")
    found = templates.find(sim, waba_id, name, language)
    if found:
        if "quality" in given:
            templates.set_quality(sim, found, text(given, "quality"))
        if "status" in given or "quality" not in given:
            status, advice = text(given, "status", found.status), text(given, "advice", "")
            templates.set_status(sim, found, status, text(given, "reason", "NONE"), advice)
        return facts(found)
    made = Template(
        id="",
        waba_id=waba_id,
        name=name,
        language=language,
        category=text(given, "category", "UTILITY"),
        components=given.get("components", []),
        status=text(given, "status", "APPROVED"),
        parameter_format=text(given, "parameter_format", "POSITIONAL"),
    )
    templates.add(sim, made)
    return facts(made)
