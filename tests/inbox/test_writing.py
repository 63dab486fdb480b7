"""A reply as it is written: what is stored of it before anybody tries to send it."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from inbox import writing
from inbox.models import Conversation, Message, Word, Work
from tests.inbox.meta import Meta
from tests.inbox.screens import inbox, signed_in
from workspaces.models import Membership, WorkspaceClock

pytestmark = pytest.mark.django_db


@pytest.fixture
def conversation(meta: Meta) -> Conversation:
    return meta.hears(meta.customer())


def test_a_reply_is_queued_on_the_conversations_own_connection_to_the_newest_identity(meta, conversation):
    message = meta.writes(conversation)
    assert (message.word, message.work, message.attempt, message.wamid) == (Word.QUEUED, Work.WAITING, 0, None)
    assert message.connection_id == conversation.connection_id
    assert message.identity is not None
    assert (message.identity.kind, message.identity.value) == ("phone", "628110000001")
    assert (message.environment, message.author_id) == ("simulator", meta.alice.pk)


def test_its_place_and_its_token_are_its_own(meta, conversation):
    first, second = meta.writes(conversation, "first"), meta.writes(conversation, "second")
    assert first.token != second.token
    assert first.arrival < second.arrival
    assert first.placed_at < second.placed_at
    assert "62811" not in str(first.token), "the token travels through Meta, so it says nothing of anybody"


def test_what_the_writer_confirmed_is_kept(meta, conversation):
    since = timezone.now() - timedelta(seconds=40)
    outcome = meta.tries_to_write(conversation, confirmed=["behind"], behind_since=since)
    assert isinstance(outcome, writing.Written)
    assert outcome.message.details == {"confirmed": ["behind"]}
    assert meta.writes(conversation, confirmed=["behind"]).details == {}


def test_a_position_from_before_somebody_else_wrote_is_refused_and_shows_what_is_new(meta, conversation):
    position = WorkspaceClock.objects.get(workspace=meta.house.workspace).version
    meta.hears(meta.customer(), "Never mind")
    outcome = writing.write_reply(
        conversation=conversation,
        membership=Membership.objects.get(user=meta.alice),
        text="Yes",
        form_token=uuid.uuid4(),
        position=position,
        confirmed=["behind"],
        now=timezone.now(),
    )
    assert isinstance(outcome, writing.Newer)
    assert [one.text for one in outcome.messages] == ["Never mind"]


def test_a_form_sent_again_in_another_conversation_writes_nothing_and_keeps_the_words(meta, conversation):
    bima = meta.hears(meta.customer(phone="+62 811-0000-002", name="Bima"))
    browser, token = signed_in(meta.alice), uuid.uuid4()
    position = WorkspaceClock.objects.get(workspace=meta.house.workspace).version
    form = {"text": "Yes", "form_token": token, "position": position}
    assert browser.post(inbox(meta.house, f"{conversation.pk}/replies/"), form).status_code == 200
    response = browser.post(inbox(meta.house, f"{bima.pk}/replies/"), form)
    assert (response.status_code, response.context["text"]) == (409, "Yes")
    assert Message.objects.filter(source="ours").count() == 1
