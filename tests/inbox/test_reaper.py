"""What nobody finished: a worker that stopped in the middle of a call leaves "unconfirmed", never a second message."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.db import connection as database
from django.utils import timezone

from connections.graph import calls
from inbox import reaper, sending
from inbox.marks import failure_of
from inbox.models import Conversation, Message, Word, Work
from inbox.reaper import CLAIM_LIMIT
from tests.inbox.meta import Meta, falls_due, outcomes, runs_out_of_time, state
from tests.inbox.screens import signed_in
from workspaces.models import WorkspaceClock

pytestmark = pytest.mark.django_db


@pytest.fixture
def dewi(meta: Meta):
    return meta.customer()


@pytest.fixture
def conversation(meta: Meta, dewi) -> Conversation:
    return meta.hears(dewi)


class Killed(BaseException):
    """The worker ends here; nothing of ours catches this."""


@pytest.fixture
def killed_in_the_call(meta: Meta, monkeypatch):
    """Workers die while they read Graph's answer: it has taken the message, and they never get to know."""
    wire = httpx.HTTPTransport()

    def die(request: httpx.Request) -> httpx.Response:
        wire.handle_request(request).read()
        raise Killed

    client = httpx.Client(transport=httpx.MockTransport(die))
    monkeypatch.setattr(calls, "shared_client", lambda: client)
    yield monkeypatch
    wire.close()


def later(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


def test_a_claim_that_nobody_finished_is_unconfirmed_and_not_sent_again(meta, conversation, killed_in_the_call):
    message = meta.writes(conversation)
    with pytest.raises(Killed):
        sending.deliver(message.pk)
    assert state(message) == (Word.SENDING, Work.CLAIMED)
    killed_in_the_call.undo()
    assert not sending.deliver(message.pk)
    assert reaper.reap(timezone.now() + CLAIM_LIMIT + later(1)) == 1
    assert state(message) == (Word.UNCONFIRMED, Work.DONE)
    assert outcomes(message) == ["unconfirmed"]
    failure = failure_of(message)
    assert failure is not None
    assert "stopped before it could say" in failure.sentence
    falls_due(message)
    assert not sending.deliver(message.pk)
    assert (meta.texts(), meta.sends_asked()) == (["Yes, we do"], 1)


def test_its_receipt_settles_it(meta, conversation, killed_in_the_call):
    message = meta.writes(conversation)
    with pytest.raises(Killed):
        sending.deliver(message.pk)
    reaper.reap(timezone.now() + CLAIM_LIMIT + later(1))
    meta.tells("delivered")
    assert state(message)[0] == Word.DELIVERED
    assert failure_of(message) is None


def test_a_worker_that_is_still_calling_is_not_declared_lost(meta, conversation, killed_in_the_call):
    message = meta.writes(conversation)
    with pytest.raises(Killed):
        sending.deliver(message.pk)
    message.refresh_from_db()
    assert message.claimed_at is not None
    assert reaper.reap(message.claimed_at + CLAIM_LIMIT) == 0
    assert state(message) == (Word.SENDING, Work.CLAIMED)


def test_the_limit_is_longer_than_all_the_time_outs_of_a_call():
    limits = calls.POOL_TIMEOUT + calls.CONNECT_TIMEOUT + calls.WRITE_TIMEOUT + calls.READ_TIMEOUT
    assert CLAIM_LIMIT.total_seconds() > limits + calls.ANSWER_DEADLINE


def test_after_it_the_rest_of_the_conversation_goes_on(meta, conversation, killed_in_the_call):
    first, second = meta.writes(conversation, "first"), meta.writes(conversation, "second")
    with pytest.raises(Killed):
        sending.deliver(first.pk)
    killed_in_the_call.undo()
    assert not sending.deliver(second.pk)
    reaper.reap(timezone.now() + CLAIM_LIMIT + later(1))
    assert sending.deliver(second.pk)
    assert meta.texts() == ["first", "second"]


def slow_call(meta: Meta, message: Message, **fault: Any) -> threading.Thread:
    """A worker in a call that takes a second; it has claimed the message when this returns."""
    meta.sim.fault("slow", seconds=1.0, count=1)
    if fault:
        meta.sim.fault(**fault)

    def work() -> None:
        try:
            sending.deliver(message.pk)
        finally:
            database.close()

    thread = threading.Thread(target=work)
    thread.start()
    meta.sim.wait_for(lambda: state(message)[1] == Work.CLAIMED)
    return thread


def test_an_acceptance_that_comes_after_the_reaper_spoke_counts(transactional_db, meta, conversation):
    message = meta.writes(conversation)
    thread = slow_call(meta, message)
    reaper.reap(timezone.now() + CLAIM_LIMIT + later(1))
    assert state(message) == (Word.UNCONFIRMED, Work.DONE)
    thread.join(30)
    assert state(message) == (Word.ACCEPTED, Work.DONE)
    assert (message.wamid, message.problem) == (meta.sim.sent()[0]["wamid"], {})


@pytest.mark.parametrize("code", [131026, 130429])
def test_a_refusal_that_comes_after_the_reaper_spoke_counts_and_nothing_is_tried_again(
    transactional_db, meta, conversation, code
):
    message = meta.writes(conversation)
    thread = slow_call(meta, message, kind="error", code=code, status=400, count=1)
    reaper.reap(timezone.now() + CLAIM_LIMIT + later(1))
    assert state(message) == (Word.UNCONFIRMED, Work.DONE)
    thread.join(30)
    assert state(message) == (Word.FAILED, Work.DONE)
    assert message.problem["code"] == code
    assert (outcomes(message), meta.texts()) == (["refused"], [])


def test_two_reapers_at_once_settle_a_message_once(meta, conversation, killed_in_the_call):
    message = meta.writes(conversation)
    with pytest.raises(Killed):
        sending.deliver(message.pk)
    when = timezone.now() + CLAIM_LIMIT + later(1)
    assert [reaper.reap(when), reaper.reap(when)] == [1, 0]


def test_the_dead_are_found_however_many_and_each_workspaces_clock_is_raised_once(meta, conversation):
    messages = [meta.writes(conversation, str(n)) for n in range(20)]
    for message in messages:
        runs_out_of_time(message)
    before = WorkspaceClock.objects.get(workspace=meta.house.workspace).version
    assert reaper.reap() == 20
    assert WorkspaceClock.objects.get(workspace=meta.house.workspace).version == before + 1
    assert {state(message) for message in messages} == {(Word.NOT_SENT, Work.DONE)}
    assert {message.version for message in messages} == {before + 1}


def test_what_is_being_sent_does_not_run_out_of_time(meta, conversation, killed_in_the_call):
    message = meta.writes(conversation)
    with pytest.raises(Killed):
        sending.deliver(message.pk)
    runs_out_of_time(message)
    assert reaper.reap() == 0
    assert state(message) == (Word.SENDING, Work.CLAIMED)


def test_its_last_run_is_kept_and_shown_beside_what_is_open(meta, conversation):
    message = meta.writes(conversation)
    assert reaper.last_run() is None
    at = timezone.now()
    reaper.reap(at)
    assert reaper.last_run() == at
    page = signed_in(message.author).get(f"/w/{message.workspace.slug}/inbox/messages/{message.pk}/evidence/")
    assert page.context["reaper_ran_at"] == at
    assert "is looked for each second" in page.content.decode()
