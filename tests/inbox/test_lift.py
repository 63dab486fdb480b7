"""Lifting an opt-out: an admin's act, with a reason; nobody else can, and nothing else is lifted."""

from __future__ import annotations

import pytest

from inbox.models import Conversation
from optouts import ledger
from optouts.models import ConsentEvent
from tests import cast
from tests.inbox.screens import hear, inbox, signed_in, version
from workspaces.models import AuditEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def conversation(house):
    return hear(house, "STOP")


def stop(conversation: Conversation) -> ConsentEvent:
    return ConsentEvent.objects.filter(workspace=conversation.workspace, direction="out").order_by("pk")[0]


def lift(house, browser, conversation, **form):
    return browser.post(inbox(house, f"{conversation.pk}/consent/lift/"), form)


def test_an_admin_lifts_it_with_a_reason_that_is_kept_and_shown(house, admin, bob, conversation):
    before = version(house)
    event = stop(conversation)
    response = lift(house, admin, conversation, event=event.pk, reason="Asked for it by phone")
    assert response.status_code == 200
    assert "Has not opted out" in response.content.decode()
    assert "Asked for it by phone" in response.content.decode()
    kept = ConsentEvent.objects.get(lifts=event)
    assert (kept.direction, kept.actor, kept.quote) == ("in", bob, "Asked for it by phone")
    assert AuditEntry.objects.filter(action="opt-out lifted", actor=bob).count() == 1
    assert version(house) == before + 1


def test_lifting_twice_is_lifting_once(house, admin, conversation):
    event = stop(conversation)
    for _ in range(2):
        assert lift(house, admin, conversation, event=event.pk, reason="By phone").status_code == 200
    assert ConsentEvent.objects.filter(lifts=event).count() == 1


def test_a_stop_after_the_lift_stops_again(house, admin, conversation):
    lift(house, admin, conversation, event=stop(conversation).pk, reason="By phone")
    hear(house, "STOP", at=cast.ago(seconds=0))
    assert "Opted out of all messages" in admin.get(inbox(house, f"{conversation.pk}/panel/")).content.decode()


@pytest.mark.parametrize(
    ("reason", "said"),
    [("", "Say why"), ("   ", "Say why"), ("x" * 301, "at most 300"), ("a\x00b", "cannot be stored")],
)
def test_without_a_good_reason_nothing_is_lifted_and_the_words_are_kept(house, admin, conversation, reason, said):
    response = lift(house, admin, conversation, event=stop(conversation).pk, reason=reason)
    assert response.status_code == 422
    assert said in response.content.decode()
    assert response.context["lift_reason"] == reason
    assert not ConsentEvent.objects.filter(direction="in").exists()


@pytest.mark.parametrize("event", ["", "x", "0", "9" * 30])
def test_a_broken_form_is_refused_with_a_sentence(house, admin, conversation, event):
    response = lift(house, admin, conversation, event=event, reason="By phone")
    assert response.status_code == 422
    assert "This form is broken" in response.content.decode()


def test_an_opt_out_can_be_lifted_however_much_was_said_since(house, admin, conversation):
    event = stop(conversation)
    now, said = cast.ago(seconds=0), (event.kind, event.value, "marketing", "out", "preference", "")
    since = [ledger.NewConsent(*said, f"said {n}", now) for n in range(60)]
    ledger.record(house.workspace.pk, since)
    panel = admin.get(inbox(house, f"{conversation.pk}/panel/"))
    assert panel.context["lifts"] == event
    assert lift(house, admin, conversation, event=event.pk, reason="By phone").status_code == 200
    assert ConsentEvent.objects.filter(lifts=event).count() == 1


def test_somebody_elses_opt_out_is_not_found(house, admin, conversation):
    other = hear(house, "STOP", phone="628110000002", bsuid="ID.1002", name="Budi")
    assert lift(house, admin, other, event=stop(conversation).pk, reason="By phone").status_code == 404
    assert not ConsentEvent.objects.filter(direction="in").exists()


def test_an_agent_may_not_and_is_not_offered_to(house, conversation):
    alice = signed_in(cast.alice(house))
    assert lift(house, alice, conversation, event=stop(conversation).pk, reason="By phone").status_code == 403
    assert "Lift this opt-out" not in alice.get(inbox(house, f"{conversation.pk}/panel/")).content.decode()


def test_an_admin_is_offered_to(house, admin, conversation):
    assert "Lift this opt-out" in admin.get(inbox(house, f"{conversation.pk}/panel/")).content.decode()


def test_an_outsider_finds_nothing(house, conversation):
    charlie = signed_in(cast.charlie())
    assert lift(house, charlie, conversation, event=stop(conversation).pk, reason="By phone").status_code == 404


def test_it_cannot_be_fetched(house, admin, conversation):
    assert admin.get(inbox(house, f"{conversation.pk}/consent/lift/")).status_code == 405
