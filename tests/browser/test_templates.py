"""A template from its writing to its review: previewed while it is typed, and the page says what Meta decided."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .conftest import INTAN
from .test_look import FITS, complaints


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_an_admin_writes_a_template_and_sees_its_review_without_a_reload(screen, sim, scheme, width):
    intan = screen(INTAN, color_scheme=scheme, bypass_csp=True, viewport={"width": width, "height": 800})
    page, name = intan.page, f"greeting_{scheme}"
    page.get_by_role("link", name="Templates").click()
    account = page.get_by_role("region", name="Sync of Kopi Kita")
    account.get_by_role("link", name="New template").click()
    page.get_by_label("Body", exact=True).fill("{{1}}")
    page.get_by_role("button", name="Send to Meta for review").click()
    expect(page.locator("#id_body_error")).to_contain_text("neither begins nor ends with a variable")
    assert (complaints(page), page.evaluate(FITS)) == ([], True)
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Language", exact=True).fill("id")
    page.get_by_label("Body", exact=True).fill("Halo {{1}}, selamat datang!")
    page.get_by_label("Samples for the body’s variables").fill("Dewi")
    expect(page.get_by_label("Button 2", exact=True)).to_be_hidden()
    page.get_by_label("Button 1", exact=True).select_option(label="Quick reply")
    page.get_by_label("What stands on it").first.fill("Lihat menu")
    expect(page.get_by_label("Button 2", exact=True)).to_be_visible()
    expect(page.locator("#template-preview")).to_contain_text("Lihat menu")
    expect(page.locator("#template-preview mark")).to_have_text("{{1}}")
    page.get_by_role("button", name="Send to Meta for review").click()
    expect(page.locator("main")).to_contain_text("Meta has taken it.")
    sim.template(name, language="id", status="REJECTED", reason="SCAM", advice="Say who you are.")
    expect(page.locator("main")).to_contain_text("Meta takes it for an attempt to deceive.")
    expect(page.locator("main")).to_contain_text("Meta recommends: Say who you are.")
    assert (complaints(page), page.evaluate(FITS)) == ([], True)
    page.get_by_role("main").get_by_role("link", name="Templates").click()
    expect(page.get_by_role("link", name=name)).to_be_visible()
    assert (complaints(page), page.evaluate(FITS)) == ([], True)
