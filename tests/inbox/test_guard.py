"""The guard: each reason alone, all of them at once, when a reply is written and again at the moment of the call."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db.models.signals import post_save
from django.utils import timezone

from connections import pausing, sandbox
from connections import whitelist as whitelists
from connections.models import Connection
from inbox import guard, reaper, sending, writing
from inbox.models import Conversation, Identity, Message, SendAttempt, Word, Work
from optouts import ledger
from optouts.models import ConsentEvent
from tests import cast
from tests.inbox.meta import Meta, falls_due, outcomes, state
from workspaces.models import Membership, Role, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def dewi(meta: Meta):
    return meta.customer()


@pytest.fixture
def conversation(meta: Meta, dewi) -> Conversation:
    return meta.hears(dewi)


# Each reason, made true and made untrue again.
def pause(meta: Meta, conversation: Conversation) -> None:
    pausing.pause(conversation.connection)


def resume(meta: Meta, conversation: Conversation) -> None:
    pausing.resume(conversation.connection)


def disprove(meta: Meta, conversation: Conversation) -> None:
    Connection.objects.update(proven_at=None)


def prove(meta: Meta, conversation: Conversation) -> None:
    Connection.objects.update(proven_at=timezone.now())


def opt_out(meta: Meta, conversation: Conversation) -> None:
    identity = Identity.objects.filter(contact=conversation.contact).first()
    assert identity is not None
    said = ledger.NewConsent(
        identity.kind, identity.value, "all", "out", "words", "STOP", f"wamid.{timezone.now()}", timezone.now()
    )
    ledger.record(meta.house.workspace.pk, [said])


def lift_opt_out(meta: Meta, conversation: Conversation) -> None:
    event = ConsentEvent.objects.filter(direction="out").latest("provider_at")
    ledger.lift(event, meta.alice, "They asked for it on the phone")


def switch_sandbox_on(meta: Meta, conversation: Conversation) -> None:
    sandbox.switch(meta.house.workspace, on=True)


def whitelist(meta: Meta, conversation: Conversation) -> None:
    sandbox.change_whitelist(meta.house.workspace, add=[("phone", "628110000001")])


def close_window(meta: Meta, conversation: Conversation) -> None:
    Conversation.objects.update(last_inbound_at=cast.ago(hours=24))


def open_window(meta: Meta, conversation: Conversation) -> None:
    Conversation.objects.update(last_inbound_at=cast.ago(minutes=1))


def retire_identities(meta: Meta, conversation: Conversation) -> None:
    Identity.objects.update(retired_at=timezone.now())


def keep_identities(meta: Meta, conversation: Conversation) -> None:
    Identity.objects.update(retired_at=None)


def weaken_role(meta: Meta, conversation: Conversation) -> None:
    Membership.objects.filter(user=meta.alice).update(role=Role.OPS)


def strengthen_role(meta: Meta, conversation: Conversation) -> None:
    Membership.objects.filter(user=meta.alice).update(role=Role.AGENT)


Change = Callable[[Meta, Conversation], None]
REASONS: dict[str, tuple[Change, Change]] = {
    "role": (weaken_role, strengthen_role),
    "not_ready": (disprove, prove),
    "paused": (pause, resume),
    "opted_out": (opt_out, lift_opt_out),
    "sandbox": (switch_sandbox_on, whitelist),
    "window_closed": (close_window, open_window),
    "no_address": (retire_identities, keep_identities),
}


def refusals(meta: Meta, conversation: Conversation) -> list[str]:
    """The codes of what is against a reply that is written now."""
    outcome = meta.tries_to_write(conversation)
    return [reason.code for reason in outcome.verdict.reasons] if isinstance(outcome, writing.Refused) else []


@pytest.mark.parametrize("code", REASONS)
def test_each_reason_alone_refuses_a_reply_and_without_it_the_reply_is_taken(meta, conversation, code):
    make, unmake = REASONS[code]
    make(meta, conversation)
    assert refusals(meta, conversation) == [code]
    assert not Message.objects.filter(direction="out").exists()
    unmake(meta, conversation)
    assert refusals(meta, conversation) == []


@pytest.mark.parametrize("code", REASONS)
def test_each_reason_is_told_with_a_next_step_and_who_can_do_it(meta, conversation, code):
    REASONS[code][0](meta, conversation)
    outcome = meta.tries_to_write(conversation)
    assert isinstance(outcome, writing.Refused)
    (reason,) = outcome.verdict.reasons
    assert reason.sentence.endswith((".", "”"))
    assert reason.next_step.endswith(".")
    assert reason.who in {"agent", "admin", "customer", "you"}


def test_all_reasons_are_told_at_once_and_each_that_goes_takes_only_itself_away(meta, conversation):
    for make, _ in REASONS.values():
        make(meta, conversation)
    left = list(REASONS)
    assert refusals(meta, conversation) == left
    for code, (_, unmake) in REASONS.items():
        unmake(meta, conversation)
        left.remove(code)
        assert refusals(meta, conversation) == left


@pytest.mark.parametrize("code", REASONS)
def test_each_reason_refuses_a_queued_reply_at_the_moment_of_the_call(meta, conversation, code):
    message = meta.writes(conversation)
    REASONS[code][0](meta, conversation)
    assert not sending.deliver(message.pk)
    assert state(message) == (Word.NOT_SENT, Work.DONE)
    assert [reason["code"] for reason in message.problem["reasons"]] == [code]
    assert outcomes(message) == ["not_sent"]
    assert meta.sends_asked() == 0
    REASONS[code][1](meta, conversation)
    assert not sending.deliver(message.pk), "a person decides whether it is sent after all"
    assert (message.text, meta.texts()) == ("Yes, we do", [])


def test_all_reasons_are_kept_with_a_reply_that_they_stopped(meta, conversation):
    message = meta.writes(conversation)
    for make, _ in REASONS.values():
        make(meta, conversation)
    sending.deliver(message.pk)
    message.refresh_from_db()
    assert [reason["code"] for reason in message.problem["reasons"]] == list(REASONS)
    assert message.problem["sentence"] == message.problem["reasons"][0]["sentence"]


def test_a_stop_between_the_click_and_the_call_stops_the_call(meta, dewi, conversation):
    message = meta.writes(conversation)
    meta.hears(dewi, "STOP")
    sending.deliver(message.pk)
    assert state(message) == (Word.NOT_SENT, Work.DONE)
    assert "“STOP”" in message.problem["sentence"]
    assert meta.sends_asked() == 0


def test_a_pause_between_the_claim_and_the_call_stops_the_call(meta, conversation):
    message = meta.writes(conversation)

    def pause_now(**_):
        pause(meta, conversation)

    post_save.connect(pause_now, sender=SendAttempt)
    try:
        sending.deliver(message.pk)
    finally:
        post_save.disconnect(pause_now, sender=SendAttempt)
    assert (state(message)[0], meta.sends_asked()) == (Word.NOT_SENT, 0)
    assert [reason["code"] for reason in message.problem["reasons"]] == ["paused"]


def test_a_stop_that_waits_for_a_retry_stops_the_retry(meta, dewi, conversation):
    message = meta.writes(conversation)
    meta.sim.fault("error", code=130429, status=400, count=1)
    sending.deliver(message.pk)
    meta.hears(dewi, "STOP")
    falls_due(message)
    sending.deliver(message.pk)
    assert state(message) == (Word.NOT_SENT, Work.DONE)
    assert (outcomes(message), meta.sends_asked(), meta.texts()) == (["refused", "not_sent"], 1, [])


def test_sandbox_mode_switched_on_while_messages_wait_stops_all_but_the_whitelisted(meta, conversation):
    bima = meta.hears(meta.customer(phone="+62 811-0000-002", name="Bima"))
    messages = [meta.writes(conversation, "to Dewi"), meta.writes(bima, "to Bima")]
    switch_sandbox_on(meta, conversation)
    whitelist(meta, conversation)
    for message in messages:
        sending.deliver(message.pk)
    assert meta.texts() == ["to Dewi"]
    assert [state(message)[0] for message in messages] == [Word.ACCEPTED, Word.NOT_SENT]


def test_one_refused_message_does_not_hold_up_the_next(meta, dewi, conversation):
    first, second = meta.writes(conversation, "first"), meta.writes(conversation, "second")
    pause(meta, conversation)
    sending.deliver(first.pk)
    resume(meta, conversation)
    sending.deliver(second.pk)
    assert meta.texts() == ["second"]


def test_a_paused_number_goes_on_receiving(meta, dewi, conversation):
    pause(meta, conversation)
    assert meta.hears(dewi, "Are you there?") == conversation
    assert conversation.messages.filter(text="Are you there?").exists()


def test_a_writer_who_left_the_workspace_meanwhile_sends_nothing(meta, conversation):
    message = meta.writes(conversation)
    Membership.objects.filter(user=meta.alice).delete()
    sending.deliver(message.pk)
    assert state(message)[0] == Word.NOT_SENT
    assert "no longer a member" in message.problem["sentence"]


def test_a_writer_whose_account_was_deactivated_meanwhile_sends_nothing(meta, conversation):
    message = meta.writes(conversation)
    User.objects.filter(pk=meta.alice.pk).update(is_active=False)
    sending.deliver(message.pk)
    assert (state(message)[0], meta.sends_asked()) == (Word.NOT_SENT, 0)
    assert "has been deactivated" in message.problem["sentence"]


def test_a_whitelisted_parent_id_lets_a_person_be_reached(meta, conversation):
    switch_sandbox_on(meta, conversation)
    parent = Identity.objects.create(
        workspace=meta.house.workspace, contact=conversation.contact, kind="parent", value="ID.ENT.7"
    )
    sandbox.change_whitelist(meta.house.workspace, add=[("bsuid", parent.value)])
    assert refusals(meta, conversation) == []


def test_another_workspaces_whitelist_and_opt_outs_are_not_ours(meta, conversation):
    other = cast.teh_tubruk()
    sandbox.change_whitelist(other.workspace, add=[("phone", "628110000001")])
    said = ledger.NewConsent("phone", "628110000001", "all", "out", "words", "STOP", "wamid.X", timezone.now())
    ledger.record(other.workspace.pk, [said])
    assert refusals(meta, conversation) == []
    switch_sandbox_on(meta, conversation)
    assert refusals(meta, conversation) == ["sandbox"]


def test_the_window_closes_a_minute_before_metas_does(meta, conversation):
    now = timezone.now()
    conversation.last_inbound_at = now - timedelta(hours=23, minutes=59)
    found = guard.verdict(conversation, now=now, membership=writer(meta), behind_since=None)
    assert [reason.code for reason in found.reasons] == ["window_closed"]
    found = guard.verdict(conversation, now=now - timedelta(seconds=1), membership=writer(meta), behind_since=None)
    assert found.reasons == ()


def writer(meta: Meta) -> Membership:
    return Membership.objects.get(user=meta.alice)


def wait_unapplied(meta: Meta, dewi, seconds: float) -> None:
    """An event of Meta's that was stored so long ago and has not been applied."""
    cast.arrives(meta.house, cast.says(meta.house, "still waiting"), at=timezone.now() - timedelta(seconds=seconds))


@pytest.mark.parametrize(("seconds", "asks"), [(20, False), (40, True)])
def test_events_waiting_for_more_than_30_s_ask_for_one_more_click(meta, dewi, conversation, seconds, asks):
    since = timezone.now() - timedelta(seconds=seconds)
    outcome = meta.tries_to_write(conversation, behind_since=since)
    assert isinstance(outcome, writing.Refused if asks else writing.Written)
    if isinstance(outcome, writing.Refused):
        assert (outcome.verdict.allowed, outcome.verdict.needs_confirmation) == (True, True)


def test_a_click_more_does_not_help_against_what_forbids(meta, conversation):
    pause(meta, conversation)
    since = timezone.now() - timedelta(seconds=40)
    outcome = meta.tries_to_write(conversation, confirmed=["behind"], behind_since=since)
    assert isinstance(outcome, writing.Refused)
    assert [reason.code for reason in outcome.verdict.reasons] == ["paused", "behind"]


def test_a_reply_whose_writer_was_not_told_waits_until_the_events_are_applied(meta, dewi, conversation):
    message = meta.writes(conversation)
    wait_unapplied(meta, dewi, seconds=40)
    assert not sending.deliver(message.pk)
    word, work = state(message)
    assert (word, work, outcomes(message), meta.sends_asked()) == (Word.QUEUED, Work.WAITING, [], 0)
    assert "have been waiting since" in message.problem["sentence"]
    assert message.due_at is not None
    assert message.due_at > timezone.now()
    meta.brings()
    falls_due(message)
    assert sending.deliver(message.pk)
    assert (state(message)[0], message.problem) == (Word.ACCEPTED, {})


def test_a_reply_whose_writer_was_told_and_clicked_again_leaves(meta, dewi, conversation):
    wait_unapplied(meta, dewi, seconds=40)
    since = timezone.now() - timedelta(seconds=40)
    outcome = meta.tries_to_write(conversation, confirmed=["behind"], behind_since=since)
    assert isinstance(outcome, writing.Written)
    assert sending.deliver(outcome.message.pk)
    assert meta.texts() == ["Yes, we do"]


def test_even_then_a_retry_waits(meta, dewi, conversation):
    since = timezone.now() - timedelta(seconds=40)
    outcome = meta.tries_to_write(conversation, confirmed=["behind"], behind_since=since)
    assert isinstance(outcome, writing.Written)
    meta.sim.fault("error", code=130429, status=400, count=1)
    sending.deliver(outcome.message.pk)
    wait_unapplied(meta, dewi, seconds=40)
    falls_due(outcome.message)
    assert not sending.deliver(outcome.message.pk)
    assert (meta.sends_asked(), state(outcome.message)) == (1, (Word.SENDING, Work.WAITING))


def test_what_waits_for_events_too_long_is_not_sent(meta, dewi, conversation):
    message = meta.writes(conversation)
    wait_unapplied(meta, dewi, seconds=40)
    sending.deliver(message.pk)
    reaper.reap(timezone.now() + timedelta(minutes=11))
    assert state(message) == (Word.NOT_SENT, Work.DONE)
    assert message.problem["sentence"] == "It could not be sent before its deadline."
    assert "Copy the words" in message.problem["next_step"]


def test_events_of_another_app_hold_nothing_up(meta, conversation):
    message = meta.writes(conversation)
    other = cast.teh_tubruk()
    cast.arrives(other, cast.says(other), at=cast.ago(seconds=40))
    assert sending.deliver(message.pk)


def test_a_reply_goes_to_the_identity_of_the_customers_newest_message(meta, dewi, conversation):
    sending.deliver(meta.writes(conversation).pk)
    (sent,) = meta.sim.sent()
    assert (sent["posted"]["to"], sent["number_id"]) == ("+628110000001", meta.house.connection.phone_number_id)
    assert "recipient" not in sent["posted"]


def test_a_customer_without_a_phone_is_answered_by_their_user_id(meta):
    deniz = meta.customer(phone="", name="Deniz", username="deniz.example")
    conversation = meta.hears(deniz)
    sending.deliver(meta.writes(conversation).pk)
    (sent,) = meta.sim.sent()
    assert sent["posted"]["recipient"] == deniz.user_id
    assert "to" not in sent["posted"]


@pytest.mark.parametrize("user_id", ["ID.ab_c-d", "id.1001", "US.ENT.42", "ID." + "x" * 132])
def test_whoever_is_heard_can_be_answered_and_whitelisted_whatever_their_user_id_looks_like(meta, user_id):
    cast.arrives(meta.house, cast.says(meta.house, phone="", bsuid=user_id))
    meta.brings()
    conversation = Conversation.objects.select_related("connection").get()
    switch_sandbox_on(meta, conversation)
    assert refusals(meta, conversation) == ["sandbox"]
    listed = whitelists.read(user_id, "ID")
    sandbox.change_whitelist(meta.house.workspace, add=[listed])
    message = meta.writes(conversation)
    sending.deliver(message.pk)
    assert SendAttempt.objects.get().recipient == user_id
    assert meta.sends_asked() == 1, "Meta was asked, and nothing of ours found the id malformed"


def test_a_phone_that_now_belongs_to_somebody_else_gets_nothing_meant_for_the_person_before(meta, dewi, conversation):
    message = meta.writes(conversation)
    cast.arrives(meta.house, cast.says(meta.house, "New here", bsuid="ID.2002", name="Sari", at=cast.ago(seconds=-5)))
    meta.brings()
    sending.deliver(message.pk)
    assert [(one["posted"].get("to"), one["posted"]["recipient"]) for one in meta.sim.sent()] == [(None, dewi.user_id)]
