"""An index on the event log is built day by day; whatever happened before, running it again finishes it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from types import SimpleNamespace

import pytest
from django.db import connection

from webhooks import partitions
from webhooks.migrations._daily import builder, dropper

INDEX = "events_by_attempts"
DEFINITION = "(attempts) WHERE attempts > 0"
DAY = date(2031, 5, 6)
FIRST = f"webhooks_webhookevent_{DAY:%Y%m%d}"

pytestmark = pytest.mark.django_db(transaction=True)


def asked(statement: str, *values: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    yield
    asked(f"DROP INDEX IF EXISTS {INDEX}")
    for (name,) in asked("SELECT relname FROM pg_class WHERE relname LIKE 'webhooks_webhookevent_2031____'"):
        asked(f"DROP TABLE {name}")


def build() -> None:
    builder(INDEX, "by_attempts", DEFINITION)(None, SimpleNamespace(connection=connection))


def attached() -> set[str]:
    """The days that have a part of the index."""
    statement = (
        "SELECT indrelid::regclass::text FROM pg_inherits JOIN pg_index ON indexrelid = inhrelid"
        " WHERE inhparent = %s::regclass AND indisvalid"
    )
    return {name for (name,) in asked(statement, INDEX)}


def days() -> set[str]:
    children = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'webhooks_webhookevent'::regclass"
    return {name for (name,) in asked(children)}


def is_whole() -> bool:
    [(valid,)] = asked("SELECT indisvalid FROM pg_index WHERE indexrelid = %s::regclass", INDEX)
    return valid and attached() == days()


def test_every_day_gets_its_part_and_building_again_changes_nothing():
    partitions.make_days(DAY)
    build()
    assert is_whole()
    build()
    assert is_whole()


def test_a_day_made_after_an_interruption_is_no_obstacle():
    asked(f"CREATE INDEX {INDEX} ON ONLY webhooks_webhookevent {DEFINITION}")
    partitions.make_days(DAY)
    assert FIRST in attached()
    assert not is_whole()
    build()
    assert is_whole()


def test_a_day_that_was_built_and_not_attached_is_attached():
    partitions.make_days(DAY)
    asked(f"CREATE INDEX {INDEX} ON ONLY webhooks_webhookevent {DEFINITION}")
    asked(f"CREATE INDEX {FIRST}_by_attempts ON {FIRST} {DEFINITION}")
    build()
    assert is_whole()


def test_it_can_be_taken_back():
    partitions.make_days(DAY)
    build()
    with connection.schema_editor() as editor:
        dropper(INDEX)(None, editor)
    assert asked("SELECT to_regclass(%s)", f"{FIRST}_by_attempts") == [(None,)]
