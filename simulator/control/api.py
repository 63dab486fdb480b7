"""The control API. JSON in and out; a mistake is answered {"error": "a sentence"} with 400 or 404.

    GET    /_sim/state                           counts, pace, numbers with their secrets, faults
    POST   /_sim/reset                           begin anew, as started
    POST   /_sim/pace                            {latency, pair_limit, throughput, window, …}: settings.Pace
    POST   /_sim/numbers                         add a number: settings.NumberSpec
    POST   /_sim/tokens                          {value, number_id, app_id, scopes, waba_ids, expires_at, …}
    GET    /_sim/customers                       everyone
    POST   /_sim/customers                       {phone and/or username, name, receipts, reads, is_reachable, …}
    GET    /_sim/customers/ID   POST /_sim/customers/ID      one person; change them
    POST   /_sim/customers/ID/messages           {number_id, at, reply_to, and one of:}
               {type, TYPE: {…}}                    any message, as an element of a webhook's `messages`
               {type, sample} {type, media_id, caption, filename}    a file: image, audio, document, video, sticker
               {tap: wamid, choice: id or title}    a button or row of a business's message
               {element: {…}}                       taken as it is, ids and all
    POST   /_sim/customers/ID/marketing          {number_id, stopped, at}: a user_preferences webhook
    POST   /_sim/customers/ID/number             {number_id, phone, at}: system message and user_id_update
    POST   /_sim/media?number_id&filename        a file's bytes, with its Content-Type: {media_id}
    GET    /_sim/sent?number_id&customer_id&callback_data    what businesses sent: {count, messages}
    GET    /_sim/received?customer_id            what customers wrote
    GET    /_sim/calls                           every call to Graph
    POST   /_sim/receipts                        {wamid, status, at, code, details}: as often as asked
    POST   /_sim/history                         a history webhook: see control/history.py
    POST   /_sim/echoes                          a message sent from the business's own phone: the same
    POST   /_sim/templates                       {number_id, name, language, category, components, status, quality}
    GET    /_sim/deliveries                      webhooks: state, attempts, status, body
    POST   /_sim/deliveries/now                  try all that wait
    POST   /_sim/webhooks                        {raw_base64} or {body} or {field, value}: signed and posted
    POST   /_sim/handshake   POST /_sim/callback {app_id or number_id, callback_url, verify_token}
    GET    /_sim/view                            what the phone page shows, once it is news: view.py
    GET    /_sim/faults      POST /_sim/faults   DELETE /_sim/faults   DELETE /_sim/faults/ID: faults.py

Where number_id is left out, the first number is meant. Times are seconds since 1970.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from .. import faults as kinds
from . import customers, faults, history, media, messages, templates, tokens, view, webhooks, world
from .request import Handler, endpoint

METHODS = ["GET", "POST", "DELETE", "PUT", "PATCH"]
TABLE: list[tuple[str, str, Handler]] = [
    ("GET", "/state", world.state),
    ("POST", "/reset", world.reset),
    ("POST", "/pace", world.pace),
    ("POST", "/numbers", world.add_number),
    ("POST", "/tokens", tokens.put),
    ("GET", "/customers", customers.listed),
    ("POST", "/customers", customers.made),
    ("GET", "/customers/{customer_id}", customers.one),
    ("POST", "/customers/{customer_id}", customers.changed),
    ("POST", "/customers/{customer_id}/messages", customers.writes),
    ("POST", "/customers/{customer_id}/marketing", customers.sets_marketing),
    ("POST", "/customers/{customer_id}/number", customers.changes_number),
    ("POST", "/media", media.upload),
    ("POST", "/history", history.history),
    ("POST", "/echoes", history.echo),
    ("POST", "/templates", templates.put),
    ("GET", "/sent", messages.sent),
    ("GET", "/received", messages.received),
    ("GET", "/calls", messages.calls),
    ("POST", "/receipts", messages.receipt),
    ("GET", "/deliveries", webhooks.deliveries),
    ("POST", "/deliveries/now", webhooks.try_now),
    ("POST", "/webhooks", webhooks.post),
    ("POST", "/handshake", webhooks.handshake),
    ("POST", "/callback", webhooks.set_callback),
    ("GET", "/view", view.view),
    ("GET", "/faults", faults.listed),
    ("POST", "/faults", faults.added),
    ("DELETE", "/faults", faults.cleared),
    ("DELETE", "/faults/{fault_id}", faults.cleared),
]


async def listed(_request: Request) -> Response:
    """What this page says."""
    return PlainTextResponse(f"{__doc__}\nFaults. {kinds.__doc__}")


def routes() -> list[BaseRoute]:
    known = [Route(f"/_sim{path}", endpoint(handler), methods=[method]) for method, path, handler in TABLE]
    return [Route("/_sim/", listed), *known, Route("/_sim/{path:path}", nothing_there, methods=METHODS)]


async def nothing_there(request: Request) -> Response:
    words = f"There is no {request.method} {request.url.path}: /_sim/ lists what there is."
    return JSONResponse({"error": words}, 404)
