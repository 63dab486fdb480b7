"""Messages from a business: every type that Meta takes, and what it refuses."""

from __future__ import annotations

import pytest

from .conftest import NUMBER, SECOND
from .content import BROKEN, WORKING, interactive, template

PHONE = "+15550100123"


@pytest.fixture
def files(graph, sim):
    """An uploaded file of every kind: its id."""

    def upload(kind, content, mime_type):
        form = {"messaging_product": "whatsapp", "type": mime_type}
        answer = graph.post(f"{NUMBER}/media", data=form, files={"file": (kind, content, mime_type)})
        return answer.json()["id"]

    return upload


@pytest.mark.parametrize("kind", WORKING)
def test_every_type_is_accepted(sim, ayla, post, files, kind):
    wamid = ayla.says("hi")
    sim.template("order_update", "Your order {{1}} is on its way.")
    answer = post(PHONE, WORKING[kind](files, wamid))
    assert answer.status_code == 200, answer.text
    assert answer.json()["messages"][0]["id"].startswith("wamid.")
    assert sim.sent()[-1]["type"] == sim.sent()[-1]["posted"]["type"]


@pytest.mark.parametrize("what", BROKEN)
def test_what_meta_would_refuse_is_refused(sim, ayla, post, what):
    code, content = BROKEN[what]
    ayla.says("hi")
    sim.template("order_update", "Your order {{1}} is on its way.")
    answer = post(PHONE, content)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404 if code == 132001 else 400, code)
    assert answer.json()["error"]["fbtrace_id"]
    assert sim.sent() == []


def test_a_person_is_reached_by_user_id_alone(sim, hook, post):
    lina = sim.customer(username="lina.brews", name="Lina")
    lina.says("hi")
    told = post(lina.user_id).json()
    assert told["contacts"] == [{"input": lina.user_id, "user_id": lina.user_id}]
    delivered = hook.wait_for_status("delivered")
    assert delivered["recipient_user_id"] == lina.user_id
    assert "recipient_id" not in delivered


def test_with_both_names_the_phone_counts_and_both_come_back(ayla, post):
    ayla.says("hi")
    contact = post(PHONE, recipient=ayla.user_id).json()["contacts"][0]
    assert contact == {"input": PHONE, "wa_id": "15550100123", "user_id": ayla.user_id}


def test_a_user_id_in_place_of_the_phone_is_accepted_and_lost(sim, hook, ayla, graph):
    ayla.says("hi")
    message = {"messaging_product": "whatsapp", "to": ayla.user_id, "type": "template", **template()}
    sim.template("order_update", "Your order {{1}} is on its way.")
    assert graph.post(f"{NUMBER}/messages", json=message).status_code == 200
    sim.wait_for_quiet()
    assert hook.statuses() == []


def test_another_business_does_not_know_a_user_id(sim, ayla, post, hook):
    sim.add_number(
        id="100000000000009", waba_id="200000000000009", business_id="509", access_token="other", app_id="609"
    )
    ayla.says("hi")
    elsewhere = sim.customer(phone=ayla.phone).user_id_at("100000000000009")
    assert elsewhere != ayla.user_id
    assert post(elsewhere).json()["error"]["code"] == 131047


def test_callback_data_comes_back_in_every_receipt(ayla, hook, post):
    ayla.says("hi")
    post(PHONE, biz_opaque_callback_data="token.1")
    hook.wait_for_status("delivered")
    assert {one["biz_opaque_callback_data"] for one in hook.statuses()} == {"token.1"}


def test_callback_data_longer_than_512_characters_is_refused(ayla, post):
    ayla.says("hi")
    assert post(PHONE, biz_opaque_callback_data="x" * 513).json()["error"]["code"] == 100


def test_a_template_tells_its_status_at_once_and_arrives_filled_in(sim, ayla, post):
    sim.template("order_update", "Your order {{1}} is on its way.")
    assert post(PHONE, template("1042")).json()["messages"][0]["message_status"] == "accepted"
    assert sim.sent()[0]["text"] == "Your order 1042 is on its way."


@pytest.mark.parametrize(("status", "code"), [("PAUSED", 132015), ("DISABLED", 132016), ("PENDING", 132001)])
def test_only_an_approved_template_can_be_sent(sim, ayla, post, status, code):
    sim.template("order_update", "Your order {{1}} is on its way.", status=status)
    assert post(PHONE, template("1042")).json()["error"]["code"] == code


def test_marking_as_read_marks_all_before_it_too(sim, ayla, graph):
    ayla.says("one")
    second = ayla.says("two")
    ayla.says("three")
    given = {"messaging_product": "whatsapp", "status": "read", "message_id": second}
    assert graph.post(f"{NUMBER}/messages", json=given).json() == {"success": True}
    assert [one["is_read_by_business"] for one in sim.received()] == [True, True, False]


def test_a_message_of_another_number_cannot_be_marked_as_read(ayla, graph):
    wamid = ayla.says("hi")
    given = {"messaging_product": "whatsapp", "status": "read", "message_id": wamid}
    assert graph.post(f"{SECOND}/messages", json=given).json()["error"]["code"] == 131009


@pytest.mark.parametrize(("content", "choice"), [(interactive("button"), "Yes"), (interactive("list"), "gayo")])
def test_a_tap_answers_with_what_was_tapped(ayla, hook, post, content, choice):
    ayla.says("hi")
    wamid = post(PHONE, content).json()["messages"][0]["id"]
    ayla.taps(wamid, choice)
    reply = hook.wait_for_message(2)
    assert reply["context"]["id"] == wamid
    assert choice in reply["interactive"][reply["interactive"]["type"]].values()
