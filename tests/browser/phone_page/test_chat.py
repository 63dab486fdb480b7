"""A customer is made, writes, sends and taps; the business is told, and answers."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.simulator.content import interactive

from .hand import SECOND, bubble, choose, make_customer, mark, say

THINGS = [
    ("Picture", "image", "img"),
    ("Voice note", "audio", "audio"),
    ("Document", "document", "a.document"),
    ("Sticker", "sticker", "img"),
    ("Place", "location", ".labelled"),
    ("Contact card", "contacts", ".labelled"),
    ("Something unsupported", "unsupported", ".odd"),
]


def test_somebody_is_made_writes_and_is_answered_without_a_reload(page, phones, hook, business):
    make_customer(page, name="Dewi", phone_number="+62 811-0000-001")
    expect(page.locator("#phone-head")).to_contain_text("+628110000001")
    say(page, "Are you open on Sunday?")
    expect(mark(page, "Are you open")).to_contain_text("at the business")
    assert hook.wait_for_message()["text"]["body"] == "Are you open on Sunday?"
    business(phones.customers()[0], "From ten to four.")
    expect(mark(page, "From ten to four.")).to_contain_text("read")
    assert hook.wait_for_status("read")


def test_somebody_with_a_username_only_is_a_user_id_to_the_business(page, hook):
    make_customer(page, name="Lina", username="lina.brews")
    say(page, "Hello")
    message = hook.wait_for_message()
    assert "from" not in message
    assert message["from_user_id"].startswith("US.")


def test_somebody_without_phone_and_username_is_refused_with_the_words_kept(page):
    make_customer(page, name="Nobody")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("alert")).to_contain_text("a phone, or a username")
    expect(dialog.get_by_label("Name", exact=True)).to_have_value("Nobody")


def test_everything_a_phone_has_can_be_sent(page, ayla, hook):
    choose(page, "Ayla")
    for number, (button, kind, shown) in enumerate(THINGS, start=1):
        page.get_by_role("button", name="Send something else").click()
        page.get_by_role("button", name=button).click()
        assert hook.wait_for_message(number)["type"] == kind
        expect(page.locator(".bubble").nth(number - 1).locator(shown)).to_be_visible()


def test_pictures_and_voice_notes_can_be_seen_and_played(page, ayla):
    ayla.sends_file("image")
    ayla.sends_file("audio")
    choose(page, "Ayla")
    page.wait_for_function("document.querySelector('.bubble img')?.naturalWidth > 0")
    page.wait_for_function("document.querySelector('.bubble audio')?.duration > 3")


def test_a_file_of_ones_own_is_sent(page, ayla, hook):
    choose(page, "Ayla")
    file = {"name": "menu.txt", "mimeType": "text/plain", "buffer": b"Gayo"}
    page.get_by_label("A file of your own").set_input_files(file)
    document = hook.wait_for_message()["document"]
    assert (document["filename"], document["mime_type"]) == ("menu.txt", "text/plain")


def test_a_button_and_a_row_are_tapped(page, ayla, hook, business):
    ayla.says("hi")
    choose(page, "Ayla")
    business(ayla, interactive("button"))
    page.get_by_role("button", name="Yes").click()
    assert hook.wait_for_message(2)["interactive"]["button_reply"] == {"id": "yes", "title": "Yes"}
    business(ayla, interactive("list"))
    page.locator("summary", has_text="Choose").click()
    page.get_by_role("button", name="Gayo").click()
    assert hook.wait_for_message(3)["interactive"]["list_reply"]["id"] == "gayo"


def test_a_templates_quick_reply_is_tapped_and_its_link_goes_nowhere(page, phones, ayla, hook, business):
    buttons = [
        {"type": "QUICK_REPLY", "text": "Stop it"},
        {"type": "URL", "text": "Order", "url": "https://kopi.example"},
    ]
    components = [{"type": "BODY", "text": "New harvest"}, {"type": "BUTTONS", "buttons": buttons}]
    phones.template("promo", components=components)
    choose(page, "Ayla")
    business(ayla, {"type": "template", "template": {"name": "promo", "language": {"code": "en_US"}}})
    expect(page.locator(".choice.is-dead")).to_have_text("Order")
    page.get_by_role("button", name="Stop it").click()
    assert hook.wait_for_message()["button"]["text"] == "Stop it"


def test_stop_is_one_press(page, ayla, hook):
    choose(page, "Ayla")
    page.get_by_role("button", name="STOP", exact=True).click()
    assert hook.wait_for_message()["text"]["body"] == "STOP"


def test_a_chat_is_with_the_number_that_is_chosen(page, ayla, hook, business):
    ayla.says("to the roaster")
    choose(page, "Ayla")
    expect(bubble(page, "to the roaster")).to_be_visible()
    page.get_by_label("Business number").select_option(SECOND)
    expect(page.locator("#phone-head")).to_contain_text("Teh Tubruk")
    expect(page.locator(".bubble")).to_have_count(0)
    say(page, "to the tea shop")
    hook.wait_for_message(2)
    assert hook.changes()[-1]["metadata"]["phone_number_id"] == SECOND


def test_a_reload_keeps_the_customer_and_the_number(page, ayla):
    ayla.says("hi", to=SECOND)
    choose(page, "Ayla")
    page.get_by_label("Business number").select_option(SECOND)
    expect(bubble(page, "hi")).to_be_visible()
    page.reload()
    expect(page.locator("#phone-head")).to_contain_text("Teh Tubruk")
    expect(bubble(page, "hi")).to_be_visible()


def test_an_odd_message_is_drawn_as_one_and_runs_nothing(page, ayla):
    ayla.says("<img src=x onerror=alert(1)>")
    ayla.sends({"element": {"type": "hologram", "hologram": {"depth": 3}}})
    ayla.sends({"element": {"type": "location", "location": None}})
    choose(page, "Ayla")
    expect(bubble(page, "<img src=x onerror=alert(1)>")).to_be_visible()
    expect(bubble(page, "A message of type “hologram”")).to_be_visible()
    expect(page.locator(".bubble")).to_have_count(3)


def test_what_history_tells_stands_above_what_was_said_since(page, phones, ayla):
    ayla.says("Hello again")
    phones.history([{"customer_id": ayla.id, "messages": [{"text": "Hello", "at": 1760000000}]}])
    choose(page, "Ayla")
    expect(page.locator(".bubble .words")).to_have_text(["Hello", "Hello again"])
    expect(page.locator(".bubble").first.locator(".tag")).to_have_text("history")
