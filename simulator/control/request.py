"""What the control API asks of a request, and its one way of saying that something is wrong."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ..model import JSON, Customer, Message, Number
from ..people import flag, text
from ..settings import BadSettings
from ..simulation import Simulation

__all__ = ["NotThere", "customer_in", "endpoint", "flag", "message_in", "number_in", "text", "whole"]

Handler = Callable[[Simulation, JSON, Request], Awaitable[Any]]


class NotThere(Exception):  # noqa: N818
    """The message says what is not there; answered with 404."""


def endpoint(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    """A handler of JSON as a Starlette endpoint. A mistake is answered {"error": a sentence} with 400 or 404."""

    async def answer(request: Request) -> Response:
        try:
            given = await body_of(request)
            found = await handler(request.app.state.sim, given, request)
        except NotThere as problem:
            return JSONResponse({"error": str(problem)}, 404)
        except BadSettings as problem:
            return JSONResponse({"error": str(problem)}, 400)
        return found if isinstance(found, Response) else JSONResponse(found)

    return answer


async def body_of(request: Request) -> JSON:
    """The JSON body, or the query where there is none.

    Bodies must say that they are JSON: a page of another site can post to us, but not with this type.
    """
    if request.method in ("GET", "DELETE") or is_file(request):
        return dict(request.query_params)
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise BadSettings("Post JSON, with Content-Type: application/json.")
    try:
        given = json.loads(await request.body() or b"{}")
    except (ValueError, RecursionError) as problem:
        raise BadSettings(f"The body is not JSON: {problem}.") from problem
    if not isinstance(given, dict):
        raise BadSettings("The body must be a JSON object.")
    return given


def is_file(request: Request) -> bool:
    return request.url.path.endswith("/media")


def number_in(sim: Simulation, given: JSON) -> Number:
    """The number named by `number_id`; the first one there is, where none is named."""
    number_id = given.get("number_id") or next(iter(sim.world.numbers), "")
    if number_id not in sim.world.numbers:
        raise NotThere(f"There is no number {number_id}.")
    return sim.world.numbers[number_id]


def customer_in(sim: Simulation, request: Request) -> Customer:
    customer = sim.world.customers.get(request.path_params["customer_id"])
    if customer is None:
        raise NotThere("There is no such customer.")
    return customer


def message_in(sim: Simulation, given: JSON) -> Message:
    message = sim.world.messages.get(str(given.get("wamid", "")))
    if message is None:
        raise NotThere("There is no message with this wamid.")
    return message


def whole(given: JSON, key: str, default: int = 0) -> int:
    """A whole number, for times and codes."""
    value = given.get(key, default)
    text = str(value)
    if isinstance(value, bool) or not text.lstrip("-").isascii() or not text.lstrip("-").isdigit() or len(text) > 18:
        raise BadSettings(f"{key} must be a whole number.")
    return int(text)
