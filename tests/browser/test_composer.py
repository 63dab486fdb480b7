"""The composer: whatever is wrong with a reply, the words typed survive."""

from __future__ import annotations

from playwright.sync_api import expect

from .conftest import OKI, SARI, sign_in
from .rig import stopped


def test_enter_sends_and_shift_enter_makes_a_line(sari, sim, customer):
    customer.says("Hello")
    sari.open(customer.facts["name"])
    sari.box.press_sequentially("One")
    sari.box.press("Shift+Enter")
    sari.box.press_sequentially("Two")
    sari.box.press("Enter")
    expect(sari.box).to_have_value("")
    assert sim.wait_for_sent(customer_id=customer.id)[0]["text"] == "One\nTwo"


def test_a_double_click_sends_one_message(sari, sim, customer):
    customer.says("Hello")
    sari.open(customer.facts["name"])
    sari.box.fill("Once")
    sari.send_button.dblclick()
    expect(sari.mark("Once")).to_contain_text("Read")
    expect(sari.bubble("Once")).to_have_count(1)
    assert len(sim.sent(customer_id=customer.id)) == 1


def test_too_many_characters_are_refused_with_a_sentence_and_kept(sari, customer):
    customer.says("Hello")
    sari.open(customer.facts["name"])
    words = "x" * 4097
    sari.box.fill(words)
    expect(sari.page.locator(".composer-count")).to_have_text("-1 left")
    sari.send_button.click()
    expect(sari.said).to_contain_text("WhatsApp takes at most 4,096 characters")
    expect(sari.box).to_have_value(words)


def test_a_draft_survives_a_reload_and_another_conversation(sari, sim, customer):
    other = sim.customer("628139990002", "Somebody else")
    customer.says("Hello")
    other.says("Hello too")
    sari.open(customer.facts["name"])
    sari.box.fill("A draft for the first")
    sari.page.reload()
    expect(sari.box).to_have_value("A draft for the first")
    sari.open("Somebody else")
    expect(sari.box).to_have_value("")
    sari.open(customer.facts["name"])
    expect(sari.box).to_have_value("A draft for the first")


def test_a_queued_reply_can_be_cancelled_until_a_worker_claims_it(house, sari, sim, customer):
    customer.says("Hello")
    sari.open(customer.facts["name"])
    with stopped(house, "sending"):
        sari.reply("Never mind")
        sari.bubble("Never mind").get_by_role("button", name="Cancel").click()
        expect(sari.mark("Never mind")).to_contain_text("Cancelled")
    sari.reply("This one goes")
    expect(sari.mark("This one goes")).to_contain_text("Read")
    assert [one["text"] for one in sim.sent(customer_id=customer.id)] == ["This one goes"]


def test_sandbox_mode_says_so_and_holds_send_for_whoever_is_not_whitelisted(house, screen, sim):
    tea = screen(slug="teh-tubruk")
    sim.customer("628130000007", "Wawan").says("Do you sell tea?", to="100000000000002")
    tea.open("Wawan")
    expect(tea.verdict).to_contain_text("Sandbox mode is on")
    tea.box.fill("We do")
    expect(tea.send_button).to_be_disabled()
    house.manage((["whitelist", "--workspace", "teh-tubruk", "--add", "+628130000007"], {}))
    expect(tea.send_button).to_be_enabled()
    tea.send_button.click()
    expect(tea.mark("We do")).to_contain_text("Delivered")


def test_ops_may_read_and_is_told_why_not_reply(screen, customer):
    customer.says("Hello")
    oki = screen(OKI)
    oki.open(customer.facts["name"])
    expect(oki.verdict).to_contain_text("may read but not reply")
    oki.box.fill("Hm")
    expect(oki.send_button).to_be_disabled()


def test_after_a_reply_the_next_letters_are_words_and_not_keys(sari, customer):
    customer.says("Hello")
    sari.open(customer.facts["name"])
    sari.box.fill("First")
    sari.box.press("Enter")
    expect(sari.bubble("First")).to_be_visible()
    sari.page.keyboard.type("every")
    expect(sari.box).to_have_value("every")


def test_words_typed_while_a_reply_is_on_its_way_stay(sari, customer):
    customer.says("Hello")
    sari.open(customer.facts["name"])
    sari.page.route("**/replies/", lambda route: (sari.page.wait_for_timeout(800), route.continue_()))
    sari.box.press_sequentially("First")
    sari.box.press("Enter")
    sari.box.press_sequentially(" and more")
    expect(sari.bubble("First")).to_be_visible()
    expect(sari.box).to_have_value(" and more")


def test_a_server_that_fails_is_said_and_the_words_are_kept(sari, customer):
    customer.says("Hello")
    sari.open(customer.facts["name"])
    sari.page.route("**/replies/", lambda route: route.fulfill(status=500, body="<h1>Oops</h1>"))
    sari.box.fill("Kept")
    sari.send_button.click()
    expect(sari.said).to_contain_text("It did not work (500)")
    expect(sari.box).to_have_value("Kept")
    sari.page.route("**/assignment/", lambda route: route.fulfill(status=502, body="<h1>Bad gateway</h1>"))
    sari.page.get_by_role("button", name="Take", exact=True).click()
    expect(sari.page.locator("[data-page-notice]")).to_contain_text("It did not work (502)")


def test_signing_in_again_in_another_tab_lets_the_page_go_on(house, sari, sim, customer, sessions):
    customer.says("Hello")
    sari.open(customer.facts["name"])
    sari.box.fill("Still here")
    sari.page.context.clear_cookies()
    expect(sari.live).to_contain_text("Signed out")
    other = sari.page.context.new_page()
    sign_in(other, house, SARI)
    sari.page.bring_to_front()
    expect(sari.live).to_contain_text("Live ·")
    sari.send_button.click()
    expect(sari.bubble("Still here")).to_be_visible()
    sim.wait_for_sent(customer_id=customer.id)


def test_an_emptied_draft_stays_empty(sari, customer):
    customer.says("Hello")
    sari.open(customer.facts["name"])
    sari.box.fill("To be deleted")
    sari.box.fill("")
    sari.page.reload()
    expect(sari.box).to_have_value("")
