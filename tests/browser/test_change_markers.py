"""What an admin changes appears in the threads that are open, by itself."""

from __future__ import annotations

from playwright.sync_api import expect

from gigaviz.demo.places import SHOPS


def test_a_change_appears_in_an_open_thread_within_a_poll_and_the_draft_stays(house, sari, customer):
    customer.says("Hello")
    sari.open(customer.facts["name"])
    sari.box.fill("Half a sentence")
    pauses = ["pause_connection", "--workspace", "kopi-kita", "--connection", SHOPS[0].phone_number_id]
    house.manage((pauses, {}))
    try:
        line = sari.page.locator(".act", has_text="paused")
        expect(line).to_have_count(1)
        expect(sari.box).to_have_value("Half a sentence")
        expect(sari.page.locator(".lines > li").last).to_contain_text("paused")
    finally:
        house.manage(([*pauses, "--resume"], {}))
    expect(sari.page.locator(".act", has_text="resumed")).to_have_count(1)
