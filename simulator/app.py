"""The application: Graph, the control API and the phone page, on one port."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from . import files, handshake, phone_page
from .control.api import routes as control_routes
from .graph import ENDPOINTS
from .graph.router import answer, download
from .settings import Setup
from .simulation import Simulation

METHODS = ["GET", "POST", "DELETE", "PUT", "PATCH"]


def application(setup: Setup, *, shake_hands: bool = False) -> Starlette:
    """A simulator of its own, with nothing shared between two of them."""

    @asynccontextmanager
    async def life(app: Starlette) -> AsyncIterator[None]:
        app.state.sim = sim = Simulation(setup)
        greeting = asyncio.create_task(greet(sim)) if shake_hands else None
        yield
        if greeting:
            greeting.cancel()
        await sim.close()

    return Starlette(routes=routes(), lifespan=life)


def routes() -> list[BaseRoute]:
    assert ENDPOINTS, "Graph's endpoints register themselves when they are imported"
    return [
        Route("/healthz", health),
        Route("/", phone_page.page),
        Route("/page/{name}", phone_page.page),
        Route("/page/files/{media_id}", phone_page.file),
        *control_routes(),
        Route(files.PATH, file_download),
        Route("/{path:path}", graph, methods=METHODS),
    ]


async def greet(sim: Simulation) -> None:
    """Verifies every app's callback, and says so; a callback that starts later than we do is given a minute."""
    for app in sim.world.apps.values():
        for _ in range(60):
            problem = await handshake.shake_hands(sim.courier.client, app.callback_url, app.verify_token)
            if not problem or not app.callback_url:
                break
            await asyncio.sleep(1)
        print(f"Handshake of app {app.id}: {problem or 'done'}", flush=True)


async def health(_request: Request) -> Response:
    return PlainTextResponse("ok\n")


async def graph(request: Request) -> Response:
    return await answer(request.app.state.sim, request)


async def file_download(request: Request) -> Response:
    return await download(request.app.state.sim, request)
