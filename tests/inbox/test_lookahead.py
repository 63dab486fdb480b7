"""The next batch is parsed while PostgreSQL works on this one; what comes out is the same as without."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection

from inbox import drain, taking
from inbox.lookahead import Lookahead
from inbox.models import Message
from inbox.sql import rows
from tests import cast
from webhooks.models import WebhookEvent
from webhooks.payload import parse

pytestmark = pytest.mark.django_db
# A question that takes PostgreSQL long enough to read a few bodies meanwhile, whatever the machine.
LONG = "SELECT pg_sleep(0.05), unnest(%s::int[])"


@pytest.fixture
def waiting():
    house = cast.kopi_kita()
    for number in range(5):
        cast.arrives(house, cast.says(house, f"Hello {number}"))
    return list(WebhookEvent.objects.order_by("received_at", "id"))


def test_what_waits_behind_an_event_is_read_while_a_question_is_answered(waiting):
    ahead = Lookahead()
    ahead.fetch((waiting[0].received_at, waiting[0].pk), 3, 10_000)
    with ahead.at_work():
        assert rows(LONG, [[7]])[0][1] == 7
    # Whoever is given no body can only have read it before.
    for event in waiting[1:4]:
        assert ahead.parsed((event.day, event.pk), b"") == parse(bytes(event.body))
    assert ahead.parsed((waiting[4].day, waiting[4].pk), b"{}").problem


def test_no_more_bytes_are_read_ahead_than_a_batch_may_have(waiting):
    ahead = Lookahead()
    ahead.fetch((waiting[0].received_at, waiting[0].pk), 3, len(waiting[1].body) + 1)
    with ahead.at_work():
        rows(LONG, [[1]])
    assert ahead.parsed((waiting[1].day, waiting[1].pk), b"").items
    assert not ahead.parsed((waiting[2].day, waiting[2].pk), b"").items


def test_a_question_that_is_refused_is_refused_all_the_same_and_the_next_is_answered(waiting):
    ahead = Lookahead()
    ahead.fetch((waiting[0].received_at, waiting[0].pk), 3, 10_000)
    with ahead.at_work():
        rows("SAVEPOINT before")
        with pytest.raises(DatabaseError, match="division by zero"):
            rows("SELECT 1 / unnest(%s::int[])", [[0]])
        rows("ROLLBACK TO SAVEPOINT before")
        assert rows("SELECT unnest(%s::int[])", [[3]]) == [(3,)]


def test_afterwards_the_connection_waits_as_it_always_did(waiting):
    with Lookahead().at_work():
        assert "wait" in vars(connection.connection)
    assert "wait" not in vars(connection.connection)


def test_a_drain_of_many_batches_applies_each_event_once(waiting, monkeypatch):
    monkeypatch.setattr(taking, "MAX_EVENTS", 2)
    assert drain.drain() == 5
    assert sorted(Message.objects.values_list("text", flat=True)) == [f"Hello {number}" for number in range(5)]
    assert set(WebhookEvent.objects.values_list("attempts", flat=True)) == {1}
