"""What becomes of a call: every row of the table of outcomes, against the simulator over HTTP."""

from __future__ import annotations

import socket
import threading
import traceback
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError
from django.db import connection as database
from django.utils import timezone

from connections import choice
from connections.graph import calls
from connections.models import Connection
from inbox import reaper, sending
from inbox.marks import failure_of, mark_of
from inbox.models import Conversation, Message, Receipt, SendAttempt, Word, Work
from tests.inbox.meta import Meta, falls_due, outcomes, runs_out_of_time, state

pytestmark = pytest.mark.django_db


@pytest.fixture
def dewi(meta: Meta):
    return meta.customer()


@pytest.fixture
def conversation(meta: Meta, dewi) -> Conversation:
    return meta.hears(dewi)


@pytest.fixture
def message(meta: Meta, conversation: Conversation) -> Message:
    return meta.writes(conversation)


@pytest.fixture
def impatient(meta: Meta, monkeypatch) -> Iterator[None]:
    """Waits half a second for an answer of Graph, rather than fifteen."""
    monkeypatch.setattr(calls, "READ_TIMEOUT", 0.5)
    calls.shared_client.cache_clear()
    yield
    calls.shared_client().close()
    calls.shared_client.cache_clear()


def seconds_until_due(message: Message) -> float:
    message.refresh_from_db()
    assert message.due_at is not None
    return (message.due_at - timezone.now()).total_seconds()


def never_again(meta: Meta, message: Message) -> None:
    """Whatever a machine may do with it later, Graph is not asked again."""
    asked = meta.sends_asked()
    falls_due(message)
    reaper.reap(timezone.now() + timedelta(hours=1))
    assert not sending.deliver(message.pk)
    assert meta.sends_asked() == asked


# --- accepted


def test_an_answer_with_a_message_id_is_accepted_and_no_more_than_that(meta, message):
    assert state(message) == (Word.QUEUED, Work.WAITING)
    assert sending.deliver(message.pk)
    (sent,) = meta.sim.sent()
    assert state(message) == (Word.ACCEPTED, Work.DONE)
    assert (message.wamid, message.problem) == (sent["wamid"], {})
    assert message.accepted_at is not None
    assert message.sent_at is None
    never_again(meta, message)


def test_an_attempt_keeps_what_it_used_and_what_graph_said(meta, conversation, message):
    sending.deliver(message.pk)
    attempt = SendAttempt.objects.get(message=message)
    (sent,) = meta.sim.sent()
    used = (attempt.phone_number_id, attempt.recipient_kind, attempt.recipient, attempt.graph_version)
    assert used == (meta.house.connection.phone_number_id, "phone", "628110000001", "v25.0")
    assert attempt.token_fingerprint == choice.fingerprint(meta.house.connection)
    assert "token-of-kopi-kita" not in attempt.token_fingerprint
    said = (attempt.outcome, attempt.http_status, attempt.wamid, bool(attempt.fbtrace_id), sent["wamid"] in attempt.raw)
    assert said == ("accepted", 200, sent["wamid"], True, True)
    assert attempt.finished_at is not None
    assert attempt.finished_at >= attempt.started_at
    assert sent["posted"]["biz_opaque_callback_data"] == f"{message.token}.1"


def test_what_comes_after_accepted_needs_a_receipt(meta, message):
    sending.deliver(message.pk)
    meta.tells("delivered")
    assert state(message)[0] == Word.DELIVERED
    assert message.wamid is not None
    meta.sim.receipt(message.wamid, "read")
    meta.tells("read")
    assert state(message)[0] == Word.READ


def test_a_receipt_that_comes_before_the_answer_counts(transactional_db, meta, message):
    meta.sim.fault("slow", seconds=1.0, count=1)
    caller = threading.Thread(target=in_thread, args=(message.pk,))
    caller.start()
    meta.tells("delivered")
    assert state(message) == (Word.DELIVERED, Work.CLAIMED)
    caller.join(20)
    assert state(message) == (Word.DELIVERED, Work.DONE)
    assert message.wamid == meta.sim.sent()[0]["wamid"]


def in_thread(message_id: int) -> None:
    try:
        sending.deliver(message_id)
    finally:
        database.close()


@pytest.fixture
def second(meta: Meta, conversation: Conversation, message: Message) -> Message:
    """A reply that Meta will answer with the id of the one before it, as if that had come in from the phone app."""
    sending.deliver(message.pk)
    wamid = Message.objects.get(pk=message.pk).wamid
    _on_settling("IF NEW.outcome = 'accepted' THEN NEW.wamid := %s; END IF;", wamid)
    return meta.writes(conversation, "And more")


def _on_settling(statement: str, *values: str | None) -> None:
    """What PostgreSQL does whenever an attempt's outcome is written."""
    with database.cursor() as cursor:
        function = f"FUNCTION taken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {statement} RETURN NEW; END $$"
        cursor.execute(f"CREATE OR REPLACE {function}", values)
        cursor.execute(
            "CREATE OR REPLACE TRIGGER taken BEFORE UPDATE ON inbox_sendattempt FOR EACH ROW EXECUTE FUNCTION taken()"
        )


def test_a_message_id_that_is_another_messages_already_proves_nothing(second):
    sending.deliver(second.pk)
    assert state(second) == (Word.UNCONFIRMED, Work.DONE)
    assert outcomes(second) == ["unconfirmed"]


def test_no_message_id_is_logged_when_that_cannot_be_written_down_either(message, second):
    wamid = Message.objects.get(pk=message.pk).wamid
    assert wamid is not None
    no_more = "IF NEW.outcome = 'unconfirmed' THEN RAISE EXCEPTION 'the disk is full'; END IF;"
    _on_settling(f"IF NEW.outcome = 'accepted' THEN NEW.wamid := %s; END IF; {no_more}", wamid)
    with pytest.raises(DatabaseError) as caught:
        sending.deliver(second.pk)
    told = "".join(traceback.format_exception(caught.value))
    assert "the disk is full" in told
    assert wamid not in told


# --- refused for good


@pytest.mark.parametrize(
    ("fault", "sentence", "code"),
    [
        ({"code": 131026, "status": 400}, "WhatsApp could not deliver it", 131026),
        ({"code": 131047, "status": 400}, "More than 24 hours have passed", 131047),
        ({"code": 190, "status": 401}, "Meta does not accept this connection's access token", 190),
        ({"code": 131045, "status": 500}, "This number is not properly registered", 131045),
        ({"code": 999123, "status": 400, "details": "Moon phase"}, "Moon phase", 999123),
    ],
)
def test_a_permanent_refusal_fails_with_a_sentence_and_a_next_step(meta, message, fault, sentence, code):
    meta.sim.fault("error", **fault)
    sending.deliver(message.pk)
    assert state(message) == (Word.FAILED, Work.DONE)
    failure = failure_of(message)
    assert failure is not None
    assert sentence in failure.sentence
    assert failure.next_step
    attempt = SendAttempt.objects.get(message=message)
    assert (attempt.outcome, attempt.code, attempt.http_status) == ("refused", code, fault["status"])
    assert attempt.fbtrace_id
    assert message.failed_at is not None
    never_again(meta, message)


def test_a_proxy_that_says_no_in_html_is_a_refusal_too(meta, message):
    meta.sim.fault("html", status=403)
    sending.deliver(message.pk)
    assert state(message) == (Word.FAILED, Work.DONE)
    attempt = SendAttempt.objects.get(message=message)
    assert (attempt.http_status, attempt.code) == (403, None)
    assert "something went wrong" in attempt.raw
    never_again(meta, message)


def test_a_failure_reported_after_acceptance_is_shown_with_the_catalogues_words(meta, message):
    meta.sim.fault("fail", code=131049)
    sending.deliver(message.pk)
    meta.tells("failed")
    assert state(message)[0] == Word.FAILED
    failure = failure_of(message)
    assert failure is not None
    assert "keep people from getting too many" in failure.sentence
    never_again(meta, message)


def test_a_token_that_does_not_decrypt_is_named_and_never_used(meta, message):
    Connection.objects.filter(pk=meta.house.connection.pk).update(access_token="x")
    with database.cursor() as cursor:
        cursor.execute("UPDATE connections_connection SET access_token = 'gAAAAnot-a-token'")
    sending.deliver(message.pk)
    assert state(message) == (Word.FAILED, Work.DONE)
    assert "cannot be decrypted" in message.problem["sentence"]
    assert meta.sends_asked() == 0
    assert SendAttempt.objects.get(message=message).token_fingerprint == ""


# --- known not accepted: tried again


@pytest.mark.parametrize(
    ("code", "status", "wait"),
    [(130429, 400, 2), (131056, 400, 1), (131057, 500, 30), (80007, 400, 60), (4, 400, 60), (999123, 429, 15)],
)
def test_what_meta_asked_us_to_wait_with_waits_as_long_as_its_code_demands(meta, message, code, status, wait):
    meta.sim.fault("error", code=code, status=status, count=1)
    sending.deliver(message.pk)
    assert state(message) == (Word.SENDING, Work.WAITING)
    assert wait - 1 < seconds_until_due(message) <= wait
    assert not sending.deliver(message.pk), "it is not its time yet"
    mark = mark_of(message)
    assert mark is not None
    assert (mark.word, mark.next_try_at, bool(mark.note)) == ("sending", message.due_at, True)
    assert failure_of(message) is None
    falls_due(message)
    assert sending.deliver(message.pk)
    assert state(message) == (Word.ACCEPTED, Work.DONE)
    assert (outcomes(message), message.problem) == (["refused", "accepted"], {})
    assert [one["posted"]["biz_opaque_callback_data"] for one in meta.sim.sent()] == [f"{message.token}.2"]


def test_the_wait_between_one_number_and_one_person_grows_by_powers_of_four(meta, message):
    meta.sim.fault("error", code=131056, status=400)
    for wait in (1, 4, 16, 64):
        falls_due(message)
        sending.deliver(message.pk)
        assert wait - 1 < seconds_until_due(message) <= wait


def test_a_limit_that_lasts_until_the_deadline_is_a_failure_that_says_so(meta, message):
    meta.sim.fault("error", code=130429, status=400)
    sending.deliver(message.pk)
    runs_out_of_time(message)
    falls_due(message)
    assert not sending.deliver(message.pk), "past its deadline it is not sent any more"
    reaper.reap()
    assert state(message) == (Word.FAILED, Work.DONE)
    failure = failure_of(message)
    assert failure is not None
    assert failure.sentence == "This number is sending faster than Meta allows."
    assert "not tried any more" in failure.next_step
    assert (message.text, meta.sends_asked()) == ("Yes, we do", 1)


def test_a_wait_that_would_pass_the_deadline_is_not_begun(meta, message):
    Message.objects.filter(pk=message.pk).update(deadline=timezone.now() + timedelta(seconds=20))
    meta.sim.fault("error", code=131057, status=500)
    sending.deliver(message.pk)
    assert state(message) == (Word.FAILED, Work.DONE)
    assert "not tried any more" in message.problem["next_step"]


def test_the_deadline_is_ten_minutes_or_the_windows_close(meta, dewi, conversation, message):
    assert message.deadline == message.placed_at + timedelta(minutes=10)
    closing = timezone.now() + timedelta(minutes=4)
    Conversation.objects.update(last_inbound_at=closing - timedelta(hours=24) + timedelta(minutes=1))
    later = meta.writes(conversation, "Later")
    assert later.deadline is not None
    assert abs(later.deadline - closing) < timedelta(seconds=1)


# --- never left us


def nobody_listens() -> str:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{unused.getsockname()[1]}"


@pytest.mark.parametrize("trouble", ["refused", "no such name", "no TLS"])
def test_what_never_left_us_is_tried_again_and_at_the_deadline_is_not_sent(meta, message, settings, trouble):
    simulator = settings.GRAPH_BASE_URLS["simulator"]
    elsewhere = {
        "refused": nobody_listens(),
        "no such name": "http://graph.invalid",
        "no TLS": simulator.replace("http:", "https:"),
    }
    settings.GRAPH_BASE_URLS = settings.GRAPH_BASE_URLS | {"simulator": elsewhere[trouble]}
    for wait in (1, 2):
        falls_due(message)
        sending.deliver(message.pk)
        assert state(message) == (Word.SENDING, Work.WAITING)
        assert wait - 1 < seconds_until_due(message) <= wait
    assert outcomes(message) == ["not_sent", "not_sent"]
    runs_out_of_time(message)
    reaper.reap()
    assert state(message) == (Word.NOT_SENT, Work.DONE)
    failure = failure_of(message)
    assert failure is not None
    assert "could not be reached" in failure.sentence
    assert "Copy the words" in failure.next_step
    assert (message.text, meta.sends_asked()) == ("Yes, we do", 0)
    settings.GRAPH_BASE_URLS = settings.GRAPH_BASE_URLS | {"simulator": simulator}
    never_again(meta, message)


def test_once_the_road_is_open_again_it_leaves(meta, message, settings):
    simulator = settings.GRAPH_BASE_URLS["simulator"]
    settings.GRAPH_BASE_URLS = settings.GRAPH_BASE_URLS | {"simulator": nobody_listens()}
    sending.deliver(message.pk)
    settings.GRAPH_BASE_URLS = settings.GRAPH_BASE_URLS | {"simulator": simulator}
    falls_due(message)
    sending.deliver(message.pk)
    assert (state(message)[0], meta.texts()) == (Word.ACCEPTED, ["Yes, we do"])


def test_a_message_that_never_got_its_turn_is_not_sent_at_its_deadline(meta, message):
    runs_out_of_time(message)
    assert not sending.deliver(message.pk)
    reaper.reap()
    assert (state(message), outcomes(message)) == ((Word.NOT_SENT, Work.DONE), [])
    assert message.problem["sentence"] == "It could not be sent before its deadline."


# --- nobody knows


UNCONFIRMED: dict[str, tuple[str, dict[str, Any]]] = {
    "the answer is lost": ("lost_answer", {}),
    "the connection closes and nothing was accepted": ("lost_answer", {"accepted": False}),
    "a gateway answers 502 in HTML": ("html", {"status": 502}),
    "a gateway answers 504 though it was accepted": ("html", {"status": 504, "accepted": True}),
    "the yes cannot be read": ("unreadable", {}),
    "a code that says so": ("error", {"code": 131000, "status": 500}),
    "service unavailable, as a code": ("error", {"code": 131016, "status": 500}),
    "code 1, though with 400": ("error", {"code": 1, "status": 400}),
    "code 2": ("error", {"code": 2, "status": 503}),
    "an unknown code with 5xx": ("error", {"code": 999123, "status": 500}),
}


@pytest.mark.parametrize("trouble", UNCONFIRMED)
def test_whatever_may_have_been_accepted_is_unconfirmed_and_never_tried_again(meta, message, trouble):
    kind, facts = UNCONFIRMED[trouble]
    meta.sim.fault(kind, **facts, count=1)
    sending.deliver(message.pk)
    assert state(message) == (Word.UNCONFIRMED, Work.DONE)
    assert outcomes(message) == ["unconfirmed"]
    failure = failure_of(message)
    assert failure is not None
    assert failure.next_step
    mark = mark_of(message)
    assert mark is not None
    assert mark.ask_from is not None
    assert message.claimed_at is not None
    assert mark.ask_from - message.claimed_at == timedelta(minutes=5)
    never_again(meta, message)
    assert meta.sends_asked() == 1


def test_no_answer_in_time_is_unconfirmed(impatient, meta, message):
    meta.sim.fault("slow", seconds=1.5, count=1)
    sending.deliver(message.pk)
    assert state(message) == (Word.UNCONFIRMED, Work.DONE)
    assert SendAttempt.objects.get(message=message).http_status is None
    meta.sim.wait_for(meta.sends_asked)  # the simulator notes a call when it has answered
    never_again(meta, message)


@pytest.mark.parametrize("kind", ["lost_answer", "unreadable", "html"])
def test_a_receipt_with_the_attempts_token_settles_what_was_unconfirmed(meta, message, kind):
    meta.sim.fault(kind, accepted=True, count=1)
    sending.deliver(message.pk)
    assert state(message)[0] == Word.UNCONFIRMED
    for word in ("sent", "delivered"):  # each by a post of its own, in any order
        meta.tells(word)
    assert state(message)[0] == Word.DELIVERED
    assert failure_of(message) is None, "that nobody knew is no report against it any more"
    assert Receipt.objects.filter(message=message, attempt=1).count() == 2
    assert [(one["text"], one["wamid"]) for one in meta.sim.sent()] == [("Yes, we do", message.wamid)]


def test_a_failed_receipt_settles_it_as_well(meta, message):
    for word in ("sent", "delivered"):
        meta.sim.fault("drop", word=word)
    meta.sim.fault("html", status=502, accepted=True, count=1)
    sending.deliver(message.pk)
    meta.sim.receipt(meta.sim.sent()[0]["wamid"], "failed", code=131026)
    meta.tells("failed")
    assert state(message)[0] == Word.FAILED
    failure = failure_of(message)
    assert failure is not None
    assert failure.code == 131026
    never_again(meta, message)


def test_a_report_of_failure_stays_visible_beside_the_proof_that_they_have_it(meta, message):
    sending.deliver(message.pk)
    meta.tells("delivered")
    meta.sim.receipt(meta.sim.sent()[0]["wamid"], "failed", code=131026)
    meta.tells("failed")
    assert state(message)[0] == Word.DELIVERED
    failure = failure_of(message)
    assert failure is not None
    assert failure.code == 131026


def test_after_an_unconfirmed_one_the_next_is_sent(meta, conversation, message):
    second = meta.writes(conversation, "Second")
    meta.sim.fault("html", status=502, count=1)
    sending.deliver(message.pk)
    sending.deliver(second.pk)
    assert (state(message)[0], state(second)[0], meta.texts()) == (Word.UNCONFIRMED, Word.ACCEPTED, ["Second"])


def test_what_graph_says_can_be_kept_however_long_it_is(meta, message):
    meta.sim.fault("error", code=131026, status=400, details="x" * 5_000)
    sending.deliver(message.pk)
    assert state(message)[0] == Word.FAILED
    assert len(SendAttempt.objects.get(message=message).details) == 1_000
