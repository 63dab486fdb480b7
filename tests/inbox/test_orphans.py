"""A signed event counts only for the connections of the app that signed it (P10); the rest waits for its connection."""

from __future__ import annotations

import json

import pytest
from django.utils import timezone

from connections.models import Connection
from inbox import drain
from inbox.models import Contact, Heartbeat, Message, Receipt, Word
from optouts.models import ConsentEvent
from tests import cast
from tests.cast import House
from tests.inbox import ours
from tests.inbox.natural import inbox_of
from tests.inbox.statements import statements
from webhooks import log
from webhooks.models import WebhookEvent

pytestmark = pytest.mark.django_db


def signed_by(app: House, about: House, *changes: object) -> None:
    """A body about one house's number, signed with the secret of another's app."""
    log.store(app.connection.meta_app_id, json.dumps(cast.envelope(about, *changes)).encode())  # type: ignore[arg-type]


def test_an_event_about_another_workspaces_number_changes_nothing_there(house):
    other = cast.teh_tubruk()
    message = ours.message(other, "tok", "unconfirmed")
    before = inbox_of(other.workspace), other.workspace.clock.version
    signed_by(
        house,
        other,
        cast.says(other, "STOP"),
        cast.status(other, "wamid.A", "delivered", biz_opaque_callback_data="tok.1"),
    )
    drain.sweep()
    other.workspace.clock.refresh_from_db()
    assert (inbox_of(other.workspace), other.workspace.clock.version) == before
    message.refresh_from_db()
    assert message.word == Word.UNCONFIRMED
    assert not ConsentEvent.objects.exists()
    assert not Receipt.objects.exists()


def test_it_changes_nothing_at_home_either_and_is_noted_as_an_orphan(house):
    other = cast.teh_tubruk()
    signed_by(house, other, cast.says(other, "Hello"))
    drain.drain()
    assert not house.workspace.contacts.exists()
    event = WebhookEvent.objects.get()
    assert (event.state, event.orphans) == ("applied", [other.connection.phone_number_id])
    assert event.meta_app.owner == house.workspace


def test_the_rest_of_a_mixed_body_is_applied(house):
    other = cast.teh_tubruk()
    signed_by(house, house, cast.says(other, "theirs"), cast.says(house, "ours"))
    drain.drain()
    assert Message.objects.get().text == "ours"
    assert WebhookEvent.objects.get().orphans == [other.connection.phone_number_id]


def test_an_orphan_is_adopted_when_its_connection_appears(house):
    number = house.connection
    Connection.objects.filter(pk=number.pk).update(proven_at=None)
    signed_by(house, house, cast.says(house, "early"))
    drain.sweep()
    assert not Message.objects.exists()
    Connection.objects.filter(pk=number.pk).update(proven_at=timezone.now())
    drain.sweep()
    assert Message.objects.get().text == "early"
    assert (WebhookEvent.objects.get().state, WebhookEvent.objects.get().orphans) == ("applied", [])


def test_orphans_are_not_read_each_second_when_no_number_was_proven_of_late(house):
    Connection.objects.update(proven_at=cast.ago(hours=1))
    drain.sweep()
    with statements() as sent:
        drain.sweep()
    assert not [statement for statement in sent if "orphans @>" in statement]


def test_an_orphan_whose_number_changed_otherwise_is_adopted_from_time_to_time(house):
    Connection.objects.update(proven_at=cast.ago(hours=1), phone_number_id="1")
    signed_by(house, house, cast.says(house, "early"))
    drain.sweep()
    Connection.objects.update(phone_number_id=house.connection.phone_number_id)
    Heartbeat.objects.update(at=cast.ago(minutes=6))
    drain.sweep()
    assert Message.objects.get().text == "early"


def test_an_orphan_is_not_adopted_by_a_connection_of_another_app(house):
    other = cast.teh_tubruk()
    Connection.objects.filter(pk=other.connection.pk).update(proven_at=None)
    signed_by(house, other, cast.says(other, "early"))
    drain.sweep()
    Connection.objects.filter(pk=other.connection.pk).update(proven_at=timezone.now())
    drain.sweep()
    assert not Message.objects.exists()
    assert WebhookEvent.objects.get().orphans


def test_one_number_of_a_body_adopted_does_not_lose_the_other_or_repeat_the_rest(house):
    other = cast.teh_tubruk()
    cast.lends(house, other.workspace)
    Connection.objects.filter(pk=other.connection.pk).update(meta_app=house.connection.meta_app, proven_at=None)
    stranger = cast.House(other.workspace, Connection(phone_number_id="999", waba_id="1"))
    signed_by(house, house, cast.says(house, "ours"), cast.says(other, "theirs"), cast.says(stranger, "nobody's"))
    drain.sweep()
    Connection.objects.filter(pk=other.connection.pk).update(proven_at=timezone.now())
    drain.sweep()
    assert set(Message.objects.values_list("text", flat=True)) == {"ours", "theirs"}
    assert Contact.objects.count() == 2
    assert WebhookEvent.objects.get().orphans == ["999"]


def test_an_app_may_serve_the_numbers_of_several_workspaces(house):
    other = cast.teh_tubruk()
    cast.lends(house, other.workspace)
    Connection.objects.filter(pk=other.connection.pk).update(meta_app=house.connection.meta_app)
    signed_by(house, house, cast.says(house, "ours"), cast.says(other, "theirs"))
    drain.drain()
    assert house.workspace.messages.get().text == "ours"
    assert other.workspace.messages.get().text == "theirs"
