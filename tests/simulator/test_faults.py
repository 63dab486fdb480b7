"""Every fault does what it says, as often as it says, to whom it says."""

from __future__ import annotations

import httpx
import pytest

from simulator.client import SimulatorError

PHONE = "+15550100123"


@pytest.fixture(autouse=True)
def written(ayla, sim, hook):
    """Ayla has written, so that she can be answered."""
    ayla.says("hi")
    hook.wait_for_message()
    hook.posts.clear()


@pytest.mark.parametrize(("code", "status"), [(131056, 400), (131016, 500), (190, 401), (999999, 400)])
def test_any_error_code_can_be_answered_and_nothing_is_accepted(sim, post, code, status):
    sim.fault("error", code=code, count=1)
    refused = post(PHONE)
    assert (refused.status_code, refused.json()["error"]["code"]) == (status, code)
    assert sim.sent() == []
    assert post(PHONE).status_code == 200


def test_an_error_can_have_another_status_and_details(sim, post):
    sim.fault("error", code=131000, status=503, details="Try later")
    refused = post(PHONE)
    assert (refused.status_code, refused.json()["error"]["error_data"]["details"]) == (503, "Try later")


def test_a_message_can_be_accepted_and_fail_later(sim, hook, post):
    sim.fault("fail", code=131049, count=1)
    assert post(PHONE).status_code == 200
    assert hook.wait_for_status("failed")["errors"][0]["code"] == 131049
    assert hook.statuses("sent") == []


def test_an_answer_can_be_lost_after_acceptance(sim, hook, post):
    sim.fault("lost_answer", count=1)
    with pytest.raises(httpx.RemoteProtocolError):
        post(PHONE, biz_opaque_callback_data="token.1")
    assert len(sim.sent()) == 1
    assert hook.wait_for_status("delivered")["biz_opaque_callback_data"] == "token.1"
    assert sim.calls()[-1]["status"] == 0


def test_an_answer_can_be_lost_before_acceptance(sim, post):
    sim.fault("lost_answer", count=1, accepted=False)
    with pytest.raises(httpx.RemoteProtocolError):
        post(PHONE)
    assert sim.sent() == []


def test_a_slow_answer_comes_after_the_receipts(sim, hook, graph, post):
    sim.fault("slow", seconds=3600, count=1)
    graph.timeout = httpx.Timeout(5, read=0.2)
    with pytest.raises(httpx.ReadTimeout):
        post(PHONE)
    assert hook.wait_for_status("delivered")


@pytest.mark.parametrize(("accepted", "count"), [(False, 0), (True, 1)])
def test_a_5xx_can_be_a_page_of_html(sim, post, accepted, count):
    sim.fault("html", status=503, count=1, accepted=accepted)
    answer = post(PHONE)
    assert (answer.status_code, answer.headers["content-type"]) == (503, "text/html; charset=utf-8")
    assert len(sim.sent()) == count


def test_an_answer_can_be_half_a_json(sim, post):
    sim.fault("unreadable", count=1)
    answer = post(PHONE)
    assert answer.status_code == 200
    with pytest.raises(ValueError, match="Unterminated"):
        answer.json()
    assert len(sim.sent()) == 1


def test_other_calls_can_fail_too(sim, graph, ayla, hook):
    sim.fault("error", on="graph", code=4, count=1)
    sim.fault("html", on="media", count=1)
    assert graph.get("100000000000001").json()["error"]["code"] == 4
    ayla.sends_file("image")
    image = hook.wait_for_message()["image"]
    assert graph.get(image["id"]).status_code == 502
    assert graph.get(image["id"]).status_code == 200


def test_a_webhook_can_be_posted_twice(sim, hook, ayla):
    sim.fault("duplicate", times=3, word="message")
    ayla.says("once")
    hook.wait(lambda: len(hook.posts) == 3)
    assert len({one.body for one in hook.posts}) == 1


def test_a_webhook_can_be_dropped(sim, hook, post):
    sim.fault("drop", word="sent")
    post(PHONE)
    hook.wait_for_status("delivered")
    sim.wait_for_quiet()
    assert hook.statuses("sent") == []
    assert [one["state"] for one in sim.deliveries() if one["words"] == ["sent"]] == ["dropped"]


def test_a_webhook_can_be_late_and_overtaken(sim, hook, ayla):
    sim.fault("delay", seconds=1.0, word="message", count=1)
    ayla.says("late")
    ayla.says("in time")
    hook.wait_for_message(2)
    assert [one["text"]["body"] for one in hook.messages()] == ["in time", "late"]


def test_webhooks_can_come_in_another_order(sim, hook, ayla):
    sim.fault("reorder", size=5, seconds=3600, count=5)
    said = [str(number) for number in range(5)]
    for one in said:
        ayla.says(one)
    hook.wait_for_message(5)
    arrived = [one["text"]["body"] for one in hook.messages()]
    assert sorted(arrived) == said
    assert arrived != said
    assert len(hook.posts) == 5


def test_webhooks_can_come_in_one_body(sim, hook, ayla, post):
    sim.fault("batch", size=4, seconds=3600, count=4)
    ayla.says("one")
    ayla.says("two")
    post(PHONE)
    hook.wait(lambda: hook.posts)
    (only,) = hook.posts
    (entry,) = only.json()["entry"]
    assert len(entry["changes"]) == 4


def test_a_batch_that_does_not_fill_is_posted_after_its_time(sim, hook, ayla):
    sim.fault("batch", size=100, seconds=0.2)
    ayla.says("alone")
    assert hook.wait_for_message()["text"]["body"] == "alone"


def test_a_fault_meets_only_whom_it_names(sim, hook, post):
    other = sim.customer(phone="+15550100124")
    other.says("hi")
    sim.fault("error", code=131026, recipient="+15550100124")
    assert post(PHONE).status_code == 200
    assert post("+15550100124").status_code == 400


def test_a_fault_meets_only_the_number_it_names(sim, ayla, post):
    ayla.says("hi", to="100000000000003")
    sim.fault("error", code=131026, number_id="100000000000003")
    assert post(PHONE).status_code == 200
    assert post(PHONE, number="100000000000003").status_code == 400


def test_exactly_the_second_message_can_be_met(sim, post):
    sim.fault("error", code=131056, skip=1, count=1)
    assert [post(PHONE).status_code for _ in range(3)] == [200, 400, 200]


def test_a_fault_without_a_count_lasts_until_it_is_cleared(sim, post):
    fault = sim.fault("error", code=131056)
    assert [post(PHONE).status_code for _ in range(2)] == [400, 400]
    assert sim.faults()[0]["met"] == 2
    sim.clear_faults(fault)
    assert post(PHONE).status_code == 200


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"kind": "nonsense"}, "kind must be one of"),
        ({"kind": "delay", "seconds": -1}, "seconds must be"),
        ({"kind": "error", "code": "x"}, "cannot be 'x'"),
        ({"kind": "drop", "wrod": "sent"}, "no setting named wrod"),
    ],
)
def test_a_fault_that_cannot_be_is_refused_in_a_sentence(sim, settings, words):
    with pytest.raises(SimulatorError, match=words):
        sim.fault(**settings)
