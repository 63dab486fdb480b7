"""The phone page: three kinds of small files, served as they are, under a policy that runs nothing else."""

from __future__ import annotations

import functools
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from . import files
from .simulation import Simulation

FOLDER = Path(__file__).parent / "page"
KINDS = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
# What a browser may show in the page. Everything else is only ever saved: a file can hold a script.
SHOWN = ("image/jpeg", "image/png", "image/webp", "audio/", "video/")
FILE_HEADERS = HEADERS | {"Content-Security-Policy": "default-src 'none'; sandbox"}


@functools.cache
def known() -> dict[str, Path]:
    return {path.name: path for path in FOLDER.iterdir() if path.suffix in KINDS}


async def page(request: Request) -> Response:
    """`/` is the page; its other files are under `/page/`."""
    path = known().get(request.path_params.get("name", "index.html"))
    if path is None:
        return PlainTextResponse("Not found\n", 404)
    return Response(path.read_bytes(), media_type=KINDS[path.suffix], headers=HEADERS)


async def file(request: Request) -> Response:
    """A file in a chat, for the page alone: Graph's own address wants a token and lives 5 minutes."""
    sim: Simulation = request.app.state.sim
    media = files.find(sim.world, request.path_params["media_id"])
    if media is None:
        return PlainTextResponse("Not found\n", 404)
    kind = files.bare(media.mime_type)
    shown = kind.startswith(SHOWN)
    headers = FILE_HEADERS | ({} if shown else {"Content-Disposition": "attachment"})
    return ranged(media.content, kind if shown else "application/octet-stream", headers, request.headers.get("range"))


def ranged(content: bytes, kind: str, headers: dict[str, str], asked: str | None) -> Response:
    """The whole file or the part asked for: players want parts."""
    headers = headers | {"Accept-Ranges": "bytes"}
    first, _, last = (asked or "").removeprefix("bytes=").partition("-")
    if not first.isdigit() or (last and not last.isdigit()) or int(first) >= len(content):
        return Response(content, media_type=kind, headers=headers)
    start, end = int(first), min(int(last or len(content)), len(content) - 1)
    headers["Content-Range"] = f"bytes {start}-{end}/{len(content)}"
    return Response(content[start : end + 1], 206, media_type=kind, headers=headers)
