"""What a tap on a business's message sends back: the reply of a button, a row of a list, a template's quick reply."""

from __future__ import annotations

import json
from collections.abc import Callable

from .model import JSON, Message
from .settings import BadSettings


def choices(message: Message) -> list[JSON]:
    """What can be tapped on a message: `id`, `title` and perhaps `description`, and the `kind` of reply it makes."""
    if message.type == "template":
        found = [one for one in message.content.get("buttons", []) if one.get("type", "").upper() == "QUICK_REPLY"]
        return [{"kind": "button", "id": one["payload"], "title": one["text"]} for one in found]
    if message.type != "interactive":
        return []
    action = message.content.get("action", {})
    kind = message.content.get("type")
    if kind == "button":
        return [{"kind": "button_reply", **one["reply"]} for one in action.get("buttons", [])]
    if kind == "list":
        rows = [row for section in action.get("sections", []) for row in section.get("rows", [])]
        return [{"kind": "list_reply", **row} for row in rows]
    return SPECIAL.get(str(kind), [])


SPECIAL: dict[str, list[JSON]] = {
    "flow": [{"kind": "nfm_reply", "id": "flow", "title": "Complete the form"}],
    "location_request_message": [{"kind": "location", "id": "location", "title": "Send location"}],
}


def element(message: Message, choice: str) -> JSON:
    """The message that a tap sends. `choice` is the id or the title of what is tapped. Raises BadSettings."""
    found = next((one for one in choices(message) if choice in (one["id"], one["title"])), None)
    if found is None:
        raise BadSettings("There is nothing of this id or title to tap on the message.")
    return ELEMENTS[found["kind"]](found)


def button(found: JSON) -> JSON:
    return {"type": "button", "button": {"payload": found["id"], "text": found["title"]}}


def reply(found: JSON) -> JSON:
    told = {key: found[key] for key in ("id", "title", "description") if found.get(key)}
    return {"type": "interactive", "interactive": {"type": found["kind"], found["kind"]: told}}


def flow(_found: JSON) -> JSON:
    answer = {"response_json": json.dumps({"flow_token": "unused", "answer": "yes"}), "body": "Sent", "name": "flow"}
    return {"type": "interactive", "interactive": {"type": "nfm_reply", "nfm_reply": answer}}


def place(_found: JSON) -> JSON:
    return {"type": "location", "location": {"latitude": -6.2, "longitude": 106.8}}


ELEMENTS: dict[str, Callable[[JSON], JSON]] = {
    "button": button,
    "button_reply": reply,
    "list_reply": reply,
    "nfm_reply": flow,
    "location": place,
}
