"""Customers' messages, applied: which conversation, what is cached of it, and when a closed one opens again."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from inbox import drain, ownership, window
from inbox.models import Act, Conversation, Media, Message, Word
from optouts import ledger
from optouts.models import ConsentEvent
from tests import cast
from tests.cast import House
from tests.inbox.statements import statements
from webhooks import log
from webhooks.models import WebhookEvent
from workspaces.models import Membership

pytestmark = pytest.mark.django_db

NOW = cast.ago(minutes=0)


def arrive(house: House, *changes: dict[str, Any]) -> None:
    for change in changes:
        cast.arrives(house, change)
    drain.drain()


def at(minutes_ago: int) -> datetime:
    return NOW - timedelta(minutes=minutes_ago)


def closed(house: House) -> Conversation:
    """A conversation that alice owns and has closed."""
    arrive(house, cast.says(house, "Hello", at=at(30), wamid="wamid.first"))
    conversation = Conversation.objects.get()
    alice = cast.alice(house)
    ownership.give(conversation, alice, shown_owner=None, by=alice, now=at(20))
    ownership.close(conversation, shown_owner=alice.pk, by=alice, now=at(19))
    conversation.refresh_from_db()
    return conversation


def test_a_message_becomes_a_row_with_its_three_clocks_and_its_raw_fragment(house):
    arrive(house, cast.says(house, "Selamat pagi ☕", at=at(3), wamid="wamid.A"))
    message = Message.objects.get()
    assert (message.wamid, message.text, message.word) == ("wamid.A", "Selamat pagi ☕", None)
    assert message.provider_at == message.placed_at == at(3)
    assert message.provider_at < message.received_at < message.processed_at
    assert json.loads(message.raw)["text"]["body"] == "Selamat pagi ☕"
    event = WebhookEvent.objects.get()
    assert (event.day, event.pk) == (message.event_day, message.event_id)


def test_a_message_is_one_row_however_often_it_arrives(house):
    one = cast.says(house, wamid="wamid.A")
    arrive(house, one, one)
    log.store(house.connection.meta_app_id, json.dumps(cast.envelope(house, one, one)).encode())
    drain.drain()
    assert Message.objects.count() == 1


def test_cached_values_are_those_of_the_newest_message_whatever_came_last(house):
    arrive(house, cast.says(house, "new", at=at(1), wamid="wamid.B"))
    arrive(house, cast.says(house, "old", at=at(9), wamid="wamid.C"))
    arrive(house, cast.says(house, "same time", at=at(1), wamid="wamid.A"))
    conversation = Conversation.objects.get()
    assert (conversation.last_inbound_at, conversation.last_inbound_wamid) == (at(1), "wamid.B")
    assert conversation.last_at == at(1)


def test_a_reply_goes_to_the_phone_where_the_newest_message_shows_one(house):
    arrive(house, cast.says(house, phone="", bsuid="ID.A", at=at(5)))
    conversation = Conversation.objects.get()
    assert conversation.reply_to
    assert conversation.reply_to.value == "ID.A"
    arrive(house, cast.says(house, phone="6281100", bsuid="ID.A", at=at(4)))
    conversation.refresh_from_db()
    assert conversation.reply_to
    assert conversation.reply_to.value == "6281100"


@pytest.mark.parametrize("kind", sorted(window.UNCOUNTED_KINDS - {""}))
def test_what_may_not_open_the_window_does_not_raise_the_last_inbound(house, kind):
    arrive(house, cast.says(house, at=at(9)), cast.says(house, at=at(1), type=kind))
    assert Conversation.objects.get().last_inbound_at == at(9)


def test_a_new_message_opens_a_closed_conversation_once_and_keeps_its_owner(house):
    conversation = closed(house)
    again = cast.says(house, "One more thing", wamid="wamid.again")
    arrive(house, again)
    conversation.refresh_from_db()
    assert conversation.state == "assigned"
    act = Act.objects.get(kind=Act.Kind.REOPENED)
    assert (act.wamid, act.actor) == ("wamid.again", None)
    assert act.version == conversation.version


def test_a_repeat_does_not_open_what_was_closed_since(house):
    conversation = closed(house)
    cast.arrives(house, cast.says(house, "Hello", at=at(30), wamid="wamid.first"), {"field": "x", "value": {}})
    drain.drain()
    conversation.refresh_from_db()
    assert conversation.state == "closed"


def test_an_owner_who_has_left_does_not_get_it_back(house):
    conversation = closed(house)
    Membership.objects.filter(user=conversation.owner).delete()
    arrive(house, cast.says(house, "One more thing"))
    conversation.refresh_from_db()
    assert (conversation.state, conversation.owner) == ("open", None)


def test_a_late_message_opens_a_closed_conversation_at_its_own_place(house):
    conversation = closed(house)
    arrive(house, cast.says(house, "Sent before, arrived after", at=at(25)))
    conversation.refresh_from_db()
    assert conversation.state == "assigned"
    assert conversation.last_at == at(25)
    assert Message.objects.get(text__startswith="Sent").placed_at == at(25)


def history(house: House, *messages: dict[str, Any]) -> dict[str, Any]:
    threads = [{"id": "628110000001", "messages": list(messages)}]
    return cast.change(house, history=[{"metadata": {"phase": 0}, "threads": threads}]) | {"field": "history"}


def written(wamid: str, minutes_ago: int, sender: str = "628110000001", **fields: Any) -> dict[str, Any]:
    stamp = str(int(at(minutes_ago).timestamp()))
    return {"from": sender, "id": wamid, "timestamp": stamp, "type": "text", "text": {"body": wamid}, **fields}


def test_history_neither_opens_a_conversation_nor_its_window(house):
    conversation = closed(house)
    arrive(house, history(house, written("wamid.H", 5), written("wamid.ours", 4, "15550100000")))
    conversation.refresh_from_db()
    assert (conversation.state, conversation.last_inbound_at) == ("closed", at(30))
    assert Message.objects.get(wamid="wamid.H").source == "history"


def test_a_history_says_how_far_our_messages_got_and_a_later_one_more(house):
    for status in ("DELIVERED", "READ", "SENT"):
        one = written("wamid.ours", 4, "15550100000", history_context={"status": status})
        arrive(house, history(house, one))
    message = Message.objects.get()
    assert (message.direction, message.word, message.sent_at) == ("out", Word.READ, at(4))


@pytest.mark.parametrize("first", ["live", "history"])
def test_a_message_that_came_live_and_in_a_history_is_live(house, first):
    reports = [cast.says(house, "wamid.A", wamid="wamid.A", at=at(5)), history(house, written("wamid.A", 5))]
    for one in reports if first == "live" else reversed(reports):
        arrive(house, one)
    message = Message.objects.get()
    assert message.source == "live"
    assert Conversation.objects.get().last_inbound_at == at(5)
    assert message.conversation.contact.name == "Dewi"


def test_an_echo_is_a_message_of_ours_that_was_sent_elsewhere(house):
    echo = written("wamid.E", 3, "15550100000", to="628110000001")
    arrive(house, cast.change(house, message_echoes=[echo]) | {"field": "smb_message_echoes"})
    message = Message.objects.get()
    assert (message.direction, message.source, message.word) == ("out", "echo", Word.SENT)
    assert Conversation.objects.get().last_inbound_at is None


def test_a_group_message_is_stored_and_opens_nothing(house):
    conversation = closed(house)
    arrive(house, cast.says(house, "To all", group_id="120363000000000000"))
    conversation.refresh_from_db()
    assert (conversation.state, conversation.last_inbound_at) == ("closed", at(30))
    assert Message.objects.get(text="To all").group_id == "120363000000000000"


def test_a_message_that_names_nobody_is_said_to_in_the_event(house):
    arrive(house, cast.says(house, phone="", bsuid=""))
    assert not Message.objects.exists()
    assert "name nobody" in WebhookEvent.objects.get().problem


def test_a_file_is_noted_to_be_fetched_once(house):
    image: dict[str, Any] = {"type": "image", "image": {"id": "9001", "mime_type": "image/jpeg", "sha256": "abc="}}
    one = cast.says(house, wamid="wamid.A", **image)
    arrive(house, one)
    arrive(house, one, cast.says(house, wamid="wamid.B"))
    assert Media.objects.values_list("message__wamid", "media_id", "state").get() == ("wamid.A", "9001", "pending")


def test_a_stop_word_is_an_opt_out_of_the_same_moment_and_once(house):
    stop = cast.says(house, "STOP", phone="628110000001", bsuid="ID.1", at=at(5), wamid="wamid.stop")
    arrive(house, stop)
    arrive(house, stop, cast.says(house, "ok", bsuid="ID.1", at=at(4)))
    event = ConsentEvent.objects.get()
    assert (event.kind, event.value, event.direction, event.quote) == ("bsuid", "ID.1", "out", "STOP")
    assert (event.evidence, event.provider_at) == ("wamid.stop", at(5))
    assert ledger.standing(house.workspace.pk, [("bsuid", "ID.1")]).everything == event


def test_a_stop_that_arrives_after_a_later_start_does_not_undo_it(house):
    arrive(house, cast.says(house, "START", at=at(1)), cast.says(house, "STOP", at=at(5)))
    assert ledger.standing(house.workspace.pk, [("bsuid", "ID.1001")]).everything is None


def test_neither_our_own_words_nor_a_groups_are_an_opt_out(house):
    echo = written("STOP", 3, "15550100000", to="628110000001")
    arrive(house, cast.change(house, message_echoes=[echo]), cast.says(house, "STOP", group_id="g"))
    assert not ConsentEvent.objects.exists()


def test_a_preference_of_whatsapp_is_about_marketing_alone(house):
    stamp = int(at(2).timestamp())
    one = {"wa_id": "6281100", "user_id": "ID.1", "category": "marketing_messages", "value": "stop", "timestamp": stamp}
    arrive(house, cast.change(house, user_preferences=[one]) | {"field": "user_preferences"})
    found = ledger.standing(house.workspace.pk, [("bsuid", "ID.1")])
    assert found.everything is None
    assert found.marketing is not None


def test_more_messages_in_a_batch_take_no_more_queries(house):
    counts = {}
    for size in (2, 60):
        for n in range(size):
            phone, bsuid = f"62812{size}{n:04}", f"ID.{size}x{n}"
            message = cast.says(house, "Hello", phone=phone, bsuid=bsuid, wamid=f"wamid.{size}.{n}")
            cast.arrives(house, message, cast.status(house, f"wamid.unknown{size}.{n}", "read"))
        with statements() as sent:
            drain.drain()
        counts[size] = len(sent)
    assert counts[60] == counts[2]


def test_more_changes_of_identity_in_a_batch_take_no_more_queries(house):
    counts = {}
    for size in (2, 40):
        people = [(f"62813{size}{n:04}", f"ID.{size}y{n}") for n in range(size)]
        for phone, _ in people:
            cast.arrives(house, cast.says(house, phone=phone, bsuid=""))
        drain.drain()
        for _, bsuid in people:
            cast.arrives(house, cast.says(house, phone="", bsuid=bsuid))
        drain.drain()
        for phone, bsuid in people:
            cast.arrives(house, cast.says(house, phone=phone, bsuid=bsuid))
        with statements() as sent:
            drain.drain()
        counts[size] = len(sent)
    assert counts[40] == counts[2]
