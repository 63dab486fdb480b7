"""The web server: uvicorn, with a way to hang up on a caller without an answer."""

from __future__ import annotations

import asyncio
import socket
from typing import Any, ClassVar

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

Address = tuple[Any, Any]


class Line(H11Protocol):
    """uvicorn's own protocol, which also knows the connection of a request."""

    open: ClassVar[dict[Address, asyncio.Transport]] = {}

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.open[self.client, self.server] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self.open.pop((self.client, self.server), None)
        super().connection_lost(exc)


class Insider:
    """Tells the app what only the server knows, as ASGI extensions: how to hang up, and whether it is to end."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.server: uvicorn.Server | None = None

    def is_ending(self) -> bool:
        return self.server is not None and self.server.should_exit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        extensions = scope.setdefault("extensions", {})
        extensions["simulator.is_ending"] = self.is_ending
        transport = Line.open.get((scope.get("client"), scope.get("server")))
        if transport is not None:
            extensions["simulator.hang_up"] = transport.close
        await self.app(scope, receive, send)


def server(app: ASGIApp) -> uvicorn.Server:
    """A server that runs on sockets given to its `serve` or `run`."""
    insider = Insider(app)
    config = uvicorn.Config(
        insider,
        http=Line,
        ws="none",
        lifespan="on",
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=2,
    )
    insider.server = uvicorn.Server(config)
    return insider.server


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 is any free one. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Said to be TCP in so many words: only then does asyncio send the end of an answer without waiting 40 ms for
    # an acknowledgement of its beginning.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(1024)
    except OSError:
        listening.close()
        raise
    return listening


def url_of(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
