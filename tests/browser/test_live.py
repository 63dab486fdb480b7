"""The screen says how fresh it is: hidden, stopped, behind, and back again, with nothing of the reader's lost."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import expect

from gigaviz.demo import programs

from .rig import running_again, stopped


def test_a_hidden_tab_asks_for_nothing_and_is_fresh_at_once_when_it_returns(sari, customer):
    customer.says("Hello")
    sari.open(customer.facts["name"])
    sari.look_away()
    expect(sari.live).to_contain_text("Paused")
    asked: list[str] = []
    # The browser fetches the other icon by itself when the tab's title says that something is unread.
    sari.page.on("request", lambda request: None if "/static/img/" in request.url else asked.append(request.url))
    customer.says("Are you still there?")
    sari.page.wait_for_timeout(7_000)  # more than two polls
    assert asked == []
    sari.look_back()
    expect(sari.bubble("Are you still there?")).to_be_visible()
    expect(sari.live).to_contain_text("Live")


def test_a_stopped_server_turns_the_page_not_live_and_it_recovers_with_the_draft_intact(house, sari, customer):
    customer.says("Hello")
    sari.open(customer.facts["name"])
    sari.box.fill("Half a sen")
    expect(sari.send_button).to_be_enabled()
    with stopped(house, "web"):
        expect(sari.live).to_contain_text("Not live since")
        expect(sari.send_button).to_be_disabled()
        expect(sari.page.locator(".composer-why")).to_contain_text("Held until the page is live again")
        sari.box.fill("Half a sentence")
    expect(sari.live).to_contain_text("Live ·")
    expect(sari.send_button).to_be_enabled()
    expect(sari.box).to_have_value("Half a sentence")


def test_while_events_of_meta_wait_the_page_says_behind_and_catches_up(house, sari, customer):
    customer.says("Hello")
    sari.open(customer.facts["name"])
    with stopped(house, "ingest"):
        customer.says("Nobody applies this")
        expect(sari.live).to_contain_text(re.compile(r"Behind: \d+ events? from Meta waiting since"), timeout=10_000)
    expect(sari.bubble("Nobody applies this")).to_be_visible()
    expect(sari.live).to_contain_text("Live ·")


def test_a_selection_and_a_playing_voice_note_survive_what_comes_in(sari, customer):
    customer.says("Select these words")
    customer.sends_file("audio")
    sari.open(customer.facts["name"])
    audio = sari.page.locator("audio")
    expect(audio).to_be_visible()
    audio.evaluate("(sound) => { sound.loop = true; sound.muted = true; return sound.play(); }")
    sari.bubble("Select these words").locator(".message-text").select_text()
    customer.says("Something new")
    expect(sari.bubble("Something new")).to_be_visible()
    assert sari.page.evaluate("getSelection().toString()") == "Select these words"
    assert audio.evaluate("(sound) => !sound.paused && sound.currentTime > 0")


def test_an_open_evidence_timeline_stays_open_while_receipts_come_in(sari, sim, customer):
    customer.change(receipts="silent")
    customer.says("Hello")
    sari.open(customer.facts["name"])
    sari.reply("Good morning")
    wamid = sim.wait_for_sent(customer_id=customer.id)[0]["wamid"]
    expect(sari.mark("Good morning")).to_contain_text("Accepted")
    sari.bubble("Good morning").locator("summary").first.click()
    evidence = sari.bubble("Good morning").locator(".evidence")
    expect(evidence).to_contain_text("Accepted by Meta")
    sim.receipt(wamid, "delivered")
    expect(sari.mark("Good morning")).to_contain_text("Delivered")
    expect(evidence).to_contain_text("Meta reports: delivered")


def test_rows_do_not_move_under_the_pointer(sari, sim, customer):
    second = sim.customer("628139990001", "Second of two")
    customer.says("First")
    expect(sari.row(customer.facts["name"])).to_be_visible()
    second.says("Second")
    expect(sari.page.locator(".row").first).to_contain_text("Second of two")
    sari.row("Second of two").hover()
    customer.says("And again")
    expect(sari.row(customer.facts["name"])).to_contain_text("And again")
    expect(sari.page.locator(".row").first).to_contain_text("Second of two")
    third = sim.customer("628139990003", "Third one")
    third.says("New here")
    expect(sari.page.locator("[data-list-news]")).to_have_text("1 new conversation")
    sari.page.mouse.move(900, 400)
    expect(sari.row("Third one")).to_be_visible()
    expect(sari.page.locator(".row").nth(1)).to_contain_text(customer.facts["name"])


def test_earlier_messages_are_drawn_once_and_still_take_news(sari, sim, customer):
    customer.says("Hello")
    sari.open(customer.facts["name"])
    customer.change(receipts="silent")
    sari.reply("An old reply")
    old = sim.wait_for_sent(customer_id=customer.id)[0]["wamid"]
    expect(sari.mark("An old reply")).to_contain_text("Accepted")
    for number in range(52):
        customer.says(f"Line {number}.")
    expect(sari.bubble("Line 51.")).to_have_count(1)
    sari.page.reload()
    expect(sari.bubble("An old reply")).to_have_count(0)
    sari.page.get_by_role("button", name="Earlier messages").click()
    expect(sari.bubble("An old reply")).to_have_count(1)
    sim.receipt(old, "delivered")
    expect(sari.mark("An old reply")).to_contain_text("Delivered")
    ids = sari.page.locator(".lines > [id]").evaluate_all("(lines) => lines.map((line) => line.id)")
    assert len(ids) == len(set(ids)) >= 54


def test_title_and_icon_say_unread_while_somebody_looks_elsewhere(sari, customer):
    sari.page.evaluate("() => { document.hasFocus = () => false; }")
    customer.says("Hello")
    expect(sari.row(customer.facts["name"])).to_be_visible()
    expect(sari.page).to_have_title(re.compile(r"^\(\d+\) "))
    assert "unread" in (sari.page.locator("link[rel=icon]").get_attribute("href") or "")
    sari.page.evaluate("() => { delete document.hasFocus; window.dispatchEvent(new Event('focus')); }")
    expect(sari.page).not_to_have_title(re.compile(r"^\("))


def test_a_message_read_on_the_screen_is_no_longer_unread(sari, customer):
    customer.says("Hello")
    expect(sari.row(customer.facts["name"]).locator(".count")).to_have_text(re.compile("1"))
    sari.open(customer.facts["name"])
    expect(sari.row(customer.facts["name"]).locator(".count")).to_have_count(0)


def test_an_expired_session_is_said_and_the_words_survive_signing_in_again(house, sari, customer):
    customer.says("Hello")
    sari.open(customer.facts["name"])
    sari.box.fill("Written before the session ended")
    sari.page.context.clear_cookies(name="gigaviz_session")
    expect(sari.live).to_contain_text("Signed out")
    expect(sari.send_button).to_be_disabled()
    address = sari.page.url
    sari.page.reload()
    expect(sari.page).to_have_url(re.compile("/accounts/login/"))
    sari.page.get_by_label("Email").fill("sari@kopikita.example")
    sari.page.get_by_label("Password").fill(house.kept["PASSWORD"])
    sari.page.get_by_role("button", name="Sign in", exact=True).click()
    expect(sari.page).to_have_url(address)
    expect(sari.box).to_have_value("Written before the session ended")


@pytest.mark.parametrize("program", ["ingest", "sending"])
def test_what_was_stored_or_written_while_a_worker_was_killed_is_there_after_its_start(house, sari, customer, program):
    customer.says("Before")
    sari.open(customer.facts["name"])
    with stopped(house, program, kill=True):
        sari.reply("Written while it was dead")
        customer.says("Said to nobody")
    expect(sari.bubble("Said to nobody")).to_be_visible()
    expect(sari.mark("Written while it was dead")).to_contain_text("Read")


def test_a_worker_killed_in_the_middle_of_a_call_leaves_unconfirmed_and_one_message(house, sari, sim, customer):
    customer.change(receipts="silent")
    customer.says("Hello")
    sari.open(customer.facts["name"])
    sim.fault("slow", recipient=customer.id, seconds=20, count=1)
    sari.reply("Once and only once")
    sim.wait_for_sent(customer_id=customer.id)
    with stopped(house, "sending", kill=True):
        expect(sari.mark("Once and only once")).to_contain_text("Sending")
    expect(sari.mark("Once and only once")).to_contain_text("Unconfirmed", timeout=90_000)
    assert len(sim.sent(customer_id=customer.id)) == 1


def test_all_programs_run_again(house):
    """What the tests above stopped is running: a later test must not fail for an earlier one."""
    running_again(house)
    assert {one.name for one in programs.workers(house.env)} == {"ingest", "sending", "clock"}


def test_a_message_that_turns_out_to_be_somebody_elses_leaves_an_open_page(sari, sim):
    """A number that changed hands: what came by it, before that was known, was taken for its new owner's."""
    phone = "628129999001"

    def says(text: str, minutes: int, user_id: str = "") -> None:
        at = str(int(time.time()) - minutes * 60)
        written = {"from": phone, "id": f"wamid.{text}", "timestamp": at, "type": "text", "text": {"body": text}}
        contact = {"profile": {"name": f"Owner {user_id}".strip()}, "wa_id": phone}
        if user_id:
            written["from_user_id"] = contact["user_id"] = user_id
        which = {"messaging_product": "whatsapp", "metadata": {"phone_number_id": sim.number()["id"]}}
        sim.change("messages", {**which, "contacts": [contact], "messages": [written]})

    says("Written by the former owner", 50)
    says("Written by the new owner", 5, "ID.900002")
    sari.open("Owner ID.900002")
    expect(sari.bubble("Written by the former owner")).to_be_visible()
    says("The former owner again", 40, "ID.900001")
    expect(sari.bubble("Written by the former owner")).to_have_count(0)
    expect(sari.bubble("Written by the new owner")).to_be_visible()
