"""A customer writes STOP, the page quotes them, an admin lifts it, and an open composer follows at its next poll."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .conftest import INTAN, sign_in
from .test_look import FITS, complaints

PAGE = "/w/kopi-kita/settings/opt-outs/"


def test_a_stop_is_on_the_page_with_its_word_and_once_lifted_the_composer_opens_within_a_poll(
    sari, customer, house, open_page
):
    name = customer.facts["name"]
    customer.says("Hello")
    sari.open(name)
    sari.box.fill("Welcome back")
    expect(sari.send_button).to_be_enabled()
    customer.says("Stop!")
    expect(sari.verdict).to_contain_text("This person has opted out of messages. They wrote “Stop!”.")
    expect(sari.send_button).to_be_disabled()
    sari.page.evaluate("() => { window.neverReloaded = true; }")
    polls: list[str] = []
    sari.page.on("request", lambda request: polls.append(request.url) if "/verdict/" in request.url else None)

    intan = open_page()
    sign_in(intan, house, INTAN)
    intan.goto(house.inbox_url + PAGE)
    row = intan.locator("[data-row]", has_text=name)
    expect(row).to_contain_text("Stop!")
    expect(row).to_contain_text("All messages")
    row.get_by_role("link", name="History").click()
    expect(intan.locator("[data-standing]")).to_contain_text("Opted out of all messages")
    intan.get_by_label("Why may they be written to again?").fill("Asked for it by phone")
    asked = len(polls)
    intan.get_by_role("button", name="Lift this opt-out").click()
    expect(intan.locator("[data-standing]")).to_contain_text("Has not opted out")
    expect(intan.locator("[data-event]").first).to_contain_text("Asked for it by phone")

    expect(sari.send_button).to_be_enabled()
    assert len(polls) <= asked + 2, "the poll that was under way, and the first after the lift"
    assert sari.page.evaluate("() => window.neverReloaded") is True
    expect(sari.box).to_have_value("Welcome back")
    sari.send_button.click()
    expect(sari.mark("Welcome back")).to_contain_text("Read")


def test_an_agent_records_what_comes_close_to_an_opt_out_with_one_click(sari, customer):
    customer.says("Please stop messaging me")
    sari.open(customer.facts["name"])
    ask = sari.verdict.locator("[data-suggestion]")
    expect(ask).to_contain_text("This may be an opt-out: record it?")
    sari.box.fill("A word that stays")
    expect(sari.send_button).to_be_enabled()
    ask.get_by_role("button", name="Record the opt-out").click()
    expect(sari.verdict).to_contain_text("This person has opted out of messages")
    expect(ask).to_have_count(0)
    expect(sari.send_button).to_be_disabled()
    expect(sari.box).to_have_value("A word that stays")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_in_opt_outs_and_360_px_are_enough(screen, customer, house, scheme):
    customer.says("STOP")
    intan = screen(INTAN, color_scheme=scheme, bypass_csp=True, viewport={"width": 360, "height": 800})
    expect(intan.row(customer.facts["name"])).to_contain_text("STOP")
    for path in ("", "words/", "import/", "?q=zzz"):
        intan.page.goto(house.inbox_url + PAGE + path)
        assert complaints(intan.page) == [], path
        assert intan.page.evaluate(FITS), path
    intan.page.goto(house.inbox_url + PAGE)
    intan.page.get_by_role("link", name=f"History of {customer.facts['name']}").click()
    expect(intan.page.locator("[data-event]")).to_contain_text("STOP")
    assert complaints(intan.page) == []
    assert intan.page.evaluate(FITS)
