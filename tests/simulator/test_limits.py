"""Meta's limits: to one person, of a number, of an hour; the 24 hours; the list of a test number."""

from __future__ import annotations

import time

import pytest

from simulator.limits import Bucket

from .conftest import NUMBER
from .content import template

PHONE = "+15550100123"
HOURS = 3600


def code(answer):
    return answer.json().get("error", {}).get("code")


def test_one_person_takes_45_messages_at_once_and_then_one_in_six_seconds(sim, ayla, post):
    sim.pace(pair_limit=True)
    ayla.says("hi")
    answers = [post(PHONE) for _ in range(50)]
    assert [one.status_code for one in answers[:45]] == [200] * 45
    refused = answers[-1]
    assert (refused.status_code, code(refused)) == (400, 131056)


def test_another_person_is_not_affected(sim, ayla, post):
    sim.pace(pair_limit=True)
    ayla.says("hi")
    for _ in range(50):
        post(PHONE)
    sim.customer(phone="+15550100124").says("hi")
    assert post("+15550100124").status_code == 200


def test_a_bucket_fills_at_its_rate_and_never_over_its_size():
    bucket = Bucket(size=2, rate=0.5, left=2, since=0)
    assert [bucket.take(0), bucket.take(0), bucket.take(1), bucket.take(2)] == [True, True, False, True]
    assert [bucket.take(1000), bucket.take(1000), bucket.take(1000)] == [True, True, False]


def test_a_number_sends_so_many_a_second(sim, ayla, post):
    sim.pace(throughput=1)
    ayla.says("hi")
    refused = next(one for one in (post(PHONE) for _ in range(100)) if one.status_code != 200)
    assert (refused.status_code, code(refused)) == (400, 130429)


def test_calls_of_management_are_counted_by_the_hour(sim, graph):
    sim.pace(management_calls=3)
    answers = [graph.get(NUMBER) for _ in range(4)]
    assert [one.status_code for one in answers] == [200, 200, 200, 400]
    assert code(answers[-1]) == 80007


@pytest.mark.parametrize("hours", [None, 25])
def test_after_24_hours_of_silence_only_templates_are_taken(sim, ayla, post, hours):
    if hours:
        ayla.says("hi", at=int(time.time()) - hours * HOURS)
    assert code(post(PHONE)) == 131047
    sim.template("order_update", "Your order {{1}} is on its way.")
    assert post(PHONE, template()).status_code == 200


def test_the_window_is_of_one_number_and_opens_with_a_message(ayla, post, sim):
    ayla.says("hi", to="100000000000003")
    assert code(post(PHONE)) == 131047
    assert post(PHONE, number="100000000000003").status_code == 200


def test_a_reaction_and_a_change_of_number_do_not_open_the_window(ayla, post):
    ayla.reacts("wamid.x", "👍")
    assert code(post(PHONE)) == 131047


def test_a_closed_window_can_be_told_by_webhook_instead(sim, hook, ayla, post):
    sim.pace(window="receipt")
    assert post(PHONE).status_code == 200
    assert hook.wait_for_status("failed")["errors"][0]["code"] == 131047


def test_the_window_can_be_left_open(sim, ayla, post):
    sim.pace(window="off")
    assert post(PHONE).status_code == 200


def test_a_test_number_writes_to_its_list_only(sim, ayla, post):
    sim.add_number(id=NUMBER, account_mode="SANDBOX", allowed=["+1 555-010-0124"])
    ayla.says("hi")
    refused = post(PHONE)
    assert (refused.status_code, code(refused)) == (400, 131030)
    sim.customer(phone="+15550100124").says("hi")
    assert post("+15550100124").status_code == 200
