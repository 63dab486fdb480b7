"""Every request that our Graph door makes, made on a real socket and judged by Meta's file."""

from __future__ import annotations

import inspect
import io
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from jsonschema import Draft202012Validator

from connections import webhook_fields
from connections.graph import client, media, requests, templates
from connections.graph.account import Address, GraphAccount

from .description import Description, field_names
from .recorder import Recorder, Request, recording
from .report import Report

WAMID = "wamid.HBgLMTU1NTAxMDAxMjMVAgASGBQwQzQyQjdCQTkxOTJCODFEQkY5OAA="
PHONE = Address("phone", "15550100123")
PERSON = Address("bsuid", "TR.9f00000000000000a130")
PARENT = Address("parent_bsuid", "US.ENT.9f00000000000000a131")
TEMPLATE = {
    "name": "order_update",
    "language": {"code": "tr"},
    "components": [{"type": "body", "parameters": [{"type": "text", "parameter_name": "first_name", "text": "Deniz"}]}],
}
BODY = {"type": "BODY", "text": "Hi {{1}}, welcome", "example": {"body_text": [["Deniz"]]}}
BUTTONS = {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Stop"}]}
NEW_TEMPLATE = {
    "name": "greeting",
    "language": "en_US",
    "category": "UTILITY",
    "parameter_format": "POSITIONAL",
    "components": [BODY, BUTTONS],
}
Door = Callable[[GraphAccount], Any]


@dataclass(frozen=True, slots=True)
class Case:
    """One call through our door: the function it shows, and the operation of Meta's file it must be, if any."""

    function: str
    what: str
    method: str
    path: str
    make: Door


# A file's address is no operation of Graph's, but it takes the token all the same.
ALWAYS: dict[str, Any] = {"Authorization": {"required": True, "schema": {"pattern": "^Bearer "}}}
MESSAGES = "/{Version}/{Phone-Number-ID}/messages"
CALLBACKS = "/{Version}/{Application-ID}/subscriptions"
SUBSCRIBED = "/{Version}/{WABA-ID}/subscribed_apps"
TEMPLATES = "/{Version}/{WABA-ID}/message_templates"
ONE_TEMPLATE = "/{Version}/{TEMPLATE_ID}"


def sending(function: str, what: str, make: Door) -> Case:
    return Case(function, what, "POST", MESSAGES, make)


CASES = (
    sending("send_text", "a text to a number", lambda a: client.send_text(a, PHONE, "Hello", "token.1")),
    sending("send_text", "a text to a user id", lambda a: client.send_text(a, PERSON, "Hello", "token.1")),
    sending("send_text", "a text to a parent user id", lambda a: client.send_text(a, PARENT, "Hello", "token.1")),
    sending("send_text", "a reply", lambda a: client.send_text(a, PHONE, "Yes", "token.1", WAMID, preview_url=True)),
    sending("send", "a template", lambda a: client.send(a, requests.addressed(PERSON, "template", TEMPLATE))),
    Case("media_url", "a file's address", "GET", "/{Version}/{Media-ID}", lambda a: client.media_url(a, "3003")),
    Case("download_media", "a file", "GET", "", lambda a: download(a)),
    Case("waba_phone_numbers", "all numbers", "GET", "/{Version}/{WABA-ID}/phone_numbers", client.waba_phone_numbers),
    Case("phone_number", "the number", "GET", "/{Version}/{Phone-Number-ID}", client.phone_number),
    Case("set_callback", "the app's callback", "POST", CALLBACKS, lambda a: set_callback(a)),
    Case("subscribed_apps", "subscribed apps", "GET", SUBSCRIBED, client.subscribed_apps),
    Case("subscribe_app", "subscribe", "POST", SUBSCRIBED, client.subscribe_app),
    Case("message_templates", "all templates", "GET", TEMPLATES, templates.message_templates),
    Case("message_template", "one", "GET", ONE_TEMPLATE, lambda a: templates.message_template(a, "4004")),
    Case("create_template", "make", "POST", TEMPLATES, lambda a: templates.create_template(a, NEW_TEMPLATE)),
    Case(
        "edit_template",
        "change",
        "POST",
        ONE_TEMPLATE,
        lambda a: templates.edit_template(a, "4004", {"category": "MARKETING", "components": [BODY, BUTTONS]}),
    ),
    Case("delete_template", "one", "DELETE", TEMPLATES, lambda a: templates.delete_template(a, "greeting", "4004")),
    Case("delete_template", "all", "DELETE", TEMPLATES, lambda a: templates.delete_template(a, "greeting")),
    Case("debug_token", "a token", "GET", "/{Version}/debug_token", lambda a: client.debug_token(a, "EAAtoken")),
)


def set_callback(account: GraphAccount) -> None:
    app_id = "600000000000006"
    url = "https://inbox.example/webhooks/meta/x/"
    client.set_callback(account, app_id, f"{app_id}|secret", url, "verify", (one.name for one in webhook_fields.NEEDED))


def download(account: GraphAccount) -> media.Downloaded:
    return media.download_media(account, f"{account.base_url}/media/3003", io.BytesIO(), max_bytes=1_000)


def answer(request: Request) -> tuple[int, bytes]:
    """Enough for our door to go on: two pages of a list, an address, a yes."""
    page = {"cursors": {"after": "b"}, "next": "x"} if "after" not in request.query else {}
    said = {
        "messages": [{"id": WAMID}],
        "success": True,
        "id": "4004",
        "url": "x",
        "data": {"is_valid": True} if request.path.endswith("/debug_token") else [],
        "paging": page,
    }
    return 200, json.dumps(said).encode()


def check_requests(description: Description, report: Report) -> None:
    with recording(answer) as recorder:
        account = GraphAccount(recorder.url, "100000000000001", "200000000000002", "EAAtoken")
        for case in CASES:
            for number, request in enumerate(made(case, account, recorder), 1):
                page = f", page {number}" if number > 1 else ""
                check(description, report, case, request, f"{case.function}: {case.what}{page}")
    shown = {case.function for case in CASES}
    report.line("request", "every call of our door is checked", [f"{name} is not" for name in sorted(calls() - shown)])


def check(description: Description, report: Report, case: Case, request: Request, what: str) -> None:
    report.line(
        "request", what, [*faults_of_path(description, case, request), *faults_of_headers(description, case, request)]
    )
    if request.query:
        query = {name: values[0] for name, values in request.query.items()}
        report.judge("request", f"{what} (query)", query, lambda value: list(faults_of_query(description, case, value)))
    if request.body:
        judge = partial(description.faults_of_body, case.method, case.path)
        report.judge("request", f"{what} (body)", request.json(), judge)


def made(case: Case, account: GraphAccount, recorder: Recorder) -> list[Request]:
    recorder.requests.clear()
    case.make(account)
    return list(recorder.requests)


def calls() -> set[str]:
    """The public functions of our door that take an account: what can make a request."""
    own = {
        name
        for door in (client, templates)
        for name, function in inspect.getmembers(door, inspect.isfunction)
        if function.__module__ == door.__name__ and not name.startswith("_")
    }
    return own | {"download_media"}


def faults_of_path(description: Description, case: Case, request: Request) -> Iterator[str]:
    if request.method != case.method:
        yield f"it is a {request.method}"
    if not case.path:
        return
    wanted, given = case.path.split("/"), request.path.split("/")
    if len(wanted) != len(given):
        yield f"its path has {len(given) - 1} parts and not {len(wanted) - 1}"
        return
    known = description.parameters(case.method, case.path, "path")
    for name, value in zip(wanted, given, strict=True):
        if not name.startswith("{"):
            if name != value:
                yield f"its path says {value} and not {name}"
            continue
        schema = known.get(name.strip("{}"), {}).get("schema", {})
        yield from (f"path {name}: {error.message}" for error in Draft202012Validator(schema).iter_errors(value))


def faults_of_query(description: Description, case: Case, query: dict[str, str]) -> Iterator[str]:
    known = description.parameters(case.method, case.path, "query")
    for name, text in query.items():
        if name not in known:
            yield f"query: {name} is not in the file"
            continue
        schema = known[name]["schema"]
        value: Any = int(text) if schema.get("type") == "integer" and text.isdigit() else text
        yield from (f"query {name}: {error.message}" for error in Draft202012Validator(schema).iter_errors(value))
    if "fields" in query:
        yield from unknown_fields(description, description.answer_schema(case.method, case.path), query["fields"])


def unknown_fields(description: Description, schema: dict[str, Any], fields: str) -> Iterator[str]:
    """Fields we ask for that the answer does not have, through lists of the form {data: [...]}."""
    properties = description.resolved(schema).get("properties", {})
    if "data" in properties:
        properties = description.resolved(properties["data"]["items"]).get("properties", {})
    for name, inner in field_names(fields):
        if name not in properties:
            yield f"fields: the answer has no {name}"
        elif inner:
            yield from unknown_fields(description, properties[name], inner)


def faults_of_headers(description: Description, case: Case, request: Request) -> Iterator[str]:
    known = description.parameters(case.method, case.path, "header") if case.path else ALWAYS
    for name, parameter in known.items():
        value = request.headers.get(name.lower())
        if value is None:
            # The file wants a Content-Type of requests that have no content, too.
            if parameter.get("required") and (name != "Content-Type" or request.body):
                yield f"header {name} is missing"
        elif not re.search(parameter["schema"].get("pattern", ""), value):
            yield f"header {name} is not in the form the file gives"
