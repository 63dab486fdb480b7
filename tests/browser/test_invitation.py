"""Somebody is invited, opens the link in another browser, and sits in the inbox."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from gigaviz.processes import wait_until

from .conftest import INTAN


def test_somebody_invited_joins_and_sees_the_inbox(house, screen, open_page, customer):
    customer.says("Is anybody there?")
    intan = screen(INTAN).page
    intan.goto(f"{house.inbox_url}/w/kopi-kita/settings/members/")
    intan.get_by_label("Email").fill("rina@kopikita.example")
    intan.get_by_role("button", name="Send the invitation", exact=True).click()
    expect(intan.get_by_text("An invitation is on its way to rina@kopikita.example.")).to_be_visible()

    rina = open_page()
    rina.goto(house.inbox_url + link_in_the_post(house))
    rina.get_by_label("Your name").fill("Rina")
    rina.get_by_label("Password").fill(house.kept["PASSWORD"])
    rina.get_by_role("button", name="Join Kopi Kita").click()
    rina.wait_for_url("**/w/kopi-kita/inbox/")
    expect(rina.locator("live-state")).to_contain_text("Live")
    expect(rina.locator(".row", has_text=customer.facts["name"])).to_be_visible()

    intan.reload()
    expect(intan.locator(".page-item", has_text="rina@kopikita.example")).to_contain_text("Rina")
    expect(intan.get_by_text("Waiting for an answer")).to_have_count(0)


def link_in_the_post(house) -> str:
    """E-mail is written to the log of the web process here."""
    log = house.folder / "logs" / "web.log"
    found: list[str] = []

    def is_there() -> bool:
        found[:] = re.findall(r"(/invitations/[\w-]+/)", log.read_text())
        return bool(found)

    assert wait_until(is_there, 20)
    return found[-1]
