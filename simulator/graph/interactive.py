"""Interactive messages: buttons, lists, links, flows and requests, with Meta's limits (December 2025)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..model import JSON
from ..refusals import Refusal

MOST_BODY = 1024
MOST_LIST_BODY = 4096
MOST_FOOTER = 60
MOST_BUTTONS = 3
MOST_ROWS = 10
MEDIA_HEADERS = ("image", "video", "document")


def check(told: JSON) -> None:
    """Raises Refusal."""
    kind = told.get("type")
    if not isinstance(kind, str) or kind not in ACTIONS:
        raise Refusal(100, message=f"(#100) Param interactive['type'] must be one of {{{', '.join(ACTIONS)}}}.")
    most = MOST_LIST_BODY if kind == "list" else MOST_BODY
    text(child(told, "body"), "body.text", "text", most)
    if "footer" in told:
        text(child(told, "footer"), "footer.text", "text", MOST_FOOTER)
    if "header" in told:
        check_header(child(told, "header"), kind)
    ACTIONS[kind](child(told, "action"))


def check_header(header: JSON, kind: str) -> None:
    if header.get("type") == "text":
        text(header, "header.text", "text", MOST_FOOTER)
    elif header.get("type") not in MEDIA_HEADERS or kind == "list":
        raise Refusal(131009, "The header is not of a type that this message can have.")


def check_buttons(action: JSON) -> None:
    buttons = items(action, "buttons", MOST_BUTTONS)
    replies = [child(button, "reply") for button in buttons]
    for reply in replies:
        text(reply, "action.buttons.reply.title", "title", 20)
        text(reply, "action.buttons.reply.id", "id", 256)
    distinct([reply["id"] for reply in replies], "button ids")
    distinct([reply["title"] for reply in replies], "button titles")


def check_list(action: JSON) -> None:
    text(action, "action.button", "button", 20)
    sections = items(action, "sections", MOST_ROWS)
    rows = [row for section in sections for row in items(section, "rows", MOST_ROWS)]
    if len(rows) > MOST_ROWS:
        raise Refusal(131009, f"A list has at most {MOST_ROWS} rows in all its sections.")
    for section in sections:
        text(section, "action.sections.title", "title", 24, required=len(sections) > 1)
    for row in rows:
        text(row, "action.sections.rows.title", "title", 24)
        text(row, "action.sections.rows.id", "id", 200)
        text(row, "action.sections.rows.description", "description", 72, required=False)
    distinct([row["id"] for row in rows], "row ids")


def check_link(action: JSON) -> None:
    named(action, "cta_url")
    parameters = child(action, "parameters")
    text(parameters, "action.parameters.display_text", "display_text", 20)
    if not text(parameters, "action.parameters.url", "url", 2000).startswith(("http://", "https://")):
        raise Refusal(131009, "Parameter 'action.parameters.url' is not a valid URL.")


def check_flow(action: JSON) -> None:
    named(action, "flow")
    parameters = child(action, "parameters")
    text(parameters, "action.parameters.flow_cta", "flow_cta", 30)
    if not parameters.get("flow_id") and not parameters.get("flow_name"):
        raise Refusal(131008, "One of 'flow_id' and 'flow_name' is required.")


def check_location_request(action: JSON) -> None:
    named(action, "send_location")


def check_contact_request(action: JSON) -> None:
    named(action, "request_contact_info")


def named(action: JSON, name: str) -> None:
    if action.get("name") != name:
        raise Refusal(131009, f"Parameter 'action.name' must be {name}.")


def child(told: JSON, key: str) -> JSON:
    found = told.get(key)
    if not isinstance(found, dict):
        raise Refusal(131008, f"Parameter 'interactive.{key}' is required and must be an object.")
    return found


def items(told: JSON, key: str, most: int) -> list[JSON]:
    found = told.get(key)
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise Refusal(131008, f"Parameter 'interactive.{key}' is required and must be a list of objects.")
    if not 1 <= len(found) <= most:
        raise Refusal(131009, f"There must be 1 to {most} {key}.")
    return found


def text(told: JSON, path: str, key: str, most: int, *, required: bool = True) -> str:
    value: Any = told.get(key, "")
    if value == "" and not required:
        return ""
    if not isinstance(value, str) or value == "":
        raise Refusal(131008, f"Parameter 'interactive.{path}' is required.")
    if len(value) > most:
        raise Refusal(131009, f"Parameter 'interactive.{path}' must be at most {most} characters long.")
    return value


def distinct(values: list[str], what: str) -> None:
    if len(set(values)) != len(values):
        raise Refusal(131009, f"All {what} of a message must differ.")


ACTIONS: dict[str, Callable[[JSON], None]] = {
    "button": check_buttons,
    "list": check_list,
    "cta_url": check_link,
    "flow": check_flow,
    "location_request_message": check_location_request,
    "request_contact_info": check_contact_request,
}
