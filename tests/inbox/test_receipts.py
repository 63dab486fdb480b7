"""Receipts find their messages, and the SQL that applies a batch says what the algebra says of all the evidence."""

from __future__ import annotations

import re
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from inbox import delivery, drain, marks, sending, settling
from inbox.delivery import Attempt, Word, Work
from inbox.models import Heartbeat, Message, Receipt, SendAttempt
from tests import cast
from tests.cast import House
from tests.inbox import ours
from tests.inbox.statements import statements
from webhooks.models import WebhookEvent
from workspaces.models import WorkspaceClock

pytestmark = pytest.mark.django_db

START = datetime(2026, 11, 20, 8, tzinfo=UTC)
FAILED = [{"code": 131026, "title": "Message undeliverable", "error_data": {"details": "Not on WhatsApp."}}]


def at(minute: int) -> datetime:
    return START + timedelta(minutes=minute)


def told(house: House, wamid: str, word: str, token: str = "", minute: int = 5, code: int = 131026) -> dict[str, Any]:
    extra: dict[str, Any] = {"biz_opaque_callback_data": token} if token else {}
    if word == "failed":
        extra["errors"] = [FAILED[0] | {"code": code}]
    return cast.status(house, wamid, word, at=at(minute), **extra)


def arrive(house: House, *changes: dict[str, Any]) -> None:
    cast.arrives(house, *changes)
    drain.drain()


def word(message: Message) -> Word:
    message.refresh_from_db()
    return Word(message.word or 0)


# The algebra and the SQL.

STATUSES = ("sent", "delivered", "read", "played", "failed", "held")
receipt_steps = st.tuples(
    st.just("receipt"), st.integers(1, 2), st.sampled_from(STATUSES), st.integers(0, 6), st.sampled_from(["token", ""])
)
answer_steps = st.just(("answer", 2, "", 0, ""))
histories = st.lists(st.one_of(receipt_steps, receipt_steps, receipt_steps, answer_steps), min_size=1, max_size=9)


@given(histories, st.sampled_from(["refused", "unconfirmed", "not_sent"]), st.randoms(use_true_random=False))
@settings(max_examples=80)
def test_what_the_database_says_is_what_the_algebra_says(house, history, first, random):
    """Receipts by token or by wamid, before and after the answer that names it, in batches of any size."""
    with transaction.atomic():
        message = ours.message(house, "tok", first, None)
        answered = False
        for kind, attempt, status, minute, by in history:
            if kind == "answer":
                attempts = SendAttempt.objects.filter(message=message, number=2)
                settling.settle_accepted(message, attempts.get(), ours.accepted("wamid.2"))
                answered = True
            else:
                token = f"tok.{attempt}" if by else ""
                cast.arrives(house, told(house, f"wamid.{attempt}", status, token, minute))
            if random.random() < 0.5:
                drain.drain()
        drain.drain()
        assert said_by_the_database(message) == said_by_the_algebra(message, history, answered)
        transaction.set_rollback(True)


def said_by_the_database(message: Message) -> dict[str, Any]:
    message.refresh_from_db()
    return {name: getattr(message, name) for name in asdict(delivery.Standing(Word.QUEUED))}


def said_by_the_algebra(message: Message, history: list[Any], answered: bool) -> dict[str, Any]:
    named = {attempt for kind, attempt, _, _, by in history if kind == "receipt" and by}
    known = named | ({2} if answered else set())
    receipts = [
        delivery.Receipt(status, at(minute), attempt)
        for kind, attempt, status, minute, _ in history
        if kind == "receipt" and attempt in known
    ]
    tried = [Attempt(one.number, one.outcome, one.finished_at) for one in message.attempts.all()]
    return asdict(delivery.standing(tried, receipts, Work(message.work)))


# Whose a receipt is.


def test_a_receipt_that_comes_before_the_answer_is_found_by_our_token(house):
    message = ours.message(house, "tok", None)
    arrive(house, told(house, "wamid.A", "delivered", "tok.1"))
    assert word(message) == Word.DELIVERED


def test_a_receipt_that_comes_before_the_answer_waits_for_its_wamid(house):
    message = ours.message(house, "tok", None)
    arrive(house, told(house, "wamid.A", "delivered"))
    assert word(message) == Word.SENDING
    settling.settle_accepted(message, message.attempts.get(), ours.accepted("wamid.A"))
    assert word(message) == Word.DELIVERED


def test_one_receipt_with_our_token_tells_whose_the_others_of_its_wamid_are(house):
    message = ours.message(house, "tok", "unconfirmed")
    arrive(house, told(house, "wamid.A", "read"))
    arrive(house, told(house, "wamid.A", "sent", "tok.1"))
    arrive(house, told(house, "wamid.A", "delivered"))
    assert word(message) == Word.READ
    assert message.delivered_at == at(5)


def test_one_webhook_may_tell_of_a_wamid_with_our_token_and_without(house):
    message = ours.message(house, "lost", "unconfirmed")
    arrive(house, told(house, "wamid.L", "delivered", minute=7), told(house, "wamid.L", "sent", "lost.1"))
    assert not WebhookEvent.objects.exclude(state="applied").exists()
    assert (word(message), message.receipts.count()) == (Word.DELIVERED, 2)


def test_a_receipt_teaches_the_wamid_of_a_message_whose_answer_was_lost(house):
    message = ours.message(house, "tok", "unconfirmed")
    arrive(house, told(house, "wamid.A", "sent", "tok.1"))
    message.refresh_from_db()
    assert message.wamid == "wamid.A"


def test_a_repeat_that_names_the_message_counts_where_the_first_did_not(house):
    message = ours.message(house, "tok", "unconfirmed")
    arrive(house, told(house, "wamid.A", "delivered"))
    arrive(house, told(house, "wamid.A", "delivered", "tok.1"))
    assert word(message) == Word.DELIVERED
    assert Receipt.objects.count() == 1


def test_a_token_is_honoured_only_on_the_connection_of_its_attempt(house):
    message = ours.message(house, "tok", "unconfirmed")
    other = cast.teh_tubruk()
    arrive(other, told(other, "wamid.A", "delivered", "tok.1"))
    assert word(message) == Word.UNCONFIRMED
    assert Receipt.objects.get().message is None


@pytest.mark.parametrize("token", ["tok", "tok.", "tok.x", "tok.9", ".1", "tok.1.1", "\u0000", "tok.99999999999"])
def test_a_token_that_is_none_of_ours_names_nobody(house, token):
    message = ours.message(house, "tok", "unconfirmed")
    arrive(house, told(house, "wamid.A", "delivered", token))
    assert word(message) == Word.UNCONFIRMED
    assert Receipt.objects.get().message is None


def test_a_receipt_of_nobody_we_know_is_kept_and_stops_nobody(house):
    message = ours.message(house, "tok", "accepted", wamid="wamid.A")
    arrive(house, told(house, "wamid.other", "read"), told(house, "wamid.A", "sent"))
    assert word(message) == Word.SENT
    assert Receipt.objects.filter(message=None).count() == 1


def test_a_receipt_of_a_message_from_the_phone_app_may_come_before_it(house):
    arrive(house, told(house, "wamid.E", "read"))
    echo = {"from": "15550100000", "to": "628110000001", "id": "wamid.E", "timestamp": str(int(at(1).timestamp()))}
    arrive(house, cast.change(house, message_echoes=[echo | {"type": "text", "text": {"body": "Hi"}}]))
    assert word(Message.objects.get(wamid="wamid.E")) == Word.READ


def test_a_status_that_nobody_knows_is_kept_and_shown_in_the_evidence(house):
    message = ours.message(house, "tok", "accepted", wamid="wamid.A")
    arrive(house, told(house, "wamid.A", "warehoused"))
    assert word(message) == Word.ACCEPTED
    assert message.receipts.get().status == "warehoused"


def test_failed_and_then_delivered_is_delivered_and_says_both(house):
    message = ours.message(house, "tok", "accepted", wamid="wamid.A")
    arrive(house, told(house, "wamid.A", "failed", minute=3))
    arrive(house, told(house, "wamid.A", "delivered", minute=4))
    assert word(message) == Word.DELIVERED
    assert (message.failed_at, message.problem["code"]) == (at(3), 131026)


def test_delivered_and_then_failed_is_delivered_and_says_both(house):
    message = ours.message(house, "tok", "accepted", wamid="wamid.A")
    arrive(house, told(house, "wamid.A", "delivered", minute=3))
    arrive(house, told(house, "wamid.A", "failed", minute=4))
    assert word(message) == Word.DELIVERED
    assert (message.failed_at, message.problem["code"]) == (at(4), 131026)


def test_a_verbatim_repeat_is_one_receipt(house):
    ours.message(house, "tok", "accepted", wamid="wamid.A")
    one = told(house, "wamid.A", "read")
    cast.arrives(house, one, one)
    cast.arrives(house, one, {"field": "unknown", "value": {}})
    drain.drain()
    assert Receipt.objects.count() == 1


def test_a_receipt_stops_a_planned_try_as_meta_has_the_message(house):
    later = timezone.now() + timedelta(minutes=1)
    message = ours.message(house, "tok", "refused", work=Work.WAITING, due_at=later, deadline=later, word=Word.SENDING)
    arrive(house, told(house, "wamid.A", "sent", "tok.1"))
    message.refresh_from_db()
    assert message.work == Work.DONE
    Message.objects.filter(pk=message.pk).update(due_at=timezone.now())
    assert not sending.deliver(message.pk)


def test_the_sweep_matches_what_missed_its_answer(house):
    """A receipt and an answer, each written while the other was not visible yet."""
    message = ours.message(house, "tok", "accepted", wamid="wamid.A")
    arrive(house, told(house, "wamid.A", "delivered"))
    Receipt.objects.update(message=None, attempt=None)
    Message.objects.update(word=Word.ACCEPTED, delivered_at=None)
    before = message.version
    drain.sweep()
    assert word(message) == Word.DELIVERED
    assert message.version > before


@pytest.mark.parametrize("hours", [0, 30])  # 0: nobody ever worked
def test_the_sweep_goes_back_to_where_the_last_one_ended_however_long_nobody_worked(house, hours):
    """The worker died between an answer and its receipt, and was started again much later."""
    if hours:
        drain.sweep()
        Heartbeat.objects.update(at=cast.ago(hours=hours))
    message = ours.message(house, "tok", "accepted", wamid="wamid.A")
    arrive(house, told(house, "wamid.A", "delivered"))
    Receipt.objects.update(message=None, attempt=None, processed_at=cast.ago(hours=hours, minutes=-60 if hours else 60))
    Message.objects.update(word=Word.ACCEPTED, delivered_at=None)
    drain.sweep()
    assert word(message) == Word.DELIVERED


def test_many_failures_take_no_more_queries_than_one(house):
    counts: dict[int, int] = {}
    for size in (1, 30):
        for n in range(size):
            ours.message(house, f"tok{size}x{n}", "accepted", wamid=f"wamid.{size}.{n}")
        cast.arrives(house, *(told(house, f"wamid.{size}.{n}", "failed") for n in range(size)))
        with statements() as sent:
            drain.drain()
        counts[size] = len(sent)
    assert counts[30] == counts[1]


def test_a_receipt_changes_nothing_that_an_index_holds(house):
    """So PostgreSQL writes no index for it (a HOT update): a good part of what applying one costs."""
    changed = re.compile(r"\b(version|word|sent_at|delivered_at|read_at|played_at)\b")
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE tablename IN ('inbox_message', 'inbox_conversation')")
        definitions = [row[0] for row in cursor.fetchall()]
    assert len(definitions) > 10
    assert [one for one in definitions if changed.search(one)] == []


def test_a_message_and_its_conversation_carry_the_version_of_its_receipt(house):
    message = ours.message(house, "tok", "accepted")
    arrive(house, told(house, "wamid.tok", "delivered", "tok.1"))
    message = Message.objects.get(pk=message.pk)
    clock = WorkspaceClock.objects.get(workspace=house.workspace)
    assert message.version == message.conversation.version == clock.version > 0


@pytest.mark.parametrize("error", [{}, {"code": "E1"}, {"code": None}, {"code": 1.5}, {"code": 10**12}])
def test_a_failure_without_a_usable_code_is_told_in_metas_words_and_never_as_an_expired_token(house, error):
    message = ours.message(house, "tok", "accepted", wamid="wamid.A")
    arrive(house, cast.status(house, "wamid.A", "failed", errors=[{"title": "Something odd", **error}]))
    assert Receipt.objects.get().code is None
    message.refresh_from_db()
    failure = marks.failure_of(message)
    assert failure is not None
    assert failure.code is None
    assert "Something odd" in failure.sentence
