"""Customers: who they are to a business, when they receive and read, and what they refuse."""

from __future__ import annotations

import pytest

from simulator.client import SimulatorError

from .content import template

PHONE = "+15550100123"


def steps(sim):
    return set(sim.sent()[-1]["steps"])


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"receipts": "auto", "reads": "never"}, {"sent", "delivered"}),
        ({"receipts": "auto", "reads": "always"}, {"sent", "delivered", "read"}),
        ({"receipts": "manual"}, {"sent"}),
    ],
)
def test_receipts_come_as_the_customer_has_them(sim, ayla, post, facts, expected):
    ayla.change(**facts)
    ayla.says("hi")
    post(PHONE)
    sim.wait_for(lambda: steps(sim) == expected)
    sim.wait_for_quiet()
    assert steps(sim) == expected


def test_a_silent_customer_gives_no_receipt_until_someone_says_so(sim, hook, ayla, post):
    ayla.change(receipts="silent")
    ayla.says("hi")
    wamid = post(PHONE).json()["messages"][0]["id"]
    sim.receipt(wamid, "read")
    hook.wait_for_status("read")
    assert [one["status"] for one in hook.statuses()] == ["read"]


def test_a_receipt_by_hand_can_be_of_any_time_and_come_twice(sim, hook, ayla, post):
    ayla.change(receipts="silent")
    ayla.says("hi")
    wamid = post(PHONE).json()["messages"][0]["id"]
    for _ in range(2):
        sim.receipt(wamid, "delivered", at=1760000000)
    hook.wait_for_status("delivered", 2)
    assert {one["timestamp"] for one in hook.statuses()} == {"1760000000"}


def test_a_message_to_somebody_out_of_reach_fails_with_131026(hook, ayla, post):
    ayla.change(is_reachable=False)
    ayla.says("hi")
    assert post(PHONE).status_code == 200
    failed = hook.wait_for_status("failed")
    assert failed["errors"][0]["code"] == 131026
    assert "contacts" not in hook.changes()[-1]


@pytest.mark.parametrize(("stops", "capped", "code"), [(True, False, 131050), (False, True, 131049)])
def test_marketing_fails_for_who_stopped_it_or_has_had_enough(sim, hook, ayla, post, stops, capped, code):
    sim.template("promo", "Hi {{1}}, welcome", category="MARKETING")
    ayla.change(is_capped=capped)
    if stops:
        ayla.stops_marketing()
    assert post(PHONE, template("Ayla", name="promo")).status_code == 200
    assert hook.wait_for_status("failed")["errors"][0]["code"] == code


def test_who_blocks_a_business_is_sent_to_and_never_reached(sim, ayla, post):
    ayla.says("hi")
    ayla.change(blocks=True)
    post(PHONE)
    sim.wait_for(lambda: steps(sim) == {"sent"})
    sim.wait_for_quiet()
    assert steps(sim) == {"sent"}


def test_a_phone_that_is_taken_gives_who_has_it(sim, ayla):
    assert sim.customer(phone="+1 (555) 010-0123", name="Ayla D.").id == ayla.id
    assert sim.customers()[0].facts["name"] == "Ayla D."


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({}, "a phone, or a username"),
        ({"phone": "12"}, "5 to 15 digits"),
        ({"username": "x", "receipts": "now"}, "receipts is auto"),
        ({"username": "x", "reads_all": True}, "has no reads_all"),
    ],
)
def test_somebody_who_cannot_be_is_refused_in_a_sentence(sim, facts, words):
    with pytest.raises(SimulatorError, match=words):
        sim.ask("POST", "/customers", facts)
    assert sim.customers() == []


def test_a_reset_begins_anew(sim, ayla, post):
    ayla.says("hi")
    sim.fault("drop")
    sim.reset()
    state = sim.state()
    assert (state["customers"], state["messages"], state["faults"]) == (0, 0, [])
    assert len(state["numbers"]) == 2


def test_a_page_of_another_site_cannot_post(sim):
    answer = sim.http.post("/_sim/reset", content=b"{}", headers={"Content-Type": "text/plain"})
    assert answer.status_code == 400
