"""Every kind of webhook the simulator posts, judged by the shapes of Meta's webhook reference."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from jsonschema import Draft202012Validator

from simulator.client import Customer, Simulator

from .answers import HOME, asker
from .description import told
from .outgoing import PERSON, TEMPLATE, UPLOADS, interactive, template
from .recorder import Recorder
from .report import Report
from .webhook_shapes import BODY, FIELDS, KINDS

VALIDATOR = Draft202012Validator(BODY)
# Kinds that come from the phone app's own numbers or that the live platform no longer sends.
NOT_PLAYED = {"request_welcome", "edit", "revoke", "order"}


def faults(body: Any) -> list[str]:
    return [told(error) for error in VALIDATOR.iter_errors(body)]


def check_webhooks(report: Report, sim: Simulator, recorder: Recorder) -> None:
    """Plays one of everything, then judges each body that was posted, once for each kind of it."""
    sim.set_callback(f"{recorder.url}/webhooks/")
    recorder.requests.clear()
    play(sim)
    sim.wait_for_quiet()
    bodies = [request.json() for request in recorder.requests if request.method == "POST"]
    seen: dict[str, Any] = {}
    for body in bodies:
        seen.setdefault(kind_of(body), body)
    for kind, body in sorted(seen.items()):
        report.judge("webhook", kind, body, faults)
    wanted = {*FIELDS, *(f"messages {kind}" for kind in KINDS), *(f"messages {one}" for one in STEPS)}
    wanted -= {"messages", *(f"messages {kind}" for kind in NOT_PLAYED)}
    missing = sorted(one for one in wanted if not any(one in kind.split(", ") for kind in seen))
    report.line("webhook", "every kind was posted", [f"{kind} was not" for kind in missing])
    spoilt = [fault for body in bodies for fault in faults(body)]
    report.line("webhook", f"all {len(bodies)} bodies have Meta's shapes", spoilt[:5])


STEPS = ("sent", "delivered", "read", "played", "failed")


def kind_of(body: Any) -> str:
    """The fields in a body, with the types of its messages or the words of its receipts, and who is named how."""
    names = []
    for change in (change for entry in body["entry"] for change in entry["changes"]):
        value = change["value"]
        words = [one["type"] for one in value.get("messages", [])] + [
            one["status"] for one in value.get("statuses", [])
        ]
        names += [f"{change['field']} {word}" for word in words] or [change["field"]]
    text = json.dumps(body)
    by_id = "" if '"wa_id": "1' in text or '"recipient_id": "1' in text or '"from": "1' in text else ", by user id"
    return ", ".join(sorted(names)) + by_id


def play(sim: Simulator) -> None:
    people = [
        sim.customer(phone=PERSON, name="Ayla", username="ayla.d"),
        sim.customer(username="private.person", name="P."),
        sim.customer(phone="+15550100124", username="empty", hides_phone=True, empty_phone=True),
    ]
    for person in people:
        writes_everything(person)
        receives(sim, person)
    ayla = people[0]
    sim.template("order_update", status="PAUSED")
    sim.template("order_update", status="REJECTED", reason="INVALID_FORMAT", advice="Put words around the variable.")
    sim.template("order_update", quality="RED")
    ayla.stops_marketing()
    ayla.resumes_marketing()
    past = [
        {"text": "Hello", "at": 1760000000},
        {"text": "Hi", "from_business": True, "at": 1760000060, "status": "READ"},
    ]
    sim.history([{"customer_id": one.id, "messages": past} for one in people])
    for one in people:
        sim.echo(one, "From the phone")
    sim.fault("batch", size=2, count=2)
    ayla.says("one")
    ayla.says("two")
    people[0].changes_number("+15550100125")
    people[1].changes_number("")


def writes_everything(person: Customer) -> None:
    first = person.says("Hi ☕")
    person.says("And this", reply_to=first)
    for kind, (name, content, mime_type) in UPLOADS.items():
        person.sends_file(kind, content, mime_type, filename=name)
    person.sends_file("image", caption="look")
    person.sends_location(-6.2, 106.8)
    person.sends_contact("Budi", "+15550100126")
    person.reacts(first, "👍")
    person.reacts(first, "")
    person.sends_unsupported()


def receives(sim: Simulator, person: Customer) -> None:
    """A business's messages, with all that can become of them, and what is tapped on them."""
    shows_phone = person.phone and not person.facts["hides_phone"]
    to = {"to": f"+{person.phone}"} if shows_phone else {"recipient": person.user_id}
    sim.template("order_update", TEMPLATE)
    sim.template("choice", components=[{"type": "BODY", "text": "Well?"}, QUICK])
    asking = {"type": "template", "template": {"name": "choice", "language": {"code": "en_US"}}}
    sent = ((interactive("button"), "yes"), (interactive("list"), "gayo"), (asking, "Stop"), (template(), ""))
    with asker(sim).http as http:
        for content, choice in sent:
            given = {"messaging_product": "whatsapp", **to, **content, "biz_opaque_callback_data": "token.1"}
            wamid = http.post(f"{HOME.id}/messages", json=given).json()["messages"][0]["id"]
            sim.wait_for(partial(is_delivered, sim, wamid))
            if choice:
                person.taps(wamid, choice)
            for word in ("read", "played", "failed"):
                sim.receipt(wamid, word)


def is_delivered(sim: Simulator, wamid: str) -> bool:
    return any("delivered" in one["steps"] for one in sim.sent() if one["wamid"] == wamid)


QUICK = {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Stop"}]}
