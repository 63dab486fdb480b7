"""Two agents at one conversation: who has it is said, the loser sees who won, and nobody answers unread words."""

from __future__ import annotations

from playwright.sync_api import expect


def test_taking_a_conversation_shows_on_the_other_screen_without_a_reload(sari, bayu, customer):
    customer.says("Hello")
    name = customer.facts["name"]
    sari.open(name)
    bayu.open(name)
    sari.page.get_by_role("button", name="Take", exact=True).click()
    expect(sari.page.locator("#thread-head")).to_contain_text("Yours")
    expect(bayu.page.locator("#thread-head")).to_contain_text("Sari Wulandari")
    expect(bayu.page.locator(".act")).to_contain_text("Sari Wulandari took the conversation")


def test_of_two_who_take_it_at_once_the_second_sees_who_won(sari, bayu, customer):
    customer.says("Hello")
    name = customer.facts["name"]
    sari.open(name)
    bayu.open(name)
    bayu.page.route("**/header/**", lambda route: route.abort())  # his screen does not learn of it in time
    sari.page.get_by_role("button", name="Take", exact=True).click()
    expect(sari.page.locator("#thread-head")).to_contain_text("Yours")
    bayu.page.get_by_role("button", name="Take", exact=True).click()
    expect(bayu.page.locator(".thread-notice")).to_contain_text("Sari Wulandari")
    expect(bayu.page.locator("#thread-head .badge", has_text="Sari Wulandari")).to_be_visible()


def test_a_reply_written_against_an_older_thread_asks_for_one_more_click(sari, bayu, sim, customer):
    customer.says("Hello")
    name = customer.facts["name"]
    sari.open(name)
    bayu.open(name)
    sari.page.route("**/thread/**", lambda route: route.abort())  # her screen does not learn of it in time
    bayu.reply("I answer this")
    sim.wait_for_sent(customer_id=customer.id)
    sari.box.fill("No, I do")
    sari.send_button.click()
    expect(sari.said).to_contain_text("Something new came in")
    expect(sari.said).to_contain_text("I answer this")
    expect(sari.box).to_have_value("No, I do")
    assert len(sim.sent(customer_id=customer.id)) == 1
    sari.page.get_by_role("button", name="Send anyway").click()
    sim.wait_for_sent(2, customer_id=customer.id)


def test_two_quick_replies_by_one_agent_need_no_extra_click_and_arrive_in_order(sari, sim, customer):
    customer.says("Hello")
    sari.open(customer.facts["name"])
    sari.reply("First")
    sari.reply("Second")
    sent = sim.wait_for_sent(2, customer_id=customer.id)
    assert [one["text"] for one in sent] == ["First", "Second"]


def test_closing_and_a_new_message_from_the_customer_opens_it_again(sari, customer):
    customer.says("Hello")
    name = customer.facts["name"]
    sari.open(name)
    sari.page.get_by_role("button", name="Close", exact=True).click()
    expect(sari.page.locator("#thread-head")).to_contain_text("Closed")
    customer.says("One more thing")
    expect(sari.page.locator(".act", has_text="Reopened by a message from the customer")).to_be_visible()
    expect(sari.page.get_by_role("button", name="Close", exact=True)).to_be_visible()


def test_assigning_to_a_colleague_puts_it_into_their_view(sari, bayu, customer):
    customer.says("Hello")
    name = customer.facts["name"]
    bayu.goto_inbox(query="?view=mine")
    sari.open(name)
    sari.page.get_by_text("Assign", exact=True).click()
    sari.page.get_by_role("button", name="Bayu Pratama").click()
    expect(sari.page.locator("#thread-head")).to_contain_text("Bayu Pratama")
    expect(bayu.row(name)).to_be_visible()
