"""The raw log: every signed body on disk, by a commit, before anything is answered."""

from __future__ import annotations

import hashlib
import threading
from collections import deque
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

import psycopg
from django.db import Error, OperationalError, connection
from django.utils import timezone

# Autocommit: the rows are on disk when execute() returns. A verbatim repeat of the day only counts. The order keeps
# two processes that store the same bodies from waiting for each other.
STORE = """
INSERT INTO webhooks_webhookevent (day, meta_app_id, digest, body, received_at, last_received_at, times_received)
SELECT day, app, digest, (array_agg(body))[1], min(at), max(at), count(*)
FROM unnest(%b::date[], %b::int8[], %b::bytea[], %b::bytea[], %b::timestamptz[]) new (day, app, digest, body, at)
GROUP BY day, app, digest ORDER BY day, app, digest
ON CONFLICT ON CONSTRAINT one_event_per_body_and_day DO UPDATE SET
    times_received = webhooks_webhookevent.times_received + excluded.times_received,
    last_received_at = excluded.last_received_at
"""
COUNT_REFUSAL = """
INSERT INTO webhooks_refusal (meta_app_id, day, reason, count, last_at) VALUES (%b, %b, %b, 1, %b)
ON CONFLICT ON CONSTRAINT one_count_per_reason
DO UPDATE SET count = webhooks_refusal.count + 1, last_at = excluded.last_at
"""
MAX_BYTES = 4 * 1024 * 1024


@dataclass(slots=True)
class _Entry:
    """A body on its way to the disk, as a row; `error` once that has failed."""

    row: tuple[object, ...]
    size: int
    is_settled: bool = False
    error: Error | None = None


_waiting: deque[_Entry] = deque()
_turn = threading.Lock()


def store(meta_app_id: int, body: bytes, now: datetime | None = None) -> None:
    """Store a signed body (P1). Raises OperationalError when PostgreSQL cannot promise to keep it.

    Returns after the commit. Bodies that arrive while another is being written wait for their turn, and whoever gets
    it writes for all that wait: one commit for many, where there are many.
    """
    at = now or timezone.now()
    entry = _Entry((at.date(), meta_app_id, hashlib.sha256(body).digest(), body, at), len(body))
    _waiting.append(entry)
    with _turn:
        if not entry.is_settled:
            _write(_take())
    if entry.error is not None:
        raise entry.error


def count_refusal(meta_app_id: int, reason: str, now: datetime | None = None) -> None:
    at = now or timezone.now()
    _execute(COUNT_REFUSAL, [meta_app_id, at.date(), reason, at])


def _take() -> list[_Entry]:
    taken = [_waiting.popleft()]
    size = taken[0].size
    while _waiting and size + _waiting[0].size <= MAX_BYTES:
        taken.append(_waiting.popleft())
        size += taken[-1].size
    return taken


def _write(entries: list[_Entry]) -> None:
    """Write these in one commit; where that fails, one by one, so that nobody pays for another's body."""
    try:
        _execute(STORE, [list(column) for column in zip(*(entry.row for entry in entries), strict=True)])
    except Error as error:
        if len(entries) > 1:
            for entry in entries:
                _write([entry])
            return
        entries[0].error = error
    for entry in entries:
        entry.is_settled = True


def _execute(statement: LiteralString, values: list[Any]) -> None:
    try:
        _send(statement, values)
    except OperationalError:
        if connection.in_atomic_block:
            raise
        # The connection may be one that a restart of PostgreSQL has cut. Storing twice only counts twice.
        connection.close()
        _send(statement, values)


def _send(statement: LiteralString, values: list[Any]) -> None:
    connection.ensure_connection()
    # psycopg's own cursor sends bodies as they are; Django's writes them into the statement as text, twice the size.
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(statement, values)
