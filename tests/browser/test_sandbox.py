"""Sandbox mode, switched on its page while an agent has a conversation open: the composer follows at its next poll."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .conftest import INTAN, sign_in


@pytest.fixture
def intan(house, open_page):
    """The admin, on the settings page of sandbox mode."""
    page = open_page()
    sign_in(page, house, INTAN)
    page.goto(f"{house.inbox_url}/w/kopi-kita/settings/sandbox/")
    yield page
    house.manage((["set_sandbox", "--workspace", "kopi-kita", "off"], {}))
    house.manage((["whitelist", "--workspace", "kopi-kita", "--remove", "+628120099001"], {}))


def test_an_open_composer_follows_the_switch_and_the_whitelist_without_a_reload(sari, sim, intan):
    customer = sim.customer("628120099001", "Ratna", reads="always")
    customer.says("Hello")
    sari.open("Ratna")
    sari.box.fill("Good morning")
    sari.page.evaluate("() => { window.neverReloaded = true; }")
    sign = sari.page.locator("#list-sign")
    expect(sign).to_be_hidden()
    polls: list[str] = []
    sari.page.on("request", lambda request: polls.append(request.url) if "/verdict/" in request.url else None)

    intan.get_by_role("button", name="Switch on").click()
    expect(intan.locator("[data-sentence]")).to_contain_text("nobody can receive messages")
    asked = len(polls)
    expect(sari.verdict).to_contain_text("Sandbox mode is on, and this person is not on the workspace's whitelist")
    expect(sari.verdict).to_contain_text("Who can do it: Intan Lestari.")
    assert len(polls) <= asked + 1, "the first poll after the switch brings it"
    expect(sari.send_button).to_be_disabled()
    expect(sign).to_contain_text("only people on the whitelist receive messages")

    intan.get_by_label("Who can receive messages").fill("0812-0099-001\nRatna")
    intan.get_by_role("button", name="Save").click()
    expect(intan.get_by_role("alert")).to_contain_text("Line 2, “Ratna”: It is neither a phone number nor a BSUID.")
    expect(intan.locator("[data-person]")).to_have_text(["+62 812-0099-001"])
    expect(sari.verdict).to_contain_text("This person is on it.")
    expect(sari.send_button).to_be_enabled()

    intan.get_by_role("button", name="Remove +62 812-0099-001").click()
    expect(sari.send_button).to_be_disabled()
    intan.get_by_role("link", name="Switch off").click()
    expect(intan.locator("[data-reach]")).to_contain_text("would become reachable")
    intan.get_by_role("button", name="Switch sandbox mode off").click()
    expect(intan.locator("[data-sentence]")).to_contain_text("Sandbox mode is off")
    asked = len(polls)
    expect(sari.send_button).to_be_enabled()
    assert len(polls) <= asked + 1
    expect(sari.verdict).not_to_contain_text("Sandbox mode is on")
    expect(sign).to_be_hidden()

    expect(sari.box).to_have_value("Good morning")
    assert sari.page.evaluate("() => window.neverReloaded") is True
    sari.send_button.click()
    expect(sari.mark("Good morning")).to_contain_text("Read")
