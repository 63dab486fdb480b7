"""One call to Graph: who makes it, on what, with which parameters."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request

from ..model import JSON, Number, Token, Waba
from ..refusals import Refusal
from ..simulation import Simulation

MOST_BODY_BYTES = 110 * 1024 * 1024
MESSAGING, MANAGEMENT = "whatsapp_business_messaging", "whatsapp_business_management"


@dataclass(slots=True)
class GraphCall:
    """`parameters` are those of the query and the body together, as Graph takes them from either."""

    sim: Simulation
    request: Request
    version: str
    token: Token
    app_id: str  # of the token
    parameters: JSON = field(default_factory=dict)
    form: FormData | None = None
    notes: dict[str, str] = field(default_factory=dict)  # for the record of calls

    def text(self, key: str) -> str:
        """Raises Refusal when the parameter is missing or not a text."""
        value = self.parameters.get(key)
        if value is None or value == "":
            raise Refusal(100, message=f"(#100) The parameter {key} is required.")
        if not isinstance(value, str):
            raise Refusal(100, message=f"(#100) Param {key} must be a string.")
        return value

    def optional(self, key: str) -> str:
        return self.text(key) if self.parameters.get(key) not in (None, "") else ""

    def needs(self, scope: str) -> None:
        if scope not in self.token.scopes:
            raise Refusal(10, f"The access token lacks the permission {scope}.")

    def number(self, number_id: str) -> Number:
        """A number the token has access to. Raises Refusal."""
        number = self.sim.world.numbers[number_id]
        self.waba(number.waba_id)
        return number

    def waba(self, waba_id: str) -> Waba:
        if waba_id not in self.token.waba_ids:
            raise Refusal(200, "The access token has no access to this WhatsApp Business account.")
        return self.sim.world.wabas[waba_id]

    def manages(self, waba_id: str) -> Waba:
        """For the calls that are counted by the hour. Raises Refusal."""
        self.needs(MANAGEMENT)
        waba = self.waba(waba_id)
        self.sim.limits.managing(self.app_id, waba_id)
        return waba


async def parameters_of(request: Request) -> tuple[JSON, FormData | None]:
    """Query and body together. A body that cannot be read counts as empty, as it does at Graph."""
    found: JSON = dict(request.query_params)
    kind = request.headers.get("content-type", "")
    if kind.startswith(("multipart/form-data", "application/x-www-form-urlencoded")):
        form = await request.form(max_part_size=MOST_BODY_BYTES)
        return found | {key: loosely(value) for key, value in form.items() if isinstance(value, str)}, form
    body = await request.body()
    try:
        given: Any = json.loads(body) if body else {}
    except (ValueError, RecursionError):
        return found, None
    return (found | given if isinstance(given, dict) else found), None


def loosely(value: str) -> Any:
    """A form's field: JSON where it is an object or a list, else text."""
    if value[:1] in ("{", "["):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value


def missing(object_id: str, method: str) -> Refusal:
    """What Graph says of an object that is not there or is not for you (general Graph behaviour)."""
    verb = {"GET": "get", "POST": "post", "DELETE": "delete"}.get(method, method.lower())
    words = (
        f"Unsupported {verb} request. Object with ID '{object_id}' does not exist, cannot be loaded due to missing "
        "permissions, or does not support this operation"
    )
    return Refusal(100, message=words, subcode=33, kind="GraphMethodException")


def chosen(found: JSON, fields: str, default: tuple[str, ...]) -> JSON:
    """The fields asked for, or the default ones, and always the id. Raises Refusal for one there is not."""
    names = field_names(fields) if fields else list(default)
    for name in names:
        if name not in found:
            raise Refusal(100, message=f"(#100) Tried accessing nonexisting field ({name})")
    asked = {name: found[name] for name in names if found[name] is not None}
    return asked | ({"id": found["id"]} if "id" in found else {})


def field_names(fields: str) -> list[str]:
    """The outer names of `a,b{c,d}`."""
    names, depth, name = [], 0, ""
    for sign in fields + ",":
        depth += (sign == "{") - (sign == "}")
        if sign == "," and depth == 0:
            names.append(name.partition("{")[0].partition(".")[0].strip())
            name = ""
        else:
            name += sign
    return [one for one in names if one]
