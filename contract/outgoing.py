"""One message of every type a business can send, as small as it can be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simulator.samples import sample

PERSON = "+15550100123"
TEMPLATE = "Your order {{1}} is on its way."
MP4 = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom"
UPLOADS = {
    "image": ("coffee.png", sample("image")[0], "image/png"),
    "audio": ("voice.ogg", sample("audio")[0], "audio/ogg; codecs=opus"),
    "document": ("order.pdf", sample("document")[0], "application/pdf"),
    "sticker": ("cup.webp", sample("sticker")[0], "image/webp"),
    "video": ("pour.mp4", MP4, "video/mp4"),
}
BUTTON = {"type": "reply", "reply": {"id": "yes", "title": "Yes"}}
ROWS = [{"id": "gayo", "title": "Gayo", "description": "Washed"}, {"id": "kerinci", "title": "Kerinci"}]
FLOW = {"flow_message_version": "3", "flow_id": "1", "flow_cta": "Book"}
ACTIONS: dict[str, dict[str, Any]] = {
    "button": {"buttons": [BUTTON]},
    "list": {"button": "Choose", "sections": [{"title": "Beans", "rows": ROWS}]},
    "cta_url": {"name": "cta_url", "parameters": {"display_text": "Track", "url": "https://kopi.example/1042"}},
    "flow": {"name": "flow", "parameters": FLOW},
    "location_request_message": {"name": "send_location"},
    "request_contact_info": {"name": "request_contact_info"},
}


def interactive(kind: str) -> dict[str, Any]:
    told = {"type": kind, "body": {"text": "Which one?"}, "action": ACTIONS[kind]}
    return {"type": "interactive", "interactive": told}


def template(name: str = "order_update", *values: str) -> dict[str, Any]:
    body = {"type": "body", "parameters": [{"type": "text", "text": one} for one in values or ("1042",)]}
    return {"type": "template", "template": {"name": name, "language": {"code": "en_US"}, "components": [body]}}


def contents(business: Any, wamid: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Its type and its content. Files are uploaded first; `wamid` is a customer's message to react to."""
    yield "text", {"type": "text", "text": {"body": "Hello"}}
    for kind, (name, content, mime_type) in UPLOADS.items():
        form = {"messaging_product": "whatsapp", "type": mime_type}
        uploaded = business.ask(
            "POST", "/{Phone-Number-ID}/media", data=form, files={"file": (name, content, mime_type)}
        )
        yield kind, {"type": kind, kind: {"id": uploaded.json()["id"]}}
    yield "location", {"type": "location", "location": {"latitude": -6.2, "longitude": 106.8}}
    card = {"name": {"formatted_name": "Budi", "first_name": "Budi"}}
    yield "contacts", {"type": "contacts", "contacts": [card]}
    yield "reaction", {"type": "reaction", "reaction": {"message_id": wamid, "emoji": "👍"}}
    for kind in ACTIONS:
        yield kind, interactive(kind)
    yield "template", template()
