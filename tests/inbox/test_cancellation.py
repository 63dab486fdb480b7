"""Taking a reply back from the screen: until a worker has it, and never after."""

from __future__ import annotations

import pytest
from django.test import Client

from inbox import sending
from inbox.models import Conversation, Word, Work
from tests import cast
from tests.inbox.meta import Meta, state
from tests.inbox.screens import inbox, signed_in
from workspaces.models import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def conversation(meta: Meta) -> Conversation:
    return meta.hears(meta.customer())


@pytest.fixture
def message(meta: Meta, conversation: Conversation):
    return meta.writes(conversation)


def cancel(meta, browser, message):
    return browser.post(inbox(meta.house, f"messages/{message.pk}/cancellation/"))


def test_a_queued_reply_is_taken_back_and_drawn_as_cancelled(meta, message):
    response = cancel(meta, signed_in(meta.alice), message)
    assert (response.status_code, state(message)) == (200, (Word.CANCELLED, Work.CANCELLED))
    assert response.context["line"].mark.word == "cancelled"
    assert not sending.deliver(message.pk)
    assert meta.sends_asked() == 0


def test_what_was_sent_already_answers_with_the_word_that_says_why_it_is_too_late(meta, message):
    sending.deliver(message.pk)
    response = cancel(meta, signed_in(meta.alice), message)
    assert (response.status_code, response.context["line"].mark.word) == (409, "accepted")
    assert state(message) == (Word.ACCEPTED, Work.DONE)


def test_a_colleague_may_take_it_back(meta, message):
    assert cancel(meta, signed_in(cast.bob(meta.house)), message).status_code == 200


def test_who_may_only_read_an_outsider_and_a_stranger_may_not(meta, message):
    ops = signed_in(cast.person(meta.house.workspace, "Olga", Role.OPS))
    assert cancel(meta, ops, message).status_code == 403
    assert cancel(meta, signed_in(cast.charlie()), message).status_code == 404
    assert cancel(meta, Client(), message).status_code == 302
    assert state(message) == (Word.QUEUED, Work.WAITING)


def test_it_is_posted(meta, message):
    browser = signed_in(meta.alice)
    assert browser.get(inbox(meta.house, f"messages/{message.pk}/cancellation/")).status_code == 405


def test_a_customers_message_cannot_be_taken_back(meta, conversation):
    theirs = conversation.messages.get()
    assert cancel(meta, signed_in(meta.alice), theirs).status_code == 409
