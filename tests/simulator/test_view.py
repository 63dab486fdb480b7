"""What the phone page is told, and when."""

from __future__ import annotations

import threading

import pytest

from .conftest import NUMBER, SECOND

PHONE = "+15550100123"


def view(sim, **query):
    return sim.ask("GET", "/view", query=query)


def test_it_shows_customers_with_their_newest_message_first(sim, ayla):
    budi = sim.customer(phone="+15550100124", name="Budi")
    ayla.says("first")
    budi.says("second")
    rows = view(sim)["customers"]
    assert [(one["name"], one["preview"]) for one in rows] == [("Budi", "second"), ("Ayla Demir", "first")]


def test_it_finds_customers_by_name_number_and_username(sim, ayla):
    sim.customer(username="lina.brews", name="Lina")
    for words, found in (("demir", ["Ayla Demir"]), ("0123", ["Ayla Demir"]), ("brews", ["Lina"]), ("x", [])):
        assert [one["name"] for one in view(sim, q=words)["customers"]] == found


def test_a_chat_is_of_one_customer_and_one_number(sim, ayla):
    ayla.says("to the first")
    ayla.says("to the second", to=SECOND)
    told = view(sim, customer_id=ayla.id, number_id=SECOND)["chat"]
    assert [one["content"]["body"] for one in told["messages"]] == ["to the second"]


def test_it_tells_how_far_each_webhook_has_come(sim, hook, ayla, post):
    ayla.says("hi")
    post(PHONE)
    sim.wait_for(lambda: sim.deliveries()[-1]["words"] == ["delivered"] and not sim.state()["webhooks_waiting"])
    said, answered = view(sim, customer_id=ayla.id)["chat"]["messages"]
    assert said["webhooks"]["message"] == {"state": "delivered", "attempts": 1}
    assert set(answered["webhooks"]) == {"sent", "delivered"}


def test_it_waits_until_there_is_news(sim, ayla):
    seen = view(sim)["version"]
    told = []
    waiting = threading.Thread(target=lambda: told.append(view(sim, seen=seen)))
    waiting.start()
    ayla.says("news")
    waiting.join(10)
    assert told[0]["version"] != seen


def test_an_open_chat_is_read(sim, hook, ayla, post):
    ayla.says("hi")
    post(PHONE)
    hook.wait_for_status("delivered")
    assert hook.statuses("read") == []
    view(sim, customer_id=ayla.id, open="1")
    assert hook.wait_for_status("read")


@pytest.mark.parametrize("name", ["", "page/main.js", "page/base.css", "page/icon.svg"])
def test_the_page_and_its_files_run_under_a_strict_policy(sim, name):
    answer = sim.http.get(f"/{name}")
    policy = answer.headers["content-security-policy"]
    assert answer.status_code == 200
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("name", ["page/../options.py", "page/%2e%2e%2foptions.py", "page/options.py"])
def test_no_other_file_is_served(sim, name):
    assert "argparse" not in sim.http.get(f"/{name}").text


def test_a_file_with_a_script_is_only_ever_saved(sim, ayla):
    media_id = sim.upload(b"<script>alert(1)</script>", "text/html", number_id=NUMBER)
    answer = sim.http.get(f"/page/files/{media_id}")
    assert answer.headers["content-disposition"] == "attachment"
    assert answer.headers["content-type"] == "application/octet-stream"


def test_a_part_of_a_file_can_be_asked_for(sim):
    media_id = sim.upload(b"0123456789", "audio/ogg", number_id=NUMBER)
    answer = sim.http.get(f"/page/files/{media_id}", headers={"Range": "bytes=2-4"})
    assert (answer.status_code, answer.content, answer.headers["content-range"]) == (206, b"234", "bytes 2-4/10")


def test_past_messages_of_every_type_are_shown(sim, ayla):
    card = {"type": "contacts", "contacts": [{"name": {"formatted_name": "Budi"}}], "at": 1760000000}
    sim.history([{"customer_id": ayla.id, "messages": [card]}])
    (message,) = view(sim, customer_id=ayla.id)["chat"]["messages"]
    assert message["is_history"]
    assert message["content"]["items"][0]["name"]["formatted_name"] == "Budi"


def test_a_number_that_is_gone_gives_way_to_the_first(sim):
    assert view(sim, number_id="999")["number_id"] == NUMBER


def test_of_many_customers_the_newest_are_shown_and_the_others_counted(sim):
    for number in range(203):
        sim.customer(username=f"person.{number}", name=f"Person {number}")
    sim.customers()[202].says("hi")
    told = view(sim)
    assert (len(told["customers"]), told["more_customers"]) == (200, 3)
    assert told["customers"][0]["name"] == "Person 202"
