"""Who sends what when: claims that race on a real database, one message at a time in a conversation, in order."""

from __future__ import annotations

import random
import threading
import uuid
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection as database
from django.db import transaction
from django.utils import timezone

from connections.graph import calls
from inbox import drain, reaper, sending, settling, tasks, writing
from inbox.models import Conversation, Message, SendAttempt, Word, Work
from inbox.sql import rows
from tests import cast
from tests.inbox.meta import Meta, falls_due, outcomes, state
from workspaces.clock import tick
from workspaces.models import Membership, WorkspaceClock

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def dewi(transactional_db, meta: Meta):
    return meta.customer()


@pytest.fixture
def conversation(meta: Meta, dewi) -> Conversation:
    return meta.hears(dewi)


def at_once(*works: Callable[[], object]) -> list[object]:
    """Do all of these at the same moment, each in a thread with a connection of its own; what each returned."""
    start = threading.Barrier(len(works))
    found: list[object] = [None] * len(works)

    def run(n: int, work: Callable[[], object]) -> None:
        try:
            start.wait(10)
            found[n] = work()
        except Exception as error:  # noqa: BLE001 - for the assertion of the test
            found[n] = error
        finally:
            database.close()

    threads = [threading.Thread(target=run, args=(n, work)) for n, work in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return found


class Calling:
    """A worker in the middle of a call: Graph has taken the message, and has not answered yet."""

    def __init__(self, meta: Meta, message: Message, seconds: float = 1.0) -> None:
        meta.sim.fault("slow", seconds=seconds, count=1)
        self._thread = threading.Thread(target=at_once, args=(lambda: sending.deliver(message.pk),))
        self._meta, self._text = meta, message.text

    def __enter__(self) -> None:
        self._thread.start()
        self._meta.sim.wait_for_sent(text=self._text)

    def __exit__(self, *_: object) -> None:
        self._thread.join(30)


def test_of_many_senders_at_once_one_sends(meta, conversation):
    for n in range(5):
        message = meta.writes(conversation, f"reply {n}")
        found = at_once(*[lambda pk=message.pk: sending.deliver(pk)] * 6)
        assert sorted(map(str, found)) == ["False"] * 5 + ["True"]
        assert (outcomes(message), state(message)[0]) == (["accepted"], Word.ACCEPTED)
    assert meta.texts() == [f"reply {n}" for n in range(5)]


def test_a_message_being_sent_is_not_sent_by_another(meta, conversation):
    message = meta.writes(conversation)
    with Calling(meta, message):
        assert state(message) == (Word.SENDING, Work.CLAIMED)
        assert not sending.deliver(message.pk)
    assert (meta.texts(), outcomes(message)) == (["Yes, we do"], ["accepted"])


def test_one_message_of_a_conversation_is_in_flight_at_a_time(meta, conversation):
    first, second = meta.writes(conversation, "first"), meta.writes(conversation, "second")
    with Calling(meta, first):
        assert not sending.deliver(second.pk)
        assert state(second) == (Word.QUEUED, Work.WAITING)
    assert sending.deliver(second.pk)
    assert meta.texts() == ["first", "second"]


def test_a_later_message_does_not_overtake_one_that_waits_for_its_next_try(meta, conversation):
    first, second = meta.writes(conversation, "first"), meta.writes(conversation, "second")
    meta.sim.fault("error", code=130429, status=400, count=1)
    sending.deliver(first.pk)
    assert not sending.deliver(second.pk)
    falls_due(first)
    sending.deliver(first.pk)
    sending.deliver(second.pk)
    assert meta.texts() == ["first", "second"]


def test_conversations_do_not_wait_for_each_other(meta, conversation):
    bima = meta.hears(meta.customer(phone="+62 811-0000-002", name="Bima"))
    first, other = meta.writes(conversation, "to Dewi"), meta.writes(bima, "to Bima")
    with Calling(meta, first):
        assert sending.deliver(other.pk)


def test_the_database_itself_refuses_two_claims_in_one_conversation(meta, conversation):
    messages = [meta.writes(conversation, "first"), meta.writes(conversation, "second")]
    Message.objects.filter(pk=messages[0].pk).update(work=Work.CLAIMED)
    with pytest.raises(Exception, match="one_message_in_flight_per_conversation"):
        rows("UPDATE inbox_message SET work = 'claimed' WHERE id = %s", [messages[1].pk])


@pytest.mark.parametrize("seed", range(3))
def test_ten_replies_with_the_second_throttled_arrive_in_order_whoever_sends_them(meta, conversation, seed):
    messages = [meta.writes(conversation, f"reply {n}") for n in range(10)]
    meta.sim.fault("error", code=130429, status=400, skip=1, count=1)
    chance = random.Random(seed)
    while Message.objects.filter(work=Work.WAITING).exists():
        falls_due(*messages)
        tried = chance.sample(messages, len(messages))
        at_once(*[lambda part=tried[n::3]: [sending.deliver(one.pk) for one in part] for n in range(3)])
    assert meta.texts() == [f"reply {n}" for n in range(10)]
    assert [outcomes(one) for one in messages] == [["accepted"], ["refused", "accepted"], *[["accepted"]] * 8]


def test_replies_written_at_the_same_moment_have_one_order_and_leave_in_it(meta, conversation):
    at_once(*[lambda n=n: meta.tries_to_write(conversation, f"reply {n}") for n in range(5)])
    written = list(Message.objects.filter(source="ours").order_by("pk"))
    assert len(written) == 5
    assert sorted(one.arrival for one in written) == [one.arrival for one in written]
    for one in random.sample(written, 5) * 5:
        sending.deliver(one.pk)
    assert meta.texts() == [one.text for one in written]


def test_a_hint_may_come_at_any_time_and_as_often_as_it_likes(meta, conversation):
    message = meta.writes(conversation)
    for _ in range(3):
        tasks.deliver(message.pk)
    tasks.deliver(10**12)
    assert meta.texts() == ["Yes, we do"]


def test_the_dispatcher_hints_at_one_message_for_each_conversation_and_only_at_what_is_due(meta, conversation):
    bima = meta.hears(meta.customer(phone="+62 811-0000-002", name="Bima"))
    messages = [meta.writes(conversation, "1"), meta.writes(conversation, "2"), meta.writes(bima, "3")]
    assert sending.dispatch() == 2
    sending.deliver(messages[0].pk)
    assert sending.dispatch() == 2
    for one in messages[1:]:
        sending.deliver(one.pk)
    assert sending.dispatch() == 0


def test_with_a_thousand_hints_unread_the_dispatcher_adds_none(meta, conversation, monkeypatch):
    meta.writes(conversation)
    monkeypatch.setattr(sending, "MOST_HINTS", -1)
    assert sending.dispatch() == 0


# --- cancelling


def test_a_reply_can_be_taken_back_until_it_is_claimed(meta, conversation):
    message = meta.writes(conversation)
    assert sending.cancel(message.pk)
    assert state(message) == (Word.CANCELLED, Work.CANCELLED)
    assert not sending.deliver(message.pk)
    assert not sending.cancel(message.pk)
    assert (meta.sends_asked(), SendAttempt.objects.count()) == (0, 0)


def test_a_reply_that_waits_for_its_next_try_can_be_taken_back_too(meta, conversation):
    message = meta.writes(conversation)
    meta.sim.fault("error", code=130429, status=400, count=1)
    sending.deliver(message.pk)
    assert sending.cancel(message.pk)
    falls_due(message)
    assert not sending.deliver(message.pk)
    assert (state(message)[0], meta.sends_asked(), meta.texts()) == (Word.CANCELLED, 1, [])


def test_once_claimed_it_cannot_be_taken_back(meta, conversation):
    message = meta.writes(conversation)
    with Calling(meta, message):
        assert not sending.cancel(message.pk)
    assert not sending.cancel(message.pk)
    assert state(message) == (Word.ACCEPTED, Work.DONE)


def test_of_a_claim_and_a_cancellation_at_once_exactly_one_wins(meta, conversation):
    for n in range(8):
        message = meta.writes(conversation, f"reply {n}")
        sent, taken_back = at_once(partial(sending.deliver, message.pk), partial(sending.cancel, message.pk))
        assert {sent, taken_back} == {True, False}
        assert (state(message)[0] == Word.CANCELLED) is taken_back
        assert (f"reply {n}" in meta.texts()) is sent


def test_a_cancelled_message_lets_the_next_one_go(meta, conversation):
    first, second = meta.writes(conversation, "first"), meta.writes(conversation, "second")
    sending.cancel(first.pk)
    assert sending.deliver(second.pk)
    assert meta.texts() == ["second"]


# --- a double click


def test_one_form_posted_many_times_at_once_is_one_message(meta, conversation):
    token = uuid.uuid4()
    membership = Membership.objects.get(user=meta.alice)
    position = WorkspaceClock.objects.get(workspace=meta.house.workspace).version

    def click() -> writing.Outcome:
        return writing.write_reply(
            conversation=conversation,
            membership=membership,
            text="Yes, we do",
            form_token=token,
            position=position,
            confirmed=[],
            now=timezone.now(),
        )

    found = at_once(*[click] * 5)
    assert sorted(type(one).__name__ for one in found) == ["Repeated"] * 4 + ["Written"]
    assert Message.objects.filter(source="ours").count() == 1


def test_nothing_is_called_inside_a_transaction(meta, conversation, monkeypatch):
    message = meta.writes(conversation)
    held: list[bool] = []
    whole = calls.exchange

    def looking(*given: object) -> object:
        held.append(database.in_atomic_block)
        return whole(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(calls, "exchange", looking)
    sending.deliver(message.pk)
    assert held == [False]


# --- locks


def claims(meta: Meta, message: Message) -> None:
    sending.deliver(message.pk)


def cancels(meta: Meta, message: Message) -> None:
    sending.cancel(message.pk)


def expires(meta: Meta, message: Message) -> None:
    reaper.reap(timezone.now() + timedelta(minutes=11))


def waits_for_events(meta: Meta, message: Message) -> None:
    settling.hold(message, timezone.now(), timezone.now())


def is_told(meta: Meta, message: Message) -> None:
    message.refresh_from_db()
    cast.arrives(meta.house, cast.status(meta.house, str(message.wamid), "read"))
    drain.drain()


@pytest.mark.parametrize("act", [claims, cancels, expires, waits_for_events, is_told])
def test_whoever_waits_for_a_conversation_does_not_hold_the_clock(meta, conversation, act):
    """An agent who assigns it holds the conversation, and then raises the clock: together, a deadlock."""
    message = meta.writes(conversation)
    if act is is_told:
        sending.deliver(message.pk)
    other: list[object] = []
    thread = threading.Thread(target=lambda: other.extend(at_once(partial(act, meta, message))))
    with transaction.atomic():
        Conversation.objects.filter(pk=conversation.pk).update(owner=meta.alice)
        thread.start()
        meta.sim.wait_for(somebody_waits)
        tick([meta.house.workspace.pk])
    thread.join(30)
    assert other == [None]


def somebody_waits() -> bool:
    rows("SELECT pg_stat_clear_snapshot()")
    waiting = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    return bool(rows(waiting))
