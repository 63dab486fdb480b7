"""Templates on their way to a person: found, allowed, and filled with as many values as they ask for."""

from __future__ import annotations

import re
from typing import Any

from ..model import JSON, Number, Template
from ..refusals import Refusal
from .call import GraphCall

VARIABLE = re.compile(r"\{\{\s*([a-z0-9_]+)\s*\}\}")
MOST_HYDRATED = 1024
CLOSED = {"PAUSED": 132015, "DISABLED": 132016}


def check(call: GraphCall, number: Number, told: JSON) -> str:
    """The template's category in small letters. Raises Refusal."""
    template = find(call, number.waba_id, told)
    parts = components(told)
    given = {str(part.get("type", "")).lower(): part for part in parts}
    for component in template.components:
        kind = str(component.get("type", "")).lower()
        if kind in ("header", "body"):
            check_values(template, component, kind, given.get(kind, {}))
    if len(filled(template, given)) > MOST_HYDRATED:
        raise Refusal(132005, "The text is too long with its values filled in.")
    return template.category.lower()


def find(call: GraphCall, waba_id: str, told: JSON) -> Template:
    name, language = told.get("name"), told.get("language")
    if not isinstance(name, str) or not name:
        raise Refusal(131008, "Parameter 'template.name' is required.")
    code = language.get("code") if isinstance(language, dict) else None
    if not isinstance(code, str) or not code:
        raise Refusal(131008, "Parameter 'template.language.code' is required.")
    for template in call.sim.world.templates.values():
        if (template.waba_id, template.name, template.language) == (waba_id, name, code):
            if template.status in CLOSED:
                raise Refusal(CLOSED[template.status], f"The template {name} is {template.status.lower()}.")
            if template.status == "APPROVED":
                return template
    raise Refusal(132001, f"template name ({name}) does not exist in {code}")


def components(told: JSON) -> list[JSON]:
    found = told.get("components", [])
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise Refusal(132018, "Parameter 'template.components' must be a list of objects.")
    return found


def check_values(template: Template, component: JSON, kind: str, given: JSON) -> None:
    values: Any = given.get("parameters", [])
    if not isinstance(values, list) or not all(isinstance(one, dict) for one in values):
        raise Refusal(132018, f"The parameters of the {kind} must be a list of objects.")
    form = str(component.get("format", "TEXT")).lower()
    if form != "text":
        if len(values) != 1 or values[0].get("type") != form:
            raise Refusal(132012, f"{kind}: Format mismatch, expected {form.upper()}, received UNKNOWN")
        return
    names = variables(component)
    if len(values) != len(names):
        raise Refusal(
            132000, f"{kind}: number of localizable_params ({len(values)}) does not match the expected ({len(names)})"
        )
    if template.parameter_format == "NAMED" and {one.get("parameter_name") for one in values} != set(names):
        raise Refusal(100, f"{kind}: the names of the parameters are not those of the template.")
    for value in values:
        if value.get("type") == "text" and not isinstance(value.get("text"), str):
            raise Refusal(132008, f"{kind}: a text parameter without a text.")


def variables(component: JSON) -> list[str]:
    return list(dict.fromkeys(VARIABLE.findall(str(component.get("text", "")))))


def hydrated(call: GraphCall, number: Number, told: JSON) -> JSON:
    """What the customer sees: header, text and footer, with the buttons."""
    template = find(call, number.waba_id, told)
    given = {str(part.get("type", "")).lower(): part for part in components(told)}
    shown: JSON = {"name": template.name, "body": filled(template, given), "buttons": []}
    for component in template.components:
        kind = str(component.get("type", "")).lower()
        if kind == "footer":
            shown["footer"] = component.get("text", "")
        if kind == "header" and component.get("format", "TEXT").upper() == "TEXT":
            shown["header"] = with_values(component, given.get("header", {}))
        elif kind == "header":
            shown["header_media"] = next(iter(given.get("header", {}).get("parameters", [])), {})
        if kind == "buttons":
            shown["buttons"] = with_payloads(component.get("buttons", []), components(told))
    return shown


def with_payloads(buttons: list[JSON], parts: list[JSON]) -> list[JSON]:
    """A template's buttons; a quick reply has the payload that was sent for it, else its own words."""
    made = []
    for index, button in enumerate(buttons):
        sent = next((one for one in parts if str(one.get("index", "")) == str(index)), {})
        values = sent.get("parameters") or [{}]
        words = button.get("text", "")
        made.append({"type": button.get("type", ""), "text": words, "payload": values[0].get("payload", words)})
    return made


def filled(template: Template, given: dict[str, JSON]) -> str:
    for component in template.components:
        if str(component.get("type", "")).lower() == "body":
            return with_values(component, given.get("body", {}))
    return ""


def with_values(component: JSON, given: JSON) -> str:
    values = [one for one in given.get("parameters", []) if isinstance(one, dict)]
    by_name = {str(one.get("parameter_name", index + 1)): value_text(one) for index, one in enumerate(values)}
    return VARIABLE.sub(lambda found: by_name.get(found[1], found[0]), str(component.get("text", "")))


def value_text(value: JSON) -> str:
    inner = value.get(str(value.get("type", "")))
    if isinstance(inner, dict):
        return str(inner.get("fallback_value", ""))
    return str(inner or "")
