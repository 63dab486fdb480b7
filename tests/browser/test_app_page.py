"""A Meta app is added, its callback and token are copied from the page, and the page sees Meta's handshake happen."""

from __future__ import annotations

from playwright.sync_api import expect

from .conftest import INTAN

APP = {"app_id": "600000000000099", "app_secret": "secret-of-a-second-app"}


def test_what_is_copied_from_the_page_passes_the_handshake_and_the_open_page_says_so(screen, sim, house):
    sim.add_number(id="100000000000099", waba_id="200000000000099", display_number="+62 811-9999-999", **APP)
    page = screen(INTAN).page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=house.inbox_url)
    page.goto(f"{house.inbox_url}/w/kopi-kita/settings/connections/")
    page.get_by_role("link", name="Add a Meta app").click()
    page.get_by_label("Name").fill("Second app")
    page.get_by_label("App ID").fill(" 6000 0000 0000 099 ")
    page.get_by_label("App secret").fill(APP["app_secret"])
    page.get_by_label("Where the app is").select_option("simulator")
    page.get_by_role("button", name="Check and save").click()
    expect(page.locator("live-poll")).to_contain_text("not seen yet")

    copied = []
    for number in range(2):
        page.locator("copy-button button").nth(number).click()
        expect(page.locator("copy-button button").nth(number)).to_have_text("Copied")
        copied.append(page.evaluate("navigator.clipboard.readText()"))
    callback_url, verify_token = copied
    assert sim.handshake(app_id=APP["app_id"], callback_url=callback_url, verify_token=verify_token) == ""
    expect(page.locator("live-poll")).to_contain_text("passed")
