"""Waiting events are taken in batches and applied; an event that cannot be stops nobody else, and nothing is lost."""

from __future__ import annotations

import json
import random
import socket
import traceback
from collections.abc import Callable

import pytest
import redis
from django.db import DatabaseError, connection

from gigaviz.processes import wait_until
from inbox import drain, taking, tasks
from inbox.models import Message, Receipt
from optouts.models import ConsentEvent
from tests import cast
from tests.cast import House
from tests.inbox.statements import statements
from webhooks import log, wake
from webhooks.models import WebhookEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def database_refuses() -> Callable[..., None]:
    """Make PostgreSQL refuse messages with this text, with a code of its own; `times` 0 is for ever."""

    def refuse(text: str, code: str = "23514", times: int = 0) -> None:
        with connection.cursor() as cursor:
            cursor.execute("CREATE SEQUENCE refusals")
            cursor.execute(
                f"""
                CREATE FUNCTION refuse() RETURNS trigger AS $$ BEGIN
                    IF {times} = 0 OR nextval('refusals') <= {times} THEN
                        RAISE EXCEPTION 'refused: %', NEW.text USING ERRCODE = '{code}';
                    END IF;
                    RETURN NEW;
                END $$ LANGUAGE plpgsql
                """
            )
            cursor.execute(
                "CREATE TRIGGER refuse BEFORE INSERT ON inbox_message"
                f" FOR EACH ROW WHEN (NEW.text = '{text}') EXECUTE FUNCTION refuse()"
            )

    return refuse


def arrive(house: House, *texts: str) -> None:
    for text in texts:
        cast.arrives(house, cast.says(house, text))


def states() -> dict[str, int]:
    found: dict[str, int] = {}
    for state in WebhookEvent.objects.values_list("state", flat=True):
        found[state] = found.get(state, 0) + 1
    return found


def commits(work: Callable[[], object]) -> int:
    """How many batches that took."""
    with statements() as sent:
        work()
    return sum("UPDATE workspaces_workspaceclock" in statement for statement in sent)


def test_everything_that_waits_is_applied_in_one_batch(house):
    arrive(house, *map(str, range(20)))
    assert commits(drain.drain) == 1
    assert states() == {"applied": 20}
    assert Message.objects.count() == 20


@pytest.mark.parametrize(("limit", "value"), [("MAX_EVENTS", 3), ("MAX_ITEMS", 3), ("MAX_BYTES", 1200)])
def test_a_batch_has_limits_and_the_drain_goes_on_until_nothing_waits(house, monkeypatch, limit, value):
    monkeypatch.setattr(taking, limit, value)
    arrive(house, *map(str, range(8)))
    assert 2 < commits(drain.drain) <= 8
    assert states() == {"applied": 8}


def test_a_drain_that_has_run_for_long_stops_and_asks_for_another_one(house, settings, monkeypatch):
    """Whoever else has work on the same worker is not kept from it, however fast events come."""
    monkeypatch.setattr(taking, "MAX_EVENTS", 2)
    monkeypatch.setattr(drain, "LONGEST_RUN_SECONDS", 0.0)
    arrive(house, *map(str, range(5)))
    with redis.Redis.from_url(settings.REDIS_URL) as broker:
        broker.flushdb()
        tasks.drain()
        assert states() == {"applied": 2, "waiting": 3}
        assert wait_until(lambda: bool(broker.llen("ingest")), 20)
    tasks.sweep()
    assert states() == {"applied": 4, "waiting": 1}


def test_an_event_larger_than_a_batch_is_applied_alone(house, monkeypatch):
    monkeypatch.setattr(taking, "MAX_ITEMS", 2)
    monkeypatch.setattr(taking, "MAX_BYTES", 10)
    cast.arrives(house, *(cast.says(house, str(n)) for n in range(5)))
    assert drain.drain() == 1
    assert Message.objects.count() == 5


def test_an_event_that_the_database_refuses_is_set_aside_alone_with_its_reason(house, database_refuses):
    database_refuses("poison")
    arrive(house, "a", "b", "poison", "c", "d", "e", "f")
    assert drain.drain() == 7
    assert states() == {"applied": 6, "set_aside": 1}
    event = WebhookEvent.objects.get(state="set_aside")
    assert "23514" in event.problem
    assert "poison" not in event.problem
    assert event.attempts == 1


def test_what_is_set_aside_does_not_come_back_by_itself(house, database_refuses):
    database_refuses("poison")
    arrive(house, "poison")
    drain.drain()
    assert drain.drain() == 0


def test_when_setting_aside_fails_too_no_log_shows_what_the_database_said_of_the_event(house, database_refuses):
    """What it says of a refusal names the values: a message's id, which holds the customer's number."""
    database_refuses("poison")
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION again() RETURNS trigger AS 'BEGIN RAISE EXCEPTION ''again''; END' LANGUAGE plpgsql"
        )
        cursor.execute(
            "CREATE TRIGGER refuse_again BEFORE UPDATE ON webhooks_webhookevent"
            " FOR EACH ROW WHEN (NEW.state = 'set_aside') EXECUTE FUNCTION again()"
        )
    arrive(house, "poison")
    with pytest.raises(DatabaseError) as raised:
        drain.drain()
    logged = "".join(traceback.format_exception(raised.value))
    assert "again" in logged
    assert "poison" not in logged


def test_an_event_is_applied_whole_or_not_at_all(house, database_refuses):
    """A STOP is recorded in the transaction of the messages that came with it."""
    database_refuses("poison")
    cast.arrives(house, cast.says(house, "STOP"), cast.says(house, "poison"))
    drain.drain()
    assert not Message.objects.exists()
    assert not ConsentEvent.objects.exists()
    assert not house.workspace.contacts.exists()


@pytest.mark.parametrize("code", ["40P01", "40001", "55P03"])
def test_a_refusal_of_the_moment_is_tried_again(house, database_refuses, code):
    database_refuses("unlucky", code, times=3)
    arrive(house, "unlucky", "lucky")
    assert drain.drain() == 2
    assert states() == {"applied": 2}


def test_a_refusal_of_the_moment_that_lasts_leaves_that_event_waiting_and_stops_nobody_else(
    house, database_refuses, monkeypatch
):
    monkeypatch.setattr(taking, "MAX_EVENTS", 2)
    database_refuses("unlucky", "40P01")
    arrive(house, "unlucky", *map(str, range(5)))
    assert drain.drain() == 5
    assert states() == {"waiting": 1, "applied": 5}
    assert drain.drain() == 0
    assert states() == {"waiting": 1, "applied": 5}


def test_what_was_left_waiting_is_applied_by_a_later_run(house, database_refuses):
    database_refuses("unlucky", "40P01", times=drain.PASSING_TRIES + 1)
    arrive(house, "unlucky")
    assert drain.drain() == 0
    assert drain.drain() == 1
    assert states() == {"applied": 1}


@pytest.mark.parametrize("code", ["23505", "23503"])
def test_an_event_that_met_somebody_elses_row_is_tried_again(house, database_refuses, code):
    database_refuses("unlucky", code, times=1)
    arrive(house, "unlucky")
    assert drain.drain() == 1
    assert states() == {"applied": 1}


@pytest.mark.parametrize("code", ["53100", "57P01", "42P01"])
def test_a_fault_of_the_server_is_no_events_fault_so_all_wait(house, database_refuses, code):
    database_refuses("any", code)
    arrive(house, "one", "any")
    with pytest.raises(DatabaseError):
        drain.drain()
    assert states() == {"waiting": 2}


def test_a_value_that_no_index_can_hold_stops_nobody(house):
    signs = random.Random(1)
    odd = ["".join(chr(signs.randrange(0x1F300, 0x1FAFF)) for _ in range(length)) for length in (500, 40, 140)]
    cast.arrives(house, cast.status(house, odd[0], odd[1], recipient_participant_id=odd[2]))
    arrive(house, "fine")
    drain.drain()
    assert states() == {"applied": 1, "set_aside": 1}
    assert Message.objects.get().text == "fine"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"nonsense",
        b"[" * 100_000,
        b'{"entry": 5}',
        b'{"entry": [{"changes": [{"value": null}]}]}',
        b"\xff\xfe\x00",
    ],
)
def test_an_odd_body_is_applied_as_far_as_it_goes_and_says_so(house, body):
    log.store(house.connection.meta_app_id, body)
    arrive(house, "fine")
    drain.drain()
    assert states() == {"applied": 2}
    assert WebhookEvent.objects.order_by("pk").first().problem  # type: ignore[union-attr]
    assert Message.objects.get().text == "fine"


def test_text_that_postgresql_cannot_hold_is_stored_readable_with_its_raw_form(house):
    cast.arrives(house, cast.says(house, "a\x00b\ud800c"))
    drain.drain()
    message = Message.objects.get()
    assert message.text == "a\ufffdb\ufffdc"
    assert json.loads(message.raw)["text"]["body"] == "a\x00b\ud800c"


def test_an_event_for_a_workspace_and_nobody_is_applied_for_the_workspace(house):
    notice = {"field": "account_update", "value": {"event": "ACCOUNT_DELETED"}}
    cast.arrives(house, notice, cast.says(house, "fine"), cast.status(house, "wamid.other", "read"))
    drain.drain()
    assert states() == {"applied": 1}
    assert (Message.objects.count(), Receipt.objects.count()) == (1, 1)


def test_without_redis_everything_is_applied_all_the_same(house, settings, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    settings.REDIS_URL = f"redis://127.0.0.1:{port}/0"
    waker = wake.Waker()
    monkeypatch.setattr(wake, "clear_mark", waker.clear_mark)
    arrive(house, "one")
    drain.sweep()
    assert states() == {"applied": 1}
    assert waker.failures == 1


def test_the_screen_is_not_told_of_what_it_does_not_show(house):
    arrive(house, "one")
    drain.drain()
    house.workspace.clock.refresh_from_db()
    before = house.workspace.clock.version
    cast.arrives(house, cast.status(house, "wamid.of another tool", "read"))
    drain.drain()
    house.workspace.clock.refresh_from_db()
    assert house.workspace.clock.version == before
