"""The page shows what happens as it happens, and what it shows makes receipts happen."""

from __future__ import annotations

from playwright.sync_api import expect

from .hand import bubble, choose, mark, say

LOOK_AWAY = """() => { Object.defineProperty(document, "visibilityState", { value: "hidden", configurable: true });
    document.dispatchEvent(new Event("visibilitychange")); }"""
LOOK_BACK = '() => { delete document.visibilityState; document.dispatchEvent(new Event("visibilitychange")); }'


def test_delivered_read_and_failed_happen_when_they_are_pressed(page, ayla, hook, business):
    ayla.says("hi")
    choose(page, "Ayla")
    page.get_by_label("Receipts").select_option("manual")
    expect(page.get_by_label("Receipts")).to_have_value("manual")
    hook.wait(lambda: ayla.sim.customers()[0].facts["receipts"] == "manual")
    business(ayla, "Good morning")
    expect(mark(page, "Good morning")).to_contain_text("sent")
    mark(page, "Good morning").click()
    for word in ("delivered", "read"):
        page.get_by_role("button", name=word, exact=True).click()
        expect(mark(page, "Good morning")).to_contain_text(word)
        hook.wait_for_status(word)
    page.get_by_label("Error code").first.fill("131049")
    page.get_by_role("button", name="failed", exact=True).click()
    assert hook.wait_for_status("failed")["errors"][0]["code"] == 131049


def test_a_message_is_read_when_its_chat_is_opened_and_not_before(page, phones, ayla, hook, business):
    ayla.says("hi")
    phones.customer(phone="+15550100124", name="Budi").says("hi")
    choose(page, "Budi")
    business(ayla, "Good morning")
    expect(page.locator(".person", has_text="Ayla").locator(".count")).to_contain_text("1")
    assert hook.statuses("read") == []
    choose(page, "Ayla")
    assert hook.wait_for_status("read")


def test_nobody_reads_on_a_page_that_is_hidden(page, phones, ayla, hook, business):
    ayla.says("hi")
    choose(page, "Ayla")
    page.evaluate(LOOK_AWAY)
    expect(page.locator("#live")).to_have_text("Paused")
    phones.wait_for(lambda: not phones.state()["open_chats"])
    business(ayla, "Good morning")
    hook.wait_for_status("delivered")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    phones.wait_for_quiet()
    assert (hook.statuses("read"), asked) == ([], [])
    page.evaluate(LOOK_BACK)
    assert hook.wait_for_status("read")
    expect(mark(page, "Good morning")).to_contain_text("read")


def test_what_plays_and_what_is_typed_survives_news(page, ayla, business):
    ayla.sends_file("audio")
    choose(page, "Ayla")
    page.locator("audio").evaluate("one => { one.isTheSame = true; }")
    page.get_by_role("textbox", name="Message", exact=True).fill("half a sen")
    business(ayla, "Good morning")
    expect(mark(page, "Good morning")).to_contain_text("read")
    assert page.locator("audio").evaluate("one => one.isTheSame") is True
    expect(page.get_by_role("textbox", name="Message", exact=True)).to_have_value("half a sen")


def test_a_simulator_that_is_gone_is_said_to_be_gone_and_found_again(page, ayla):
    choose(page, "Ayla")
    page.context.set_offline(True)
    ayla.says("meanwhile")
    expect(page.locator("#live")).to_contain_text("Not live")
    say(page, "kept")
    expect(page.get_by_role("alert").first).to_be_visible()
    expect(page.get_by_role("textbox", name="Message", exact=True)).to_have_value("kept")
    page.context.set_offline(False)
    expect(page.locator("#live")).to_have_text("Live")
    expect(bubble(page, "meanwhile")).to_be_visible()
