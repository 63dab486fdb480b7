"""The inbox as somebody sees it: where things are on the page, so that tests can say what they mean."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

# Longer than two polls and a drain; a test that waits for words stops waiting as soon as they are there.
SOON = 15_000
expect.set_options(timeout=SOON)


class Screen:
    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url

    def goto_inbox(self, slug: str = "kopi-kita", query: str = "") -> None:
        self.page.goto(f"{self.url}/w/{slug}/inbox/{query}")
        expect(self.live).to_contain_text("Live")

    def open(self, name: str) -> None:
        """Open somebody's conversation from the list, once it is there."""
        self.row(name).get_by_role("link").click()
        expect(self.page.locator("#thread-head")).to_contain_text(name)
        expect(self.live).to_contain_text("Live")

    def row(self, name: str) -> Locator:
        return self.page.locator(".row", has_text=name)

    def bubble(self, text: str) -> Locator:
        return self.page.locator(".message", has_text=text)

    def mark(self, text: str) -> Locator:
        """The delivery mark of the message with these words."""
        return self.bubble(text).locator("[data-part=mark]")

    @property
    def live(self) -> Locator:
        return self.page.locator("live-state")

    @property
    def box(self) -> Locator:
        return self.page.get_by_role("textbox", name="Reply")

    @property
    def send_button(self) -> Locator:
        return self.page.locator(".composer-send")

    @property
    def said(self) -> Locator:
        """What the composer says is in the way."""
        return self.page.locator("[data-error]")

    @property
    def verdict(self) -> Locator:
        return self.page.locator("[data-verdict]")

    def reply(self, text: str) -> None:
        self.box.fill(text)
        self.send_button.click()
        expect(self.bubble(text)).to_be_visible()

    def look_away(self) -> None:
        """As when another tab comes to the front."""
        self.page.evaluate(
            """() => { Object.defineProperty(document, "visibilityState", { value: "hidden", configurable: true });
            document.dispatchEvent(new Event("visibilitychange")); }"""
        )

    def look_back(self) -> None:
        self.page.evaluate(
            """() => { delete document.visibilityState; document.dispatchEvent(new Event("visibilitychange")); }"""
        )
