"""The floor of the webhook: a raw ASGI app that checks the signature and stores the body with one INSERT.

No framework, no routing, no wake-up, nothing refused with a reason; a durable commit on the same server, into a table
made like ours. One psycopg connection per request under way.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import os
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import psycopg

CONNECTIONS = int(os.environ.get("BENCH_CONNECTIONS", "16"))
SECRET = os.environ.get("BENCH_SECRET", "").encode()
META_APP = int(os.environ.get("BENCH_META_APP", "0"))
INSERT = """
INSERT INTO bench_event (day, meta_app_id, digest, body, received_at, last_received_at)
VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (day, meta_app_id, digest)
DO UPDATE SET times_received = bench_event.times_received + 1, last_received_at = excluded.last_received_at
"""

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

_free: asyncio.Queue[psycopg.AsyncConnection[Any]] = asyncio.Queue()


async def app(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        await _live(receive, send)
        return
    body = b""
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    given = next((value for name, value in scope["headers"] if name == b"x-hub-signature-256"), b"")
    expected = b"sha256=" + hmac.new(SECRET, body, hashlib.sha256).hexdigest().encode()
    status = 403
    if hmac.compare_digest(given, expected):
        await _store(body)
        status = 200
    headers = [(b"content-type", b"text/plain"), (b"content-length", b"6")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"stored"})


async def _store(body: bytes) -> None:
    now = datetime.now(UTC)
    connection = await _free.get()
    try:
        await connection.execute(INSERT, [now.date(), META_APP, hashlib.sha256(body).digest(), body, now, now])
    finally:
        _free.put_nowait(connection)


async def _live(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            for _ in range(CONNECTIONS):
                _free.put_nowait(await psycopg.AsyncConnection.connect(os.environ["DATABASE_URL"], autocommit=True))
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            await send({"type": "lifespan.shutdown.complete"})
            return
