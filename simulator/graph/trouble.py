"""Faults at work on a call: the answers that Graph should not give, and those it never gives."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from ..faults import Fault
from ..refusals import Refusal
from ..simulation import Simulation

HTML = """<!DOCTYPE html>
<html lang="en"><head><title>Error</title></head>
<body><h1>Sorry, something went wrong.</h1><p>We're working on it and we'll get it fixed as soon as we can.</p></body>
</html>
"""


class Misanswered(Exception):  # noqa: N818 - an answer, though a bad one
    """Ends a call with an answer of a fault's making."""

    def __init__(self, response: Response) -> None:
        super().__init__("a fault answered")
        self.response = response


class NoAnswer(Response):
    """Closes the connection instead of answering. Its status, 0, is for the record only."""

    def __init__(self) -> None:
        super().__init__()
        self.status_code = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        hang_up = scope.get("extensions", {}).get("simulator.hang_up")
        if hang_up is None:
            raise RuntimeError("Only our own server can hang up: run it with `python -m simulator`.")
        hang_up()
        while (await receive())["type"] != "http.disconnect":
            pass


async def troubled(sim: Simulation, faults: list[Fault], act: Callable[[], Awaitable[Response]]) -> Response:
    """Does `act` and answers as the faults say: with Misanswered, Refusal, late, or truly."""
    instead = next((one for one in faults if one.kind not in ("slow", "fail")), None)
    wait = sum(one.seconds for one in faults if one.kind == "slow")
    if instead is None:
        response = await act()
        await asyncio.sleep(wait)
        return response
    if instead.is_accepted(default=instead.kind in ("unreadable", "lost_answer")) and instead.kind != "error":
        await act()
    await asyncio.sleep(wait)
    if instead.kind == "error":
        raise Refusal(instead.code, instead.details or "A fault was set in the simulator.", status=instead.status)
    raise Misanswered(misanswer(instead))


def misanswer(fault: Fault) -> Response:
    if fault.kind == "lost_answer":
        return NoAnswer()
    if fault.kind == "unreadable":
        return Response('{"messaging_product":"whatsapp","contacts":[{"inp', 200, media_type="application/json")
    return Response(HTML, fault.status or 502, media_type="text/html")
