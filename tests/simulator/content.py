"""The content of messages: one that works for every type, and what Meta would refuse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from simulator.samples import sample

Content = dict[str, Any]
Upload = Callable[[str, bytes, str], str]

ROWS = [{"id": "gayo", "title": "Gayo", "description": "Washed"}, {"id": "kerinci", "title": "Kerinci"}]
BUTTONS = [{"type": "reply", "reply": {"id": "yes", "title": "Yes"}}]
ACTIONS: dict[str, Content] = {
    "button": {"buttons": BUTTONS},
    "list": {"button": "Choose", "sections": [{"title": "Beans", "rows": ROWS}]},
    "cta_url": {"name": "cta_url", "parameters": {"display_text": "Track", "url": "https://kopi.example/1042"}},
    "flow": {"name": "flow", "parameters": {"flow_message_version": "3", "flow_id": "1", "flow_cta": "Book"}},
    "location_request_message": {"name": "send_location"},
    "request_contact_info": {"name": "request_contact_info"},
}
MP4 = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom"
FILES = {
    "image": (sample("image")[0], "image/png"),
    "audio": (sample("audio")[0], "audio/ogg"),
    "document": (sample("document")[0], "application/pdf"),
    "sticker": (sample("sticker")[0], "image/webp"),
    "video": (MP4, "video/mp4"),
}


def text(body: Any) -> Content:
    return {"type": "text", "text": {"body": body}}


def interactive(kind: str, **action: Any) -> Content:
    return {
        "type": "interactive",
        "interactive": {"type": kind, "body": {"text": "Well?"}, "action": ACTIONS[kind] | action},
    }


def template(*values: str, name: str = "order_update") -> Content:
    parameters = [{"type": "text", "text": one} for one in values or ("1042",)]
    told = {"name": name, "language": {"code": "en_US"}, "components": [{"type": "body", "parameters": parameters}]}
    return {"type": "template", "template": told}


def file(kind: str) -> Callable[[Upload, str], Content]:
    return lambda upload, _wamid: {"type": kind, kind: {"id": upload(kind, *FILES[kind])}}


def plain(content: Content) -> Callable[[Upload, str], Content]:
    return lambda _upload, _wamid: content


CARD = {"name": {"formatted_name": "Budi", "first_name": "Budi"}}
PLACE = {"type": "location", "location": {"latitude": -6.2, "longitude": 106.8, "name": "Monas"}}
WORKING: dict[str, Callable[[Upload, str], Content]] = {
    "text": plain(text("Hello")),
    "a picture by link": plain({"type": "image", "image": {"link": "https://kopi.example/a.png", "caption": "A cup"}}),
    "location": plain(PLACE),
    "contacts": plain({"type": "contacts", "contacts": [CARD]}),
    "reaction": lambda _upload, wamid: {"type": "reaction", "reaction": {"message_id": wamid, "emoji": "👍"}},
    "a reply": lambda _upload, wamid: {**text("Hello"), "context": {"message_id": wamid}},
    "template": plain(template()),
    **{kind: file(kind) for kind in FILES},
    **{kind: plain(interactive(kind)) for kind in ACTIONS},
}
BROKEN: dict[str, tuple[int, Content]] = {
    "a text without a body": (131008, {"type": "text", "text": {}}),
    "a text that is too long": (100, text("x" * 4097)),
    "a text that is no text": (100, text(["x"])),
    "an unknown type": (131051, {"type": "poll", "poll": {}}),
    "a file that was never uploaded": (100, {"type": "image", "image": {"id": "1"}}),
    "a file without id and link": (131008, {"type": "image", "image": {}}),
    "a place without a longitude": (131008, {"type": "location", "location": {"latitude": 1}}),
    "a place that is nowhere": (131009, {"type": "location", "location": {"latitude": 100, "longitude": 1}}),
    "a card without a name": (131008, {"type": "contacts", "contacts": [{}]}),
    "a reaction to nothing": (131009, {"type": "reaction", "reaction": {"message_id": "x", "emoji": "👍"}}),
    "four buttons": (131009, interactive("button", buttons=BUTTONS * 4)),
    "two buttons of one id": (131009, interactive("button", buttons=BUTTONS * 2)),
    "a list without rows": (131009, interactive("list", sections=[{"title": "Beans", "rows": []}])),
    "a link that is none": (131009, interactive("cta_url", parameters={"display_text": "x", "url": "x"})),
    "a template there is not": (132001, template(name="other")),
    "a template with too many values": (132000, template("1042", "1043")),
    "a caption on a voice note": (100, {"type": "audio", "audio": {"link": "https://x.example/a", "caption": "x"}}),
    "groups": (131051, {"recipient_type": "group", **text("Hello")}),
}
