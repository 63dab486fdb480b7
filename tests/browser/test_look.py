"""Every page for everybody: axe finds nothing serious, 360 px are enough, nothing shifts, little is sent."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from .conftest import INTAN, OKI

SERIOUS = {"serious", "critical"}
FITS = "document.documentElement.scrollWidth <= innerWidth"
SETTINGS = [
    *("connections/", "connections/numbers/new/", "connections/apps/new/", "sandbox/", "sandbox/off/"),
    *("opt-outs/", "members/", "audit/", "audit/?since=x&person=0", "audit/?target=nothing-like-this"),
]
ACCOUNT = ["", "password/change/", "2fa/", "2fa/webauthn/", "2fa/webauthn/add/", "sessions/", "logout/"]
FIRST_LOAD_LIMIT = 120_000  # bytes over the wire


def complaints(page: Page) -> list[str]:
    found: list[dict[str, Any]] = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {node['target']} {node['failureSummary']}"
        for one in found
        if one["impact"] in SERIOUS
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_in_the_inbox(screen, sim, customer, scheme):
    customer.change(is_reachable=False)
    customer.says("Hello")
    customer.sends_file("image")
    customer.sends_file("document")
    customer.sends_unsupported()
    sari = screen(color_scheme=scheme, bypass_csp=True)
    assert complaints(sari.page) == []
    sari.open(customer.facts["name"])
    sari.reply("Are you there?")
    expect(sari.mark("Are you there?")).to_contain_text("Failed")
    sari.bubble("Are you there?").locator("summary").first.click()
    expect(sari.bubble("Are you there?").locator(".evidence")).to_contain_text("Meta reports: failed")
    customer.says("STOP")
    expect(sari.verdict).to_contain_text("has opted out")
    assert complaints(sari.page) == []
    sari.page.keyboard.press("Escape")
    sari.page.locator(".thread").focus()
    sari.page.keyboard.press("?")
    expect(sari.page.get_by_role("dialog")).to_be_visible()
    assert complaints(sari.page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_in_settings_templates_and_ones_account_and_360_px_are_enough(screen, house, scheme):
    intan = screen(INTAN, color_scheme=scheme, bypass_csp=True, viewport={"width": 360, "height": 800})
    settings = [f"/w/kopi-kita/settings/{part}" for part in SETTINGS]
    for path in (*settings, "/w/kopi-kita/templates/", *(f"/accounts/{part}" for part in ACCOUNT)):
        intan.page.goto(house.inbox_url + path)
        assert complaints(intan.page) == [], path
        assert intan.page.evaluate(FITS), path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_in_diagnostics(screen, sim, scheme):
    oki = screen(OKI, color_scheme=scheme, bypass_csp=True)
    sim.webhook(b"not json")
    oki.page.get_by_role("link", name="Diagnostics").click()
    expect(oki.page.get_by_role("heading", name="Events that need eyes")).to_be_visible()
    assert complaints(oki.page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_where_numbers_are_connected_and_360_px_are_enough(screen, scheme):
    page = screen(INTAN, color_scheme=scheme, bypass_csp=True, viewport={"width": 360, "height": 740}).page
    page.get_by_role("link", name="Settings").click()
    page.get_by_role("link", name="Connections").click()
    page.get_by_role("link", name="Connect a number").click()
    page.get_by_role("button", name="Check and connect").click()
    expect(page.get_by_text("This field is required.").first).to_be_visible()
    assert (complaints(page), page.evaluate(FITS)) == ([], True)
    for label, text in {"Name": "Wrong" * 24, "Phone Number ID": "1", "WABA ID": "2", "Access token": "x"}.items():
        page.get_by_label(label).fill(text)
    page.get_by_role("button", name="Check and connect").click()
    expect(page.locator("[data-check=token][data-verdict=bad]")).to_be_visible()
    assert (complaints(page), page.evaluate(FITS)) == ([], True)
    page.get_by_role("button", name="Take this number away").click()
    numbers = page.locator("section", has=page.get_by_role("heading", name="Numbers"))
    numbers.get_by_role("link", name="Kopi Kita", exact=True).click()
    page.get_by_role("button", name="Check again").click()
    expect(page.get_by_text("Every check is good.")).to_be_visible()
    assert (complaints(page), page.evaluate(FITS)) == ([], True)


@pytest.mark.parametrize("path", ["/accounts/login/", "/accounts/password/reset/", "/accounts/signup/", "/nothing/"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_outside(house, open_page, path, scheme):
    page = open_page(color_scheme=scheme, bypass_csp=True)
    page.goto(f"{house.inbox_url}{path}")
    assert complaints(page) == []


@pytest.mark.parametrize("width", [360, 768, 1440, 2560])
def test_no_page_is_wider_than_the_window(screen, customer, width):
    customer.says("https://example.com/" + "KPK1042" * 40)
    customer.says("Donaudampfschifffahrtsgesellschaftskapitän" * 3)
    customer.says("السلام عليكم، هل لديكم قهوة بالهيل؟")
    sari = screen(viewport={"width": width, "height": 800})
    assert sari.page.evaluate(FITS)
    assert sari.page.locator(".conversation").is_visible() == (width >= 768)
    sari.open(customer.facts["name"])
    expect(sari.box).to_be_visible()
    assert sari.page.evaluate(FITS)
    assert sari.page.locator(".list-pane").is_visible() == (width >= 768)


def test_the_first_load_is_small_and_nothing_shifts(screen, customer, sessions, open_page, house):
    customer.says("Hello")
    screen().open(customer.facts["name"])
    page = open_page(storage_state=sessions["sari@kopikita.example"])
    page.add_init_script(
        """window.shifted = 0; new PerformanceObserver((list) => {
            for (const entry of list.getEntries()) window.shifted += entry.value;
        }).observe({ type: "layout-shift", buffered: true });"""
    )
    sizes: list[int] = []
    page.on("requestfinished", lambda request: sizes.append(request.sizes()["responseBodySize"]))
    page.goto(f"{house.inbox_url}/w/kopi-kita/inbox/")
    expect(page.locator("live-state")).to_contain_text("Live")
    assert 0 < sum(sizes) < FIRST_LOAD_LIMIT
    assert page.evaluate("window.shifted") < 0.01


def test_the_keys_do_what_the_card_of_keys_says(sari, customer):
    customer.says("Hello")
    expect(sari.row(customer.facts["name"])).to_be_visible()
    sari.page.keyboard.press("/")
    expect(sari.page.get_by_role("searchbox")).to_be_focused()
    sari.page.keyboard.type(customer.facts["name"])
    sari.page.keyboard.press("Enter")
    expect(sari.page.locator(".row")).to_have_count(1)
    expect(sari.live).to_contain_text("Live")
    sari.page.keyboard.press("j")
    sari.page.keyboard.press("Enter")
    expect(sari.page.locator("#thread-head")).to_contain_text(customer.facts["name"])
    expect(sari.live).to_contain_text("Live")
    sari.page.keyboard.press("r")
    expect(sari.box).to_be_focused()
    sari.page.keyboard.press("Escape")
    sari.page.keyboard.press("a")
    expect(sari.page.locator("#thread-head")).to_contain_text("Yours")
    sari.page.keyboard.press("e")
    expect(sari.page.locator("#thread-head")).to_contain_text("Closed")
