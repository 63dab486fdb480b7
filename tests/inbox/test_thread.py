"""The thread: what each line says, in which order, and what a poll brings."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from inbox.models import Act, Conversation, Message, Word, Work
from tests import cast
from tests.inbox.screens import hear, inbox, ours, queries_of, version
from workspaces import keys
from workspaces.clock import tick

pytestmark = pytest.mark.django_db
THEN = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
LATER = datetime(2026, 3, 1, 9, 10, tzinfo=UTC)


def lines(house, browser, conversation, query=""):
    response = browser.get(inbox(house, f"{conversation.pk}/thread/?{query}"))
    assert response.status_code == 200
    return response.context["lines"]


def line(house, browser, conversation):
    return lines(house, browser, conversation)[-1]


def test_messages_stand_in_the_order_of_metas_time(house, browser):
    hear(house, "second", at=cast.ago(minutes=2))
    conversation = hear(house, "first", at=cast.ago(minutes=9))
    assert [one.text for one in lines(house, browser, conversation)] == ["first", "second"]


def test_an_act_is_a_line_between_the_messages(house, alice, browser):
    conversation = hear(house)
    browser.post(inbox(house, f"{conversation.pk}/assignment/"), {"act": "take", "shown_owner": ""})
    act = line(house, browser, conversation)
    assert (act.kind, act.text) == ("act", "Alice took the conversation")


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"kind": "assigned"}, "Alice assigned the conversation to Bob"),
        ({"kind": "released"}, "Alice released the conversation"),
        ({"kind": "closed"}, "Alice closed the conversation"),
        ({"kind": "reopened"}, "Alice reopened the conversation"),
        ({"kind": "reopened", "actor": None, "wamid": "wamid.X"}, "Reopened by a message from the customer"),
        (
            {"kind": "number_moved", "actor": None, "detail": "+6281 now belongs to somebody else."},
            "+6281 now belongs to somebody else.",
        ),
    ],
)
def test_acts_are_told_as_sentences(house, alice, browser, values, sentence):
    conversation = hear(house)
    bob = cast.bob(house)
    values = {"actor": alice, "owner": bob} | values
    Act.objects.create(workspace=house.workspace, conversation=conversation, at=timezone.now(), **values)
    assert line(house, browser, conversation).text == sentence


def test_what_came_more_than_a_minute_late_says_so(house, browser):
    for seconds, late in [(50, False), (70, True)]:
        conversation = hear(house, at=cast.ago(seconds=seconds))
        newest = conversation.messages.latest("pk")
        shown = {one.id: one for one in lines(house, browser, conversation)}
        assert shown[newest.pk].is_late is late


def test_history_and_the_phone_app_are_named(house, browser):
    conversation = hear(house, at=cast.ago(days=3))
    conversation.messages.update(source="history")
    ours(conversation, "From my phone", source="echo", sent_at=timezone.now())
    then, phone = lines(house, browser, conversation)
    assert (then.is_history, then.is_late, phone.is_echo, phone.sender_name) == (True, False, True, "The phone app")


def test_a_quoted_message_is_shown_with_its_writer(house, alice, browser):
    conversation = hear(house, "How much?", wamid="wamid.Q")
    ours(conversation, "Two", wamid="wamid.A", author=alice)
    hear(house, "And three?", context={"id": "wamid.A"}, at=cast.ago(seconds=-1))
    hear(house, "And that?", context={"id": "wamid.elsewhere"}, at=cast.ago(seconds=-2))
    first, _, known, unknown = lines(house, browser, conversation)
    assert first.quoted is None
    assert (known.quoted.name, known.quoted.text) == ("Alice", "Two")
    assert unknown.quoted.text == "A message that is not stored here"


def test_a_quotation_never_reaches_into_another_workspace(house, browser):
    other = cast.teh_tubruk()
    ours(hear(other, "Theirs"), "A secret of theirs", wamid="wamid.A")
    conversation = hear(house, "Hm", context={"id": "wamid.A"})
    assert line(house, browser, conversation).quoted.text == "A message that is not stored here"


@pytest.mark.parametrize(
    ("word", "values", "mark"),
    [
        (Word.QUEUED, {"work": Work.WAITING}, ("queued", "Queued", "neutral")),
        (Word.SENDING, {"work": Work.CLAIMED}, ("sending", "Sending", "neutral")),
        (Word.UNCONFIRMED, {}, ("unconfirmed", "Unconfirmed", "warn")),
        (Word.ACCEPTED, {}, ("accepted", "Accepted", "neutral")),
        (Word.SENT, {}, ("sent", "Sent", "neutral")),
        (Word.FAILED, {}, ("failed", "Failed", "stop")),
        (Word.NOT_SENT, {}, ("not_sent", "Not sent", "stop")),
        (Word.DELIVERED, {}, ("delivered", "Delivered", "ok")),
        (Word.READ, {}, ("read", "Read", "ok")),
        (Word.PLAYED, {}, ("played", "Played", "ok")),
        (Word.CANCELLED, {"work": Work.CANCELLED}, ("cancelled", "Cancelled", "neutral")),
    ],
)
def test_each_delivery_word_has_its_mark(house, browser, word, values, mark):
    conversation = hear(house)
    ours(conversation, word=word, **values)
    shown = line(house, browser, conversation).mark
    assert (shown.word, shown.label, shown.meaning) == mark


def test_a_planned_try_says_when_and_why(house, browser):
    conversation = hear(house)
    due = timezone.now() + timedelta(seconds=20)
    problem = {"code": 131056, "sentence": "Meta asked us to wait."}
    ours(conversation, word=Word.SENDING, work=Work.WAITING, due_at=due, problem=problem)
    shown = line(house, browser, conversation)
    assert (shown.mark.next_try_at, shown.mark.note) == (due, "Meta asked us to wait.")
    assert shown.failure is None


def test_accepted_without_a_receipt_carries_the_time_from_which_it_is_owed(house, browser):
    conversation = hear(house)
    at = timezone.now()
    ours(conversation, word=Word.ACCEPTED, accepted_at=at)
    assert line(house, browser, conversation).mark.owed_from == at + timedelta(minutes=2)


def test_unconfirmed_carries_the_time_from_which_a_person_is_asked(house, browser):
    conversation = hear(house)
    at = timezone.now()
    ours(conversation, word=Word.UNCONFIRMED, claimed_at=at)
    shown = line(house, browser, conversation)
    assert (shown.is_unconfirmed, shown.mark.ask_from) == (True, at + timedelta(minutes=5))


def test_a_failure_says_why_and_what_to_do(house, browser):
    conversation = hear(house)
    ours(conversation, word=Word.FAILED, problem={"code": 131026, "title": "Message undeliverable", "details": ""})
    failure = line(house, browser, conversation).failure
    assert failure.sentence.startswith("WhatsApp could not deliver it")
    assert (failure.code, failure.who, failure.raw) == (131026, "agent", "Message undeliverable")
    assert failure.next_step


@pytest.mark.parametrize(
    ("word", "values", "shown"),
    [
        (Word.UNCONFIRMED, {"claimed_at": THEN}, THEN),
        (Word.NOT_SENT, {"claimed_at": THEN, "deadline": LATER}, THEN),
        (Word.NOT_SENT, {"deadline": LATER}, LATER),
        (Word.CANCELLED, {"claimed_at": THEN}, None),
    ],
)
def test_what_did_not_arrive_has_the_time_that_is_known_of_it(house, browser, word, values, shown):
    conversation = hear(house)
    ours(conversation, word=word, work=Work.CANCELLED if word is Word.CANCELLED else Work.DONE, **values)
    assert line(house, browser, conversation).mark.at == shown


@pytest.mark.parametrize(
    ("problem", "adds"),
    [
        ({"code": 131026, "title": "Message undeliverable"}, "Message undeliverable"),
        ({"code": 131026, "title": "Undeliverable", "details": "Try later"}, "Undeliverable: Try later"),
        ({"code": 999123, "title": "Odd", "details": "Very odd"}, ""),
        ({"code": 999123, "title": "(#999123) Odd: very", "details": ""}, ""),
        ({"code": 131026}, ""),
    ],
)
def test_a_failed_bubble_says_who_can_do_it_and_what_meta_adds(house, browser, problem, adds):
    conversation = hear(house)
    ours(conversation, word=Word.FAILED, problem=problem)
    page = browser.get(inbox(house, f"{conversation.pk}/thread/"))
    failure, text = page.context["lines"][-1].failure, page.content.decode()
    assert failure.adds == adds
    assert f"Who can do it: {failure.who}." in text
    assert ("Meta’s own words" in text) == bool(adds)


def test_a_file_is_a_part_of_its_own_and_no_file_is_none(house, browser):
    conversation = hear(house, "", type="image", image={"id": "1", "mime_type": "image/jpeg"})
    address = inbox(house, f"{conversation.pk}/thread/")
    assert browser.get(address).content.decode().count('<div data-part="media">') == 1
    hear(house, "no file", at=cast.ago(seconds=-1))
    assert browser.get(address).content.decode().count('data-part="media"') == 1


def test_an_unknown_code_shows_metas_own_words(house, browser):
    conversation = hear(house)
    ours(conversation, word=Word.FAILED, problem={"code": 999123, "title": "Odd", "details": "Very odd"})
    assert "Odd: Very odd" in line(house, browser, conversation).failure.sentence


def test_a_report_of_failure_stays_beside_proof_of_delivery(house, browser):
    conversation = hear(house)
    ours(conversation, word=Word.DELIVERED, problem={"code": 131026, "title": "Undeliverable"})
    shown = line(house, browser, conversation)
    assert (shown.mark.word, shown.failure.code) == ("delivered", 131026)


def test_a_message_behind_another_says_that_it_waits(house, browser):
    conversation = hear(house)
    ours(conversation, "one", word=Word.SENDING, work=Work.CLAIMED)
    ours(conversation, "two", word=Word.QUEUED, work=Work.WAITING)
    _, one, two = lines(house, browser, conversation)
    assert (one.waiting_for_previous, two.waiting_for_previous) == (False, True)
    assert (one.can_cancel, two.can_cancel) == (False, True)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"type": "sticker", "sticker": {"id": "1"}}, "Sticker."),
        ({"type": "video", "video": {"id": "1"}}, "Video."),
        (
            {"type": "location", "location": {"name": "Shop", "latitude": 1, "longitude": 2.5}},
            "Location: Shop · 1.00000, 2.50000",
        ),
        ({"type": "location", "location": "odd"}, "A location without coordinates."),
        (
            {"type": "contacts", "contacts": [{"name": {"formatted_name": "Ani"}, "phones": [{"phone": "+62 1"}]}]},
            "Contact card: Ani, +62 1",
        ),
        ({"type": "contacts", "contacts": [{}]}, "Contact card: without a name"),
        ({"type": "contacts", "contacts": 5}, "A contact card without contents."),
        ({"type": "reaction", "reaction": {"message_id": "wamid.Z", "emoji": "👍"}}, "Reacted with 👍"),
        ({"type": "reaction", "reaction": {"message_id": "wamid.Z"}}, "Took a reaction back"),
        (
            {"type": "order", "order": {"product_items": [{"product_retailer_id": "K1", "quantity": 2}]}},
            "Order: 2 × K1",
        ),
        ({"type": "button", "button": {"text": "Yes", "payload": "y"}}, "Button pressed:"),
        (
            {"type": "interactive", "interactive": {"type": "list_reply", "list_reply": {"title": "Kopi"}}},
            "Chosen from a list:",
        ),
        ({"type": "interactive"}, "Answer to a form or menu."),
        (
            {"type": "unsupported", "unsupported": {"type": "poll_creation"}},
            "The customer sent a poll; WhatsApp does not pass it on.",
        ),
        ({"type": "unsupported", "unsupported": {"type": "newthing"}}, "The customer sent “newthing”"),
        (
            {"type": "unsupported", "errors": [{"code": 131060}]},
            "WhatsApp did not pass this message on, and never will.",
        ),
        ({"type": "unsupported"}, "The customer sent something that WhatsApp does not pass on"),
        (
            {"type": "edit", "edit": {"message": {"type": "text", "text": {"body": "New"}}}},
            "The customer changed a message to: New",
        ),
        ({"type": "revoke", "revoke": {"original_message_id": "wamid.Z"}}, "The customer deleted a message."),
        ({"type": "request_welcome"}, "The customer opened the chat for the first time."),
        ({"type": "hologram", "hologram": [1]}, "A message of a kind we do not know: “hologram”."),
        ({"type": ""}, "A message of a kind we do not know: without a name."),
        ({"type": "text", "group_id": "g1"}, "A message in a group."),
    ],
)
def test_what_we_do_not_draw_is_named_with_what_is_known(house, browser, fields, sentence):
    conversation = hear(house, "", **fields)
    assert line(house, browser, conversation).placeholder.startswith(sentence)


def test_the_newest_fifty_are_shown_and_the_page_before_joins_them(house, browser):
    for n in range(70):
        cast.arrives(house, cast.says(house, f"m{n}", at=cast.ago(minutes=100 - n)))
    conversation = hear(house, "last")
    newest = browser.get(inbox(house, f"{conversation.pk}/thread/")).context
    before = browser.get(inbox(house, f"{conversation.pk}/thread/"), {"before": newest["earlier"]}).context
    assert [one.text for one in newest["lines"]] == [f"m{n}" for n in range(21, 70)] + ["last"]
    assert [one.text for one in before["lines"]] == [f"m{n}" for n in range(21)]
    assert before["earlier"] == ""


def test_a_poll_brings_only_what_changed_since(house, browser):
    conversation = hear(house, "one")
    sent = ours(conversation, "two", word=Word.SENDING)
    seen = version(house)
    hear(house, "three", at=cast.ago(seconds=-1))
    Message.objects.filter(pk=sent.pk).update(word=Word.SENT, version=tick([house.workspace.pk])[house.workspace.pk])
    fresh = lines(house, browser, conversation, f"seen={seen}")
    assert [(one.text, one.is_new) for one in fresh] == [("two", False), ("three", True)]


def a_message_leaves(house):
    """Somebody's number turns out to have been somebody else's when the first of their messages was written."""
    hear(house, "hers", phone="628119", bsuid="", at=cast.ago(minutes=50))
    hear(house, "his", phone="628119", bsuid="ID.2", at=cast.ago(minutes=5))
    seen = version(house)
    hear(house, "hers as well", phone="628119", bsuid="ID.1", at=cast.ago(minutes=40))
    return Conversation.objects.get(messages__text="his"), Conversation.objects.get(messages__text="hers"), seen


def test_a_poll_of_a_thread_that_lost_a_message_brings_all_that_is_left(house, browser):
    his, hers, seen = a_message_leaves(house)
    assert his != hers
    response = browser.get(inbox(house, f"{his.pk}/thread/?seen={seen}"))
    said = response.content.decode()
    assert "data-whole" in said
    assert [one.text for one in response.context["lines"] if one.kind == "message"] == ["his"]
    assert "data-whole" not in browser.get(inbox(house, f"{his.pk}/thread/?seen=0")).content.decode()


def test_whoever_has_seen_what_is_left_is_brought_only_news_again(house, browser):
    his, _, _ = a_message_leaves(house)
    seen = version(house)
    hear(house, "news", phone="628119", bsuid="ID.2", at=cast.ago(minutes=1))
    response = browser.get(inbox(house, f"{his.pk}/thread/?seen={seen}"))
    assert "data-whole" not in response.content.decode()
    assert [one.text for one in response.context["lines"]] == ["news"]


def test_a_change_before_the_first_line_shown_is_left_to_the_page_before(house, browser):
    conversation = hear(house, *map(str, range(60)), at=cast.ago(minutes=9))
    page = browser.get(inbox(house, f"{conversation.pk}/thread/"))
    start, shown = page.context["from"], page.context["lines"]
    at, *numbers = shown[0].order
    assert start == keys.write(at, *numbers)
    assert f'data-from="{start}"' in page.content.decode()
    seen = version(house)
    changed = tick([house.workspace.pk])[house.workspace.pk]
    conversation.messages.update(version=changed)
    Conversation.objects.update(version=changed)
    for minutes in (20, 2):
        said = {"conversation": conversation, "kind": "closed", "at": cast.ago(minutes=minutes), "version": changed}
        Act.objects.create(workspace=house.workspace, **said)
    fresh = browser.get(inbox(house, f"{conversation.pk}/thread/"), {"seen": seen, "from": start}).context["lines"]
    assert [one.id for one in fresh if one.kind == "message"] == [one.id for one in shown]
    assert [one.kind for one in fresh].count("act") == 1


def test_a_thread_shown_from_its_first_line_shows_what_is_placed_before_it_later(house, browser):
    conversation = hear(house, "one")
    page = browser.get(inbox(house, f"{conversation.pk}/thread/"))
    assert 'data-from=""' in page.content.decode()
    seen = version(house)
    hear(house, "before", at=cast.ago(hours=1))
    assert [one.text for one in lines(house, browser, conversation, f"seen={seen}&from=")] == ["before"]


@pytest.mark.parametrize("start", ["x", "2026-01-01~1~1", "2026-01-01T00:00:00Z~1", "~~"])
def test_a_broken_key_is_no_bound(house, browser, start):
    conversation = hear(house, "one")
    fresh = browser.get(inbox(house, f"{conversation.pk}/thread/"), {"seen": 1, "from": start})
    assert fresh.status_code in {200, 204}
    seen = version(house)
    hear(house, "two", at=cast.ago(seconds=-1))
    fresh = browser.get(inbox(house, f"{conversation.pk}/thread/"), {"seen": seen, "from": start}).context["lines"]
    assert [one.text for one in fresh] == ["two"]


def test_more_changes_than_one_answer_holds_come_with_the_polls_after_it(house, browser):
    conversation = hear(house)
    seen = version(house)
    written = [ours(conversation, str(n)).pk for n in range(250)]
    Conversation.objects.update(version=version(house))
    shown, polls = [], 0
    while seen < version(house):
        page = browser.get(inbox(house, f"{conversation.pk}/thread/?seen={seen}"))
        seen, polls = int(page["X-Gigaviz-Version"]), polls + 1
        assert page.context["position"] == seen
        assert len(page.context["lines"]) <= 200
        shown += [one.id for one in page.context["lines"]]
    assert (shown, polls) == (written, 2)


def test_a_change_elsewhere_is_no_news_for_this_thread(house, browser):
    conversation = hear(house, "one")
    seen = version(house)
    hear(house, "other", phone="6289", bsuid="ID.9")
    address = inbox(house, f"{conversation.pk}/thread/?seen={seen}")
    response = browser.get(address)
    assert (response.status_code, response["X-Gigaviz-Version"]) == (204, str(version(house)))
    assert queries_of(browser, address) == 5


def test_an_unchanged_workspace_costs_a_thread_no_look_at_its_rows(house, browser):
    conversation = hear(house)
    address = inbox(house, f"{conversation.pk}/thread/?seen={version(house)}")
    assert browser.get(address).status_code == 204
    assert queries_of(browser, address) == 4


def test_a_longer_thread_takes_no_more_queries(house, browser):
    conversation = hear(house, "one")
    ours(conversation, "two", work=Work.WAITING)
    few = queries_of(browser, inbox(house, f"{conversation.pk}/"))
    hear(house, *map(str, range(30)), context={"id": "wamid.none"})
    for n in range(5):
        ours(conversation, str(n), work=Work.WAITING)
    # One more: the messages that are quoted.
    assert queries_of(browser, inbox(house, f"{conversation.pk}/")) <= few + 1


def test_the_thread_of_another_workspace_does_not_exist(house, browser):
    theirs = hear(cast.teh_tubruk())
    for part in ["", "thread/", "thread/?seen=1", "header/", "panel/", "verdict/"]:
        assert browser.get(inbox(house, f"{theirs.pk}/{part}")).status_code == 404, part


def test_the_position_covers_everything_that_is_shown(house, browser):
    conversation = hear(house)
    context = browser.get(inbox(house, f"{conversation.pk}/")).context
    assert context["position"] == version(house) >= max(one.version for one in context["lines"])
