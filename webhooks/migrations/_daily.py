"""Indexes on the event log, built day by day and concurrently, so that the door stays open meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.backends.utils import CursorWrapper

PARTITIONS = """
SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'webhooks_webhookevent'::regclass ORDER BY 1
"""
ATTACHED = """
SELECT indrelid::regclass::text FROM pg_inherits JOIN pg_index ON indexrelid = inhrelid WHERE inhparent = %s::regclass
"""


def builder(index: str, suffix: str, definition: str) -> Callable[[Any, Any], None]:
    """A step that makes `index` as `definition` says; a day that was begun and not finished begins again."""

    def build(apps: Any, schema_editor: Any) -> None:
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(f"CREATE INDEX IF NOT EXISTS {index} ON ONLY webhooks_webhookevent {definition}")
            for day in _days_without(cursor, index):
                name = f"{day}_{suffix}"
                cursor.execute("SELECT 1 FROM pg_index WHERE indexrelid = to_regclass(%s) AND indisvalid", [name])
                if not cursor.fetchone():
                    cursor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
                    cursor.execute(f"CREATE INDEX CONCURRENTLY {name} ON {day} {definition}")
                cursor.execute(f"ALTER INDEX {index} ATTACH PARTITION {name}")

    return build


def _days_without(cursor: CursorWrapper, index: str) -> list[str]:
    """Days whose index is not attached yet. PostgreSQL gives one, by another name, to a day made after `index`."""
    cursor.execute(PARTITIONS)
    days = [day for (day,) in cursor.fetchall()]
    cursor.execute(ATTACHED, [index])
    attached = {day for (day,) in cursor.fetchall()}
    return [day for day in days if day not in attached]


def dropper(index: str) -> Callable[[Any, Any], None]:
    def drop(apps: Any, schema_editor: Any) -> None:
        schema_editor.execute(f"DROP INDEX {index}")

    return drop
