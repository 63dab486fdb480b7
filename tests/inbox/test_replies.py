"""A reply: stored once, or kept on the screen with a reason."""

from __future__ import annotations

import uuid

import pytest
from django.test import Client

from inbox.models import Act, Message, Work
from tests import cast
from tests.inbox.screens import hear, inbox, ours, signed_in, version
from workspaces.models import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def conversation(house, alice):
    return hear(house, "Do you deliver?")


def send(house, browser, conversation, text="Yes, we do", **fields):
    form = {"text": text, "form_token": uuid.uuid4(), "position": version(house)} | fields
    return browser.post(inbox(house, f"{conversation.pk}/replies/"), form)


def written():
    return list(Message.objects.filter(source="ours").order_by("pk").values_list("text", flat=True))


def test_a_reply_is_stored_queued_and_shown(house, alice, browser, conversation):
    response = send(house, browser, conversation)
    message = Message.objects.get(source="ours")
    assert response.status_code == 200
    assert message.identity is not None
    assert (message.text, message.author, message.work, message.identity.value) == (
        "Yes, we do",
        alice,
        Work.WAITING,
        "628110000001",
    )
    assert response.context["line"].id == message.pk
    assert response.context["text"] == ""


def test_a_double_click_writes_one_message(house, browser, conversation):
    token = uuid.uuid4()
    answers = [send(house, browser, conversation, form_token=token) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert written() == ["Yes, we do"]


def test_words_changed_after_a_lost_answer_are_kept(house, browser, conversation):
    token = uuid.uuid4()
    send(house, browser, conversation, form_token=token)
    response = send(house, browser, conversation, "Yes, tomorrow", form_token=token)
    assert (response.status_code, response.context["text"]) == (409, "Yes, tomorrow")
    assert response.context["form_token"] != token
    assert "already sent" in response.context["error"]
    send(house, browser, conversation, "Yes, tomorrow", form_token=response.context["form_token"])
    assert written() == ["Yes, we do", "Yes, tomorrow"]


def test_two_quick_replies_need_no_confirmation(house, browser, conversation):
    position = version(house)
    for text in ["One", "Two"]:
        assert send(house, browser, conversation, text, position=position).status_code == 200
    assert written() == ["One", "Two"]


def test_something_newer_by_the_customer_is_shown_and_asks_for_one_more_click(house, browser, conversation):
    position = version(house)
    hear(house, "Never mind", at=cast.ago(seconds=-1))
    response = send(house, browser, conversation, position=position)
    assert (response.status_code, written()) == (409, [])
    assert [line.text for line in response.context["newer"]] == ["Never mind"]
    assert response.context["text"] == "Yes, we do"
    again = send(house, browser, conversation, position=response.context["position"])
    assert (again.status_code, written()) == (200, ["Yes, we do"])


def test_what_a_colleague_did_is_newer_too(house, browser, conversation):
    position = version(house)
    bob = signed_in(cast.bob(house))
    bob.post(inbox(house, f"{conversation.pk}/assignment/"), {"act": "take", "shown_owner": ""})
    response = send(house, browser, conversation, position=position)
    assert response.status_code == 409
    assert [line.text for line in response.context["newer"]] == ["Bob took the conversation"]


def test_a_receipt_or_a_change_elsewhere_is_not_newer(house, browser, conversation):
    message = ours(conversation, wamid="wamid.A", source="echo", sent_at=cast.ago(minutes=1))
    position = version(house)
    cast.arrives(house, cast.status(house, "wamid.A", "delivered"))
    hear(house, phone="6289", bsuid="ID.9")
    message.refresh_from_db()
    assert message.version > position
    assert send(house, browser, conversation, position=position).status_code == 200


@pytest.mark.parametrize("text", ["", "   \n\t ", "x" * 4097, "a\x00b"])
def test_words_that_cannot_be_sent_come_back_with_a_sentence(house, browser, conversation, text):
    response = send(house, browser, conversation, text)
    assert (response.status_code, written()) == (422, [])
    assert response.context["text"] == text
    assert response.context["error"]


def test_the_longest_text_is_sent_and_a_line_break_counts_once(house, browser, conversation):
    assert send(house, browser, conversation, "y" * 4095 + "\r\n").status_code == 200
    assert written() == ["y" * 4095 + "\n"]


def test_spaces_and_line_breaks_are_sent_as_typed(house, browser, conversation):
    send(house, browser, conversation, "  so:\n\n  yes \n")
    assert written() == ["  so:\n\n  yes \n"]


@pytest.mark.parametrize(
    "broken", [{"form_token": "x"}, {"position": "x"}, {"position": "-1"}, {"position": "9" * 30}, {"form_token": ""}]
)
def test_a_broken_form_keeps_the_words(house, browser, conversation, broken):
    response = send(house, browser, conversation, **broken)
    assert (response.status_code, response.context["text"], written()) == (422, "Yes, we do", [])


def test_every_reason_against_it_is_told_and_the_words_are_kept(house, browser):
    conversation = hear(house, "STOP", at=cast.ago(hours=30))
    response = send(house, browser, conversation)
    assert (response.status_code, written()) == (422, [])
    assert {reason.code for reason in response.context["verdict"].reasons} == {"opted_out", "window_closed"}
    assert response.context["text"] == "Yes, we do"
    assert "opted out" in response.context["error"]


def test_while_events_wait_a_reply_needs_one_more_click(house, browser, conversation):
    cast.arrives(house, cast.says(house, "Later"), at=cast.ago(seconds=40))
    response = send(house, browser, conversation)
    assert (response.status_code, response.context["needs_confirmation"], written()) == (409, True, [])
    assert response.context["confirms"] == ["behind"]
    assert send(house, browser, conversation, confirm="behind").status_code == 200


@pytest.mark.parametrize("confirm", ["newer", "on", "1", "", "behind's", ["newer", "on"]])
def test_a_click_covers_no_warning_that_was_not_shown(house, browser, conversation, confirm):
    cast.arrives(house, cast.says(house, "Later"), at=cast.ago(seconds=40))
    response = send(house, browser, conversation, confirm=confirm)
    assert (response.status_code, response.context["text"], written()) == (409, "Yes, we do", [])
    assert "behind" in response.context["confirms"]


@pytest.mark.parametrize("confirm", ["behind", "newer,behind", " behind , newer", ["newer", "behind"]])
def test_the_warnings_that_were_shown_are_posted_one_by_one_or_together(house, browser, conversation, confirm):
    cast.arrives(house, cast.says(house, "Later"), at=cast.ago(seconds=40))
    assert send(house, browser, conversation, confirm=confirm).status_code == 200


def test_a_warning_that_was_shown_before_another_stays_covered(house, browser, conversation):
    position = version(house)
    hear(house, "Never mind", at=cast.ago(seconds=-1))
    cast.arrives(house, cast.says(house, "Later"), at=cast.ago(seconds=40))
    response = send(house, browser, conversation, position=position, confirm="behind")
    assert (response.status_code, response.context["confirms"]) == (409, ["behind", "newer"])
    kept = {"position": response.context["position"], "confirm": response.context["confirms"]}
    assert send(house, browser, conversation, **kept).status_code == 200


def test_replying_takes_the_conversation_only_when_asked_to(house, alice, browser, conversation):
    send(house, browser, conversation)
    conversation.refresh_from_db()
    assert conversation.owner is None
    send(house, browser, conversation, "And more", take="1")
    conversation.refresh_from_db()
    assert (conversation.owner, Act.objects.get().kind) == (alice, "assigned")


def test_a_reply_that_takes_too_late_is_sent_all_the_same(house, browser, conversation):
    bob = cast.bob(house)
    type(conversation).objects.filter(pk=conversation.pk).update(owner=bob)
    response = send(house, browser, conversation, take="1")
    assert (response.status_code, written()) == (200, ["Yes, we do"])
    assert "Nothing was changed" in response.context["notice"] or "no longer as it was" in response.context["notice"]
    assert response.context["notice"].startswith("Your message is on its way.")
    conversation.refresh_from_db()
    assert conversation.owner == bob


@pytest.mark.parametrize("taken_before", [False, True])
def test_a_closed_conversation_is_not_taken_and_the_answer_says_that_the_message_left(
    house, alice, browser, conversation, taken_before
):
    act = {"shown_owner": alice.pk if taken_before else ""}
    if taken_before:
        browser.post(inbox(house, f"{conversation.pk}/assignment/"), {"act": "take", "shown_owner": ""})
    browser.post(inbox(house, f"{conversation.pk}/closure/"), {"act": "close"} | act)
    response = send(house, browser, conversation, take="on")
    assert (response.status_code, written()) == (200, ["Yes, we do"])
    said = "Your message is on its way. The conversation stays closed; open it again to take it."
    assert response.context["notice"] == said
    conversation.refresh_from_db()
    assert conversation.state == "closed"


def test_taking_is_offered_only_where_it_is_open_and_nobodys(house, alice, browser, conversation):
    def offers():
        return browser.get(inbox(house, f"{conversation.pk}/")).context["offers_taking"]

    stored = type(conversation).objects.filter(pk=conversation.pk)
    assert offers()
    stored.update(owner=alice)
    assert not offers()
    stored.update(owner=None, closed_at=cast.ago(minutes=1))
    assert not offers()


def test_an_expired_session_answers_401_and_keeps_the_page(house, browser, conversation):
    browser.logout()
    address = inbox(house, f"{conversation.pk}/replies/")
    assert browser.post(address, {"text": "Yes"}, headers={"HX-Request": "true"}).status_code == 401
    assert browser.post(address, {"text": "Yes"}).status_code == 302
    assert written() == []


def test_who_may_only_read_cannot_reply(house, conversation):
    ops = signed_in(cast.person(house.workspace, "Olga", Role.OPS))
    assert send(house, ops, conversation).status_code == 403
    assert written() == []


def test_an_outsider_finds_nothing_to_reply_to(house, conversation):
    assert send(house, signed_in(cast.charlie()), conversation).status_code == 404


def test_a_reply_cannot_reach_into_another_workspace(house, browser):
    theirs = hear(cast.teh_tubruk())
    assert send(house, browser, theirs).status_code == 404
    assert written() == []


def test_replies_are_posted(house, browser, conversation):
    assert browser.get(inbox(house, f"{conversation.pk}/replies/")).status_code == 405


def test_a_cross_site_post_is_refused(house, alice, conversation):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    assert send(house, client, conversation).status_code == 403
