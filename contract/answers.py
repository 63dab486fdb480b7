"""What the simulator answers, endpoint by endpoint and as an error, judged by Meta's file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import httpx

from simulator.client import Simulator
from simulator.graph.router import HANDLERS
from simulator.settings import NumberSpec

from .description import Description
from .outgoing import PERSON, TEMPLATE, UPLOADS, contents
from .report import Report

HOME = NumberSpec()
NUMBER, WABA, APP = "{Phone-Number-ID}", "{WABA-ID}", "{Application-ID}"
EVERY_FIELD = (
    "id,display_phone_number,verified_name,status,quality_rating,quality_score,code_verification_status,name_status,"
    "new_name_status,throughput,whatsapp_business_manager_messaging_limit,platform_type,host_platform,account_mode,"
    "is_official_business_account,is_on_biz_app,is_pin_enabled,is_preverified_number,health_status,"
    "webhook_configuration,country_code,country_dial_code,search_visibility"
)
EVERY_ACCOUNT_FIELD = (
    "id,name,status,timezone_id,currency,country,business_verification_status,account_review_status,ownership_type,"
    "health_status,message_template_namespace,marketing_messages_onboarding_status,"
    "disable_marketing_messages_on_cloud_api"
)
KINDS = {NUMBER: "number", WABA: "waba", APP: "app", "{TEMPLATE_ID}": "template", "{Media-ID}": "media"}
HISTORY = "id,message_id,events{delivery_status,webhook_update_state,timestamp,application,webhook_uri}"


@dataclass(slots=True)
class Asker:
    """Calls the simulator as a business does, and keeps what it needs for the next call."""

    http: httpx.Client
    known: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """`path` as in Meta's file, without the version."""
        for name, value in self.known.items():
            path = path.replace(f"{{{name}}}", value)
        return self.http.request(method, path.lstrip("/"), **more)


def asker(sim: Simulator) -> Asker:
    headers = {"Authorization": f"Bearer {HOME.access_token}"}
    http = httpx.Client(base_url=f"{sim.url}/v23.0/", headers=headers, trust_env=False, timeout=20)
    return Asker(http, {"Phone-Number-ID": HOME.id, "WABA-ID": HOME.waba_id, "Application-ID": HOME.app_id})


Told = tuple[str, str, str, httpx.Response]  # what, method, path in the file, answer


def check_answers(description: Description, report: Report, sim: Simulator) -> None:
    business = asker(sim)
    asked = set()
    with business.http:
        for parts in (sending, files, numbers, templates, subscriptions, apps, refusals):
            for what, method, path, response in parts(business, sim):
                judge = partial(description.faults_of_answer, method, path, response.status_code)
                report.judge("answer", f"{what}: {response.status_code}", response.json(), judge)
                if response.is_success == (parts is refusals):
                    report.line("answer", what, [f"answered {response.status_code}: {response.text[:200]}"])
                asked.add((method, *endpoint(path)))
    unasked = [f"{' '.join(one)} is not" for one in sorted(set(HANDLERS) - asked)]
    report.line("answer", "every endpoint of the simulator is checked", unasked)


def endpoint(path: str) -> tuple[str, str]:
    """What the simulator calls an operation of the file: a kind of object and its edge."""
    name, _, edge = path.removeprefix("/{Version}/").partition("/")
    return (f"{name}/{edge}", "") if name == "oauth" else (KINDS.get(name, name), edge)


def sending(business: Asker, sim: Simulator) -> Iterator[Told]:
    """Every type of message, to a number; a text to a user id; marking as read; what became of one."""
    path = f"/{NUMBER}/messages"
    ayla = sim.customer(phone=PERSON, name="Ayla")
    wamid = ayla.says("Hi")
    sim.template("order_update", TEMPLATE)
    to = {"messaging_product": "whatsapp", "to": PERSON}
    for kind, content in contents(business, wamid):
        yield f"sends {kind}", "POST", full(path), business.ask("POST", path, json={**to, **content})
    by_id = {"messaging_product": "whatsapp", "recipient": ayla.user_id, "type": "text", "text": {"body": "Hello"}}
    sent = business.ask("POST", path, json=by_id)
    yield "sends to a user id", "POST", full(path), sent
    read = {"messaging_product": "whatsapp", "status": "read", "message_id": wamid}
    yield "marks as read", "POST", full(path), business.ask("POST", path, json=read)
    sim.wait_for(lambda: any("delivered" in one["steps"] for one in sim.sent()))
    query = {"message_id": sent.json()["messages"][0]["id"], "fields": HISTORY}
    path = f"/{NUMBER}/message_history"
    yield "tells a message's history", "GET", full(path), business.ask("GET", path, params=query)


def files(business: Asker, _sim: Simulator) -> Iterator[Told]:
    path = f"/{NUMBER}/media"
    name, content, mime_type = UPLOADS["image"]
    form = {"messaging_product": "whatsapp", "type": mime_type}
    answer = business.ask("POST", path, data=form, files={"file": (name, content, mime_type)})
    yield "takes a file", "POST", full(path), answer
    business.known["Media-ID"] = answer.json()["id"]
    for what, method in (("tells a file's address", "GET"), ("deletes a file", "DELETE")):
        yield what, method, full("/{Media-ID}"), business.ask(method, "/{Media-ID}")


def numbers(business: Asker, sim: Simulator) -> Iterator[Told]:
    """The number, all numbers, the profile, the block list, the account and the registration."""
    ayla = sim.customer(phone=PERSON)
    profile, users = f"/{NUMBER}/whatsapp_business_profile", f"/{NUMBER}/block_users"
    about: dict[str, Any] = {"messaging_product": "whatsapp", "about": "Roasting since 1998", "vertical": "RETAIL"}
    who = {"messaging_product": "whatsapp", "block_users": [{"user": PERSON}]}
    calls: list[tuple[str, str, str, dict[str, Any]]] = [
        ("tells a number", "GET", f"/{NUMBER}", {"params": {"fields": EVERY_FIELD}}),
        ("tells a number by default", "GET", f"/{NUMBER}", {}),
        ("tells all numbers", "GET", f"/{WABA}/phone_numbers", {"params": {"limit": "1"}}),
        ("tells all numbers' fields", "GET", f"/{WABA}/phone_numbers", {"params": {"fields": EVERY_FIELD}}),
        ("sets the profile", "POST", profile, {"json": {**about, "websites": ["https://kopi.example/"]}}),
        ("tells the profile", "GET", profile, {"params": {"fields": "about,vertical,websites"}}),
        ("blocks a person", "POST", users, {"json": who}),
        ("tells who is blocked", "GET", users, {}),
        ("unblocks a person", "DELETE", users, {"json": who}),
        ("tells the account", "GET", f"/{WABA}", {"params": {"fields": EVERY_ACCOUNT_FIELD}}),
        ("sets a PIN", "POST", f"/{NUMBER}", {"json": {"pin": "123456"}}),
        ("deregisters", "POST", f"/{NUMBER}/deregister", {}),
        ("registers", "POST", f"/{NUMBER}/register", {"json": {"messaging_product": "whatsapp", "pin": "123456"}}),
    ]
    assert ayla.phone
    for what, method, path, more in calls:
        yield what, method, full(path), business.ask(method, path, **more)


def templates(business: Asker, sim: Simulator) -> Iterator[Told]:
    path, one = f"/{WABA}/message_templates", "/{TEMPLATE_ID}"
    body = [{"type": "BODY", "text": "Hi there"}]
    new = {"name": "greeting", "language": "en_US", "category": "UTILITY", "components": body}
    made = business.ask("POST", path, json=new)
    yield "makes a template", "POST", full(path), made
    business.known["TEMPLATE_ID"] = made.json()["id"]
    yield "tells all templates", "GET", full(path), business.ask("GET", path)
    yield "tells a template", "GET", full(one), business.ask("GET", one)
    fields = {"fields": "quality_score,rejected_reason"}
    yield "tells a template's quality", "GET", full(one), business.ask("GET", one, params=fields)
    sim.template("greeting", status="PAUSED")
    yield "unpauses a template", "POST", full(f"{one}/unpause"), business.ask("POST", f"{one}/unpause")
    yield "changes a template", "POST", full(one), business.ask("POST", one, json={"components": body})
    yield "deletes a template", "DELETE", full(path), business.ask("DELETE", path, params={"name": "greeting"})


def subscriptions(business: Asker, _sim: Simulator) -> Iterator[Told]:
    path = f"/{WABA}/subscribed_apps"
    for what, method in (("unsubscribes", "DELETE"), ("subscribes", "POST"), ("tells the apps", "GET")):
        yield what, method, full(path), business.ask(method, path)
    query = {"input_token": HOME.access_token}
    yield (
        "tells what a token is good for",
        "GET",
        full("/debug_token"),
        business.ask("GET", "/debug_token", params=query),
    )
    query = {"input_token": "nonsense"}
    yield "tells of a bad token", "GET", full("/debug_token"), business.ask("GET", "/debug_token", params=query)


def apps(business: Asker, sim: Simulator) -> Iterator[Told]:
    """What an app does with its own token; at the end its callback is what it was."""
    path = f"/{APP}/subscriptions"
    secret = {"client_id": HOME.app_id, "client_secret": HOME.app_secret, "grant_type": "client_credentials"}
    yield (
        "gives an app's token",
        "GET",
        full("/oauth/access_token"),
        business.ask("GET", "/oauth/access_token", params=secret),
    )
    token = business.ask("POST", "/oauth/access_token", data=secret)
    yield "gives it to a form too", "POST", full("/oauth/access_token"), token
    headers = {"Authorization": f"Bearer {token.json()['access_token']}"}
    url = sim.number()["callback_url"]
    given = {"object": "whatsapp_business_account", "callback_url": url, "verify_token": HOME.verify_token}
    given["fields"] = "messages"
    for what, method, more in (
        ("sets the callback", "POST", {"data": given}),
        ("tells the callback", "GET", {}),
        ("removes the callback", "DELETE", {}),
    ):
        yield what, method, full(path), business.ask(method, path, headers=headers, **more)
    sim.set_callback(url)


def refusals(business: Asker, sim: Simulator) -> Iterator[Told]:
    """Errors of every kind: of the token, of an id, of a parameter, with and without details."""
    path = f"/{NUMBER}/messages"
    text = {"messaging_product": "whatsapp", "type": "text", "text": {"body": "Hello"}}
    stranger = {**text, "to": "+15550100999"}
    yield "refuses a closed window", "POST", full(path), business.ask("POST", path, json=stranger)
    yield "refuses no recipient", "POST", full(path), business.ask("POST", path, json=text)
    yield "refuses an unknown id", "GET", full(f"/{NUMBER}"), business.ask("GET", "/999")
    wrong = {"Authorization": "Bearer nonsense"}
    yield "refuses a token", "GET", full(f"/{NUMBER}"), business.ask("GET", f"/{NUMBER}", headers=wrong)
    for code in (131016, 130429, 4):
        sim.fault("error", code=code, count=1)
        answer = business.ask("POST", path, json={**text, "to": PERSON})
        yield f"is told to refuse with {code}", "POST", full(path), answer


def full(path: str) -> str:
    return "/{Version}" + path
