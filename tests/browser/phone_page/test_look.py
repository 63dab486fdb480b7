"""axe finds nothing serious, and 360 px are enough."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.simulator.content import interactive

from .hand import bubble, choose, mark

WIDER = """() => [...document.querySelectorAll("#bench > *")]
    .filter((one) => one.scrollWidth > one.clientWidth + 1)
    .map((one) => `${one.id}: ${one.scrollWidth} in ${one.clientWidth}`)"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(page, phones, ayla, business, scheme):
    page.emulate_media(color_scheme=scheme)
    ayla.says("hi")
    ayla.sends_file("audio")
    business(ayla, interactive("button"))
    business(ayla, "Good morning")
    phones.fault("drop")
    choose(page, "Ayla")
    mark(page, "Good morning").click()
    page.get_by_role("button", name="Send something else").click()
    page.get_by_text("More about this customer").click()
    expect(page.locator(".details")).to_be_visible()
    assert complaints(page) == []
    page.get_by_role("button", name="New customer").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert complaints(page) == []


def complaints(page):
    found = Axe().run(page).response["violations"]
    serious = [one for one in found if one["impact"] in ("serious", "critical")]
    return [f"{one['id']}: {node['target']} {node['failureSummary']}" for one in serious for node in one["nodes"]]


@pytest.mark.parametrize("width", [360, 768, 1000, 1440, 2560])
def test_no_part_is_wider_than_the_window(page, ayla, business, width):
    page.set_viewport_size({"width": width, "height": 700})
    ayla.says("https://example.com/" + "KPK1042" * 40)
    business(ayla, "Donaudampfschifffahrtsgesellschaftskapitän" * 3)
    choose(page, "Ayla")
    expect(bubble(page, "Donau")).to_be_visible()
    for part in ("Customers", "Phone", "Controls"):
        button = page.get_by_role("navigation").get_by_role("button", name=part)
        if button.is_visible():
            button.click()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(WIDER) == []
