"""A message that comes close to an opt-out: the agent is asked, nothing is blocked, and one click records it."""

from __future__ import annotations

import pytest
from django.test import Client

from inbox.models import Conversation, Message
from optouts import ledger
from optouts.models import ConsentEvent
from tests import cast
from tests.inbox.screens import hear, inbox, queries_of, signed_in, version
from workspaces.models import AuditEntry, Role

pytestmark = pytest.mark.django_db

ASKED = "This may be an opt-out: record it?"


@pytest.fixture
def agent(alice) -> Client:
    return signed_in(alice)


def verdict(house, browser: Client, talk: Conversation) -> str:
    return str(browser.get(inbox(house, f"{talk.pk}/verdict/")).content.decode())


def record(house, browser: Client, talk: Conversation, **form: object):
    return browser.post(inbox(house, f"{talk.pk}/consent/record/"), form)


def test_a_message_that_comes_close_is_asked_about_and_nothing_is_blocked(house, agent):
    talk = hear(house, "Please stop messaging me")
    page = verdict(house, agent, talk)
    assert ASKED in page
    assert "Please stop messaging me" in page
    assert 'data-verdict="clear"' in page
    assert not ConsentEvent.objects.exists()


@pytest.mark.parametrize("text", ["Please stop by the shop", "Hello", "When do you start?"])
def test_what_has_nothing_to_do_with_it_is_not_asked_about(house, agent, text):
    assert ASKED not in verdict(house, agent, hear(house, text))


def test_one_click_records_it_with_the_message_as_evidence_at_its_own_time(house, agent, alice):
    talk = hear(house, "Please stop messaging me", at=cast.ago(minutes=9))
    message, before = Message.objects.get(), version(house)
    response = record(house, agent, talk, message=message.pk)
    assert response.status_code == 200
    assert "This person has opted out" in response.content.decode()
    assert ASKED not in response.content.decode()
    event = ConsentEvent.objects.get()
    assert (event.source, event.scope, event.actor, event.quote) == ("person", "all", alice, message.text)
    assert (event.provider_at, event.event_id, event.raw) == (message.provider_at, message.event_id, message.raw)
    assert (event.kind, event.value) == ("bsuid", "ID.1001")
    assert AuditEntry.objects.filter(action="opt-out added", actor=alice).count() == 1
    assert version(house) == before + 1
    history = agent.get(f"/w/kopi-kita/settings/opt-outs/{event.pk}/").content.decode()
    assert f"{inbox(house, f'{talk.pk}/')}#message-{message.pk}" in history


def test_recording_it_twice_is_recording_it_once(house, agent):
    talk = hear(house, "Please stop messaging me")
    for _ in range(2):
        assert record(house, agent, talk, message=Message.objects.get().pk).status_code == 200
    assert ConsentEvent.objects.count() == AuditEntry.objects.filter(action="opt-out added").count() == 1


def test_a_start_that_they_wrote_since_counts_and_settles_the_question(house, agent):
    talk = hear(house, "Please stop messaging me", at=cast.ago(minutes=9))
    hear(house, "START", at=cast.ago(minutes=5))
    assert ASKED not in verdict(house, agent, talk)
    record(house, agent, talk, message=Message.objects.order_by("pk")[0].pk)
    assert 'data-verdict="clear"' in verdict(house, agent, talk)


def test_once_an_admin_lifted_it_nobody_is_asked_again_until_they_write_it_again(house, agent):
    talk = hear(house, "Please stop messaging me", at=cast.ago(minutes=9))
    record(house, agent, talk, message=Message.objects.get().pk)
    ledger.lift(ConsentEvent.objects.get(), cast.bob(house), "A misunderstanding")
    assert ASKED not in verdict(house, agent, talk)
    hear(house, "I said stop sending this", at=cast.ago(minutes=-1))
    assert ASKED in verdict(house, agent, talk)


def test_what_they_chose_for_marketing_does_not_settle_it(house, agent):
    talk = hear(house, "Please stop messaging me", at=cast.ago(minutes=9))
    said = ("bsuid", "ID.1001", "marketing", "out", "preference", "", "stop", cast.ago(minutes=5))
    ledger.record(house.workspace.pk, [ledger.NewConsent(*said)])
    assert ASKED in verdict(house, agent, talk)


def test_it_is_asked_about_among_what_they_wrote_after_it_and_not_for_ever(house, agent):
    talk = hear(house, "Please stop messaging me", "?", at=cast.ago(minutes=9))
    assert ASKED in verdict(house, agent, talk)
    later = hear(house, *"abcde", at=cast.ago(minutes=5))
    assert ASKED not in verdict(house, agent, later)
    old = hear(house, "stop sending", at=cast.ago(hours=25), phone="628110000002", bsuid="ID.1002", name="Budi")
    assert ASKED not in verdict(house, agent, old)


def test_the_own_words_of_a_workspace_can_be_come_close_to(house, agent):
    browser = signed_in(cast.bob(house))
    page = "/w/kopi-kita/settings/opt-outs/words/"
    seen = browser.get(page).context["form"]["seen"].value()
    browser.post(f"{page}changes/", {"seen": seen, "stop": "basta"})
    assert ASKED in verdict(house, agent, hear(house, "basta ya", at=cast.ago(minutes=-1)))


def test_a_caption_an_echo_and_what_was_said_to_a_group_are_not_asked_about(house, agent):
    hear(house, "", type="image", image={"id": "1", "caption": "stop sending"})
    talk = hear(house, "stop sending", group_id="group-1")
    assert ASKED not in verdict(house, agent, talk)


@pytest.mark.parametrize("which", ["", "x", "0", "9" * 30])
def test_a_message_that_is_none_is_not_found(house, agent, which):
    talk = hear(house, "stop sending")
    assert record(house, agent, talk, message=which).status_code == 404


def test_neither_another_persons_message_nor_our_own_is_recorded(house, agent):
    talk = hear(house, "stop sending", at=cast.ago(minutes=9))
    theirs = Message.objects.get()
    other = hear(house, "Hello", phone="628110000002", bsuid="ID.1002", name="Budi")
    assert record(house, agent, other, message=theirs.pk).status_code == 404
    Message.objects.filter(pk=theirs.pk).update(direction="out", word=3)
    assert record(house, agent, talk, message=theirs.pk).status_code == 404
    assert not ConsentEvent.objects.exists()


@pytest.mark.parametrize("role", Role)
def test_whoever_may_record_it_is_asked_and_nobody_else(house, role):
    talk = hear(house, "stop sending")
    browser, may = signed_in(cast.person(house.workspace, "Dana", role)), role != Role.OPS
    assert (ASKED in verdict(house, browser, talk)) == may
    assert record(house, browser, talk, message=Message.objects.get().pk).status_code == (200 if may else 403)


def test_outsiders_strangers_and_other_methods(house, agent):
    talk = hear(house, "stop sending")
    message = Message.objects.get().pk
    assert record(house, signed_in(cast.charlie()), talk, message=message).status_code == 404
    assert record(house, Client(), talk, message=message).status_code == 302
    assert agent.get(inbox(house, f"{talk.pk}/consent/record/")).status_code == 405
    assert not ConsentEvent.objects.exists()


def test_asking_takes_two_queries_where_nothing_comes_close(house, agent):
    talk = hear(house, "Hello")
    ops = signed_in(cast.person(house.workspace, "Oki", Role.OPS))
    address = inbox(house, f"{talk.pk}/verdict/")
    assert queries_of(agent, address) <= queries_of(ops, address) + 2
