"""Real worker processes, killed and stopped at the worst moment."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from inbox import reaper
from inbox.models import Conversation, Message, Word, Work
from inbox.reaper import CLAIM_LIMIT
from inbox.sql import rows
from tests.inbox.meta import Meta, outcomes, state
from tests.workers.crew import Crew

pytestmark = pytest.mark.django_db(transaction=True)

SECONDS = 60  # a bound for a machine that is busy with other things


@pytest.fixture
def conversation(crew: Crew, meta: Meta) -> Conversation:
    return meta.hears(meta.customer())


def comes_to(meta: Meta, message: Message, word: Word) -> None:
    meta.sim.wait_for(lambda: state(message)[0] == word, SECONDS)


def test_a_reply_leaves_and_its_receipts_come_back_through_the_workers(meta, crew, conversation):
    message = meta.writes(conversation)
    comes_to(meta, message, Word.ACCEPTED)
    meta.hook.wait_for_status("delivered")
    meta.carries()
    comes_to(meta, message, Word.DELIVERED)
    assert outcomes(message) == ["accepted"]


def test_a_worker_killed_in_the_middle_of_a_call_leads_to_unconfirmed_and_never_to_a_second_message(
    meta, crew, conversation
):
    elsewhere = meta.hears(meta.customer(phone="+62 811-0000-002", name="Bima"))
    meta.sim.fault("slow", seconds=600, recipient="628110000001", count=1)
    first, second = meta.writes(conversation, "first"), meta.writes(conversation, "second")
    meta.sim.wait_for_sent(text="first", seconds=SECONDS)
    assert state(first) == (Word.SENDING, Work.CLAIMED)
    crew.kill("sending")
    other = meta.writes(elsewhere, "to somebody else")
    crew.start("sending")
    comes_to(meta, other, Word.ACCEPTED)
    assert (state(first), state(second)) == ((Word.SENDING, Work.CLAIMED), (Word.QUEUED, Work.WAITING))
    reaper.reap(timezone.now() + CLAIM_LIMIT + timedelta(seconds=1))
    assert state(first) == (Word.UNCONFIRMED, Work.DONE)
    comes_to(meta, second, Word.ACCEPTED)
    assert sorted(meta.texts()) == ["first", "second", "to somebody else"]
    meta.hook.wait_for_status("delivered", 3)
    meta.carries()
    comes_to(meta, first, Word.DELIVERED)
    assert (outcomes(first), len(meta.texts())) == (["unconfirmed"], 3)


def test_all_workers_killed_at_once_lose_nothing_and_repeat_nothing(meta, crew, conversation):
    meta.sim.fault("slow", seconds=600, count=1)
    first = meta.writes(conversation, "first")
    meta.sim.wait_for_sent(text="first", seconds=SECONDS)
    for name in ("ingest", "sending", "clock"):
        crew.kill(name)
    rest = [meta.writes(conversation, f"reply {n}") for n in range(3)]
    meta.hook.wait_for_status("delivered")
    meta.carries()
    crew.start()
    comes_to(meta, first, Word.DELIVERED)
    assert state(first)[1] == Work.CLAIMED
    reaper.reap(timezone.now() + CLAIM_LIMIT + timedelta(seconds=1))
    comes_to(meta, rest[-1], Word.ACCEPTED)
    assert meta.texts() == ["first", "reply 0", "reply 1", "reply 2"]


def test_a_worker_that_is_asked_to_stop_finishes_its_call(meta, crew, conversation):
    meta.sim.fault("slow", seconds=2, count=1)
    message = meta.writes(conversation)
    meta.sim.wait_for_sent(seconds=SECONDS)
    worker = crew.ask_to_stop("sending")
    assert worker.wait(SECONDS) == 0
    assert (state(message), outcomes(message)) == ((Word.ACCEPTED, Work.DONE), ["accepted"])


def test_a_database_that_drops_everybody_in_the_middle_of_a_call_gets_the_answer_all_the_same(meta, crew, conversation):
    meta.sim.fault("slow", seconds=2, count=1)
    first, second = meta.writes(conversation, "first"), meta.writes(conversation, "second")
    meta.sim.wait_for_sent(seconds=SECONDS)
    rows(DROP_OTHERS)
    comes_to(meta, second, Word.ACCEPTED)
    assert (state(first), outcomes(first)) == ((Word.ACCEPTED, Work.DONE), ["accepted"])
    assert meta.texts() == ["first", "second"]


DROP_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


def test_ten_replies_with_the_second_throttled_arrive_in_order(meta, crew, conversation):
    meta.sim.fault("error", code=130429, status=400, skip=1, count=1)
    messages = [meta.writes(conversation, f"reply {n}") for n in range(10)]
    comes_to(meta, messages[-1], Word.ACCEPTED)
    assert meta.texts() == [f"reply {n}" for n in range(10)]
    assert outcomes(messages[1]) == ["refused", "accepted"]


def test_the_workers_reap_fetch_and_say_nothing_of_anybody(meta, crew, conversation):
    message = meta.writes(conversation, "our secret recipe")
    Message.objects.filter(pk=message.pk).update(deadline=timezone.now() - timedelta(seconds=1))
    dewi = meta.sim.customers()[0]
    wamid = dewi.sends_file("image")
    meta.hook.wait(lambda: any(one["id"] == wamid for one in meta.hook.messages()))
    meta.carries()
    meta.sim.wait_for(lambda: Message.objects.filter(wamid=wamid, media__state="stored").exists(), SECONDS)
    meta.sim.wait_for(lambda: state(message)[1] == Work.DONE, SECONDS)
    for name in ("ingest", "sending", "clock"):
        said = crew.said(name)
        for secret in ("our secret recipe", "628110000001", "token-of-kopi-kita", "Traceback", wamid):
            assert secret not in said, f"{name} said {secret}:\n{said}"
