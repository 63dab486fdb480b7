"""The event log's days: made ahead, whoever makes them, and never in the way of what comes in."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest
from django.db import OperationalError, connection

from gigaviz.processes import wait_until
from tests import cast
from webhooks import log, partitions
from webhooks.models import WebhookEvent

TODAY = date(2031, 5, 6)
DAYS = [TODAY + timedelta(days=ahead) for ahead in range(partitions.DAYS_AHEAD)]


def partition_of(event: WebhookEvent) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text FROM webhooks_webhookevent WHERE id = %s", [event.pk])
        return str(cursor.fetchone()[0])


def made() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'webhooks_webhookevent'::regclass"
        )
        return sorted(name for (name,) in cursor.fetchall() if "_2031" in name)


@pytest.fixture(autouse=True)
def forgotten(monkeypatch):
    monkeypatch.setattr(partitions, "_made_for", None)


def stored(day: date) -> WebhookEvent:
    app = cast.kopi_kita().connection.meta_app
    log.store(app.pk, b"{}", datetime(day.year, day.month, day.day, 12, tzinfo=UTC))
    return WebhookEvent.objects.get()


@pytest.mark.django_db
def test_each_of_the_next_days_gets_a_partition():
    partitions.make_days(TODAY)
    partitions.make_days(TODAY)
    assert made() == [f"webhooks_webhookevent_{day:%Y%m%d}" for day in DAYS]


@pytest.mark.django_db
@pytest.mark.parametrize("day", [DAYS[0], DAYS[-1]])
def test_an_event_goes_to_its_day(day):
    partitions.make_days(TODAY)
    assert partition_of(stored(day)) == f"webhooks_webhookevent_{day:%Y%m%d}"


@pytest.mark.django_db
def test_a_day_that_nobody_made_is_caught_and_then_stays_where_it_is():
    event = stored(TODAY)
    partitions.make_days(TODAY)
    assert partition_of(event) == "webhooks_webhookevent_rest"
    assert made() == [f"webhooks_webhookevent_{day:%Y%m%d}" for day in DAYS[1:]]


@pytest.mark.django_db
def test_an_old_day_can_be_dropped_whole():
    partitions.make_days(TODAY)
    stored(TODAY)
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE webhooks_webhookevent_{TODAY:%Y%m%d}")
    assert not WebhookEvent.objects.exists()


@pytest.mark.django_db
def test_the_sweep_makes_days_once_a_day(django_assert_num_queries):
    partitions.keep_days(TODAY)
    with django_assert_num_queries(0):
        partitions.keep_days(TODAY)
    partitions.keep_days(TODAY + timedelta(days=1))
    assert made()[-1] == f"webhooks_webhookevent_{DAYS[-1] + timedelta(days=1):%Y%m%d}"


@pytest.fixture
def no_days_left(transactional_db):
    yield
    with connection.cursor() as cursor:
        for name in made():
            cursor.execute(f"DROP TABLE {name}")


def test_two_workers_may_make_days_at_once(no_days_left):
    failures: list[Exception] = []

    def make() -> None:
        try:
            partitions.keep_days(TODAY)
        except OperationalError as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert made() == [f"webhooks_webhookevent_{day:%Y%m%d}" for day in DAYS]


def days_after_another_try() -> int:
    partitions.keep_days(TODAY)
    return len(made())


def test_a_drain_in_progress_is_not_waited_for_and_the_day_is_made_later(no_days_left):
    with psycopg.connect(**connection.get_connection_params()) as other:
        other.execute("SELECT id FROM webhooks_webhookevent FOR UPDATE")
        partitions.keep_days(TODAY)
        app = cast.kopi_kita().connection.meta_app
        log.store(app.pk, b"{}")  # the door is not held up
        assert made() == []
    # As the sweep does, each second: whatever else has a lock at the moment, such as an autovacuum, ends as well.
    assert wait_until(lambda: days_after_another_try() == len(DAYS), 10)
