"""Which handler a path means: Graph's ids say nothing of their kind, so we look where they belong."""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable, Container
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from .. import files
from ..faults import Fault
from ..ids import trace_id
from ..model import Call, Token
from ..refusals import Refusal
from ..simulation import Simulation
from .call import GraphCall, missing, parameters_of
from .trouble import Misanswered, troubled

Handler = Callable[[GraphCall, str], Awaitable[Any]]
PATH = re.compile(r"/(?:(v\d{1,2}\.\d)/)?([^/]+)(?:/([^/]+))?/?")
NEWEST = "v26.0"

HANDLERS: dict[tuple[str, str, str], Handler] = {}


def handles(method: str, kind: str, edge: str = "") -> Callable[[Handler], Handler]:
    """Registers a handler for a method, a kind of object and an edge of it."""

    def register(handler: Handler) -> Handler:
        HANDLERS[method, kind, edge] = handler
        return handler

    return register


async def answer(sim: Simulation, request: Request) -> Response:
    """Any call to Graph, answered and put on record."""
    started = time.time()
    notes: dict[str, str] = {}
    body: Any = None
    code = 0
    response: Response
    call: GraphCall | None = None
    try:
        call, handler, object_id = await understood(sim, request)
        notes, body = call.notes, call.parameters
        place = place_of(request, call, object_id)
        faults = [] if place == "send" else sim.faults.of_call(place, set(), object_id)
        response = await troubled(sim, faults, lambda: answered(handler, call, object_id))
    except Refusal as refusal:
        code = refusal.code
        response = refused(refusal)
    except Misanswered as answered_so:
        response = answered_so.response
    finally:
        if call and call.form:
            await call.form.close()
    status = response.status_code
    record = Call(started, request.method, request.url.path, status, code, body, notes.get("fault", ""))
    record.wamid = notes.get("wamid", "")
    sim.world.calls.append(record)
    sim.world.counts["calls"] += 1
    return response


async def answered(handler: Handler, call: GraphCall, object_id: str) -> Response:
    found = await handler(call, object_id)
    if isinstance(found, Response):
        return found
    return JSONResponse(found, headers={"x-fb-trace-id": trace_id(), "facebook-api-version": call.version})


def refused(refusal: Refusal) -> Response:
    envelope = refusal.envelope()
    headers = {"x-fb-trace-id": envelope["error"]["fbtrace_id"]}
    if refusal.http_status == 401:
        words = f'OAuth "Facebook Platform" "invalid_token" "{refusal.message or "Invalid OAuth access token."}"'
        headers["WWW-Authenticate"] = words
    return JSONResponse(envelope, status_code=refusal.http_status, headers=headers)


async def understood(sim: Simulation, request: Request) -> tuple[GraphCall, Handler, str]:
    """The call, who handles it, and the object's id. Raises Refusal."""
    parts = PATH.fullmatch(request.url.path)
    if parts is None:
        raise Refusal(2500, message=f"Unknown path components: {request.url.path}")
    version, object_id, edge = parts[1] or NEWEST, parts[2], parts[3] or ""
    parameters, form = await parameters_of(request)
    token = token_of(sim, request, parameters)
    parameters.pop("access_token", None)
    kind = kind_of(sim, object_id if object_id != "oauth" else f"oauth/{edge}")
    edge = "" if object_id == "oauth" else edge
    handler = HANDLERS.get((request.method, kind, edge))
    if handler is None:
        raise missing(object_id, request.method)
    if token is None and kind != "oauth/access_token":
        raise Refusal(104, status=400)
    known = token or Token("", "", set(), ())
    return GraphCall(sim, request, version, known, known.app_id, parameters, form), handler, object_id


def kind_of(sim: Simulation, object_id: str) -> str:
    world = sim.world
    kinds: dict[str, Container[str]] = {
        "number": world.numbers,
        "waba": world.wabas,
        "app": world.apps,
        "template": world.templates,
        "media": world.media,
        "message": world.messages,
    }
    return next((kind for kind, known in kinds.items() if object_id in known), object_id)


def token_of(sim: Simulation, request: Request, parameters: dict[str, Any]) -> Token | None:
    """Who calls; None without a token. Raises Refusal 190."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() not in ("bearer", "oauth") or not value:
        value = str(parameters.get("access_token", ""))
    return known_token(sim, value.strip()) if value.strip() else None


def known_token(sim: Simulation, value: str) -> Token:
    """Raises Refusal 190."""
    app_id, bar, secret = value.partition("|")
    if bar and app_id in sim.world.apps and sim.world.apps[app_id].secret == secret:
        return Token(value, app_id, set(), ("app",))
    token = sim.world.tokens.get(value)
    if token is None:
        raise Refusal(190, message="Invalid OAuth access token - Cannot parse access token")
    if 0 < token.expires_at < time.time():
        words = "Error validating access token: Session has expired."
        raise Refusal(190, message=words, subcode=463)
    return token


def place_of(request: Request, call: GraphCall, object_id: str) -> str:
    """What a fault calls this call; sending meets its faults later, when it is known to whom."""
    if request.url.path.rstrip("/").endswith("/messages") and request.method == "POST":
        return "send"
    is_media = object_id in call.sim.world.media or request.url.path.rstrip("/").endswith("/media")
    return "media" if is_media else "graph"


async def download(sim: Simulation, request: Request) -> Response:
    """The file behind an address. Needs a token, as Graph does; 404 when the address is old or wrong."""
    query = request.query_params
    try:
        token = token_of(sim, request, {})
        if token is None:
            raise Refusal(190, status=401)
        media = files.at_address(sim.world, query.get("mid", ""), query.get("ext", ""), query.get("hash", ""))
        if media is None:
            return Response("Not found", 404, media_type="text/plain")
        number = sim.world.numbers.get(media.owner_id)
        if number is None or number.waba_id not in token.waba_ids:
            raise Refusal(190, status=401)
        faults: list[Fault] = sim.faults.of_call("media", set(), media.owner_id)
        file = Response(media.content, media_type=files.bare(media.mime_type))
        return await troubled(sim, faults, lambda: given(file))
    except Refusal as refusal:
        return refused(refusal)
    except Misanswered as answered_so:
        return answered_so.response


async def given(response: Response) -> Response:
    return response
