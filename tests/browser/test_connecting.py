"""A number, connected by an admin in the browser: what is amiss at Meta is mended, and a message comes in by it."""

from __future__ import annotations

from playwright.sync_api import expect

from gigaviz.demo.places import KOPI_KITA

from .conftest import INTAN, sign_in

PHONE_NUMBER_ID, WABA_ID, TOKEN = "100000000000771", "200000000000771", "the-second-numbers-token"


def test_an_admin_connects_a_number_and_what_customers_write_to_it_arrives(house, open_page, sari, sim):
    sim.add_number(
        id=PHONE_NUMBER_ID,
        waba_id=WABA_ID,
        display_number="+62 811-7000-700",
        app_id=KOPI_KITA.app_id,
        access_token=TOKEN,
        is_subscribed=False,
    )
    page = open_page()
    sign_in(page, house, INTAN)
    page.get_by_role("link", name="Settings").click()
    page.get_by_role("link", name="Connections").click()
    page.get_by_role("link", name="Connect a number").click()
    page.get_by_label("Name").fill("Wholesale")
    page.get_by_label("Meta app").select_option(index=0)
    # As it happens: the two ids in each other's place.
    page.get_by_label("Phone Number ID").fill(WABA_ID)
    page.get_by_label("WABA ID").fill(PHONE_NUMBER_ID)
    page.get_by_label("Access token").fill(TOKEN)
    page.get_by_label("Environment").select_option("simulator")
    page.get_by_role("button", name="Check and connect").click()
    expect(page.get_by_text("Phone Number ID and WABA ID are swapped.")).to_be_visible()
    page.get_by_role("button", name="Swap them").click()
    expect(page.locator("[data-check=number][data-verdict=good]")).to_be_visible()
    page.get_by_role("button", name="Subscribe the app").click()
    expect(page.get_by_text("Every check is good. The number is ready.")).to_be_visible()
    assert TOKEN not in page.content()

    customer = sim.customer("628120077001", "Galuh", reads="always")
    customer.says("Do you sell by the sack?", to=PHONE_NUMBER_ID)
    sari.open("Galuh")
    expect(sari.bubble("Do you sell by the sack?")).to_be_visible()
    expect(sari.page.locator("#thread-head")).to_contain_text("Wholesale")
    sari.reply("From 25 kilos on")
    expect(sari.mark("From 25 kilos on")).to_contain_text("Read")
    assert [one["number_id"] for one in sim.sent(customer_id=customer.id)] == [PHONE_NUMBER_ID]
