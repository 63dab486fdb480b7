"""The main job: a customer writes, an agent sees it without a reload and answers, and the marks tell the truth."""

from __future__ import annotations

from playwright.sync_api import expect


def test_a_message_appears_and_a_reply_is_followed_until_it_is_read(sari, sim, customer):
    customer.says("Is the Gayo in yet?")
    sari.open(customer.facts["name"])
    expect(sari.bubble("Is the Gayo in yet?")).to_be_visible()
    sari.reply("It came in on Monday")
    expect(sari.mark("It came in on Monday")).to_contain_text("Read")
    assert [one["text"] for one in sim.sent(customer_id=customer.id)] == ["It came in on Monday"]
    customer.says("Two bags please")
    expect(sari.bubble("Two bags please")).to_be_visible()


def test_the_marks_move_one_by_one_as_receipts_come_in(sari, sim, customer):
    customer.change(receipts="silent")
    customer.says("Hello")
    sari.open(customer.facts["name"])
    sari.reply("Good morning")
    expect(sari.mark("Good morning")).to_contain_text("Accepted")
    wamid = sim.wait_for_sent(customer_id=customer.id)[0]["wamid"]
    for status in ("sent", "delivered", "read"):
        sim.receipt(wamid, status)
        expect(sari.mark("Good morning")).to_contain_text(status.capitalize())


def test_a_failed_message_says_why_and_what_to_do_and_shows_its_evidence(sari, customer):
    customer.change(is_reachable=False)
    customer.says("Hello")
    sari.open(customer.facts["name"])
    sari.reply("Are you there?")
    bubble = sari.bubble("Are you there?")
    expect(bubble).to_contain_text("Failed")
    expect(bubble.locator("[data-part=after]")).to_contain_text("could not deliver it")
    expect(bubble.locator("[data-part=after]")).to_contain_text("Check the number")
    bubble.locator("summary").first.click()
    evidence = bubble.locator(".evidence")
    expect(evidence).to_contain_text("Attempt 1: Accepted by Meta")
    expect(evidence).to_contain_text("Meta reports: failed")
    evidence.locator(".entry", has_text="Meta reports: failed").locator(".entry-more > summary").click()
    expect(evidence.locator("pre").last).to_contain_text("131026")


def test_an_answer_that_was_lost_is_unconfirmed_until_a_receipt_settles_it(sari, sim, customer):
    customer.change(receipts="silent")
    customer.says("Hello")
    sari.open(customer.facts["name"])
    sim.fault("lost_answer", recipient=customer.id, count=1)
    sari.reply("Did this arrive?")
    expect(sari.mark("Did this arrive?")).to_contain_text("Unconfirmed")
    sent = sim.sent(customer_id=customer.id)
    assert len(sent) == 1
    sim.receipt(sent[0]["wamid"], "delivered")
    expect(sari.mark("Did this arrive?")).to_contain_text("Delivered")


def test_stop_closes_the_composer_and_start_opens_it_again(sari, customer):
    customer.says("Hello")
    sari.open(customer.facts["name"])
    sari.box.fill("Half a sentence")
    customer.says("STOP")
    expect(sari.verdict).to_contain_text("has opted out")
    expect(sari.send_button).to_be_disabled()
    expect(sari.box).to_have_value("Half a sentence")
    customer.says("START")
    expect(sari.send_button).to_be_enabled()
