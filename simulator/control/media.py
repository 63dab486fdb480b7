"""Files of customers, taken in before they are sent."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from .. import files
from ..model import JSON
from ..settings import BadSettings
from ..simulation import Simulation
from .request import number_in

DAYS = 7
MOST_BYTES = 100 * files.MB


async def upload(sim: Simulation, given: JSON, request: Request) -> Any:
    """The request's body is the file, and its Content-Type the file's."""
    number = number_in(sim, given)
    content = await request.body()
    if not 0 < len(content) <= MOST_BYTES:
        raise BadSettings("A file has 1 byte to 100 MB.")
    mime_type = request.headers.get("content-type", "application/octet-stream")
    media = files.keep(sim.world, number.id, content, mime_type, str(given.get("filename", "")), days=DAYS)
    return {"media_id": media.id, "mime_type": mime_type, "sha256": media.sha256.hex(), "size": len(content)}
