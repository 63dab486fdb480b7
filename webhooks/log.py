"""The raw log: every signed body on disk, by a commit, before anything is answered."""

from __future__ import annotations

import hashlib
import threading
from collections import deque
from datetime import date, datetime
from typing import Any, LiteralString

import psycopg
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

# Autocommit: the rows are on disk when execute() returns. A verbatim repeat of the day only counts.
STORE = """
INSERT INTO webhooks_webhookevent (day, meta_app_id, digest, body, received_at, last_received_at, times_received)
SELECT * FROM unnest(%b::date[], %b::int8[], %b::bytea[], %b::bytea[], %b::timestamptz[], %b::timestamptz[], %b::int4[])
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
# No body is to blame for these: trying each alone would only keep everybody waiting for a database that is not there.
NO_DATABASE = (OperationalError, InterfaceError)


class _Entry:
    """A body on its way to the disk; `turn` opens when it is settled, or when its thread is to write next.

    Until the commit it counts as lost, so that no way out of a writer ever looks like one that stored.
    """

    __slots__ = ("app", "at", "body", "digest", "error", "is_settled", "turn")

    def __init__(self, app: int, body: bytes, at: datetime) -> None:
        self.app, self.body, self.at = app, body, at
        self.digest = hashlib.sha256(body).digest()
        self.error: Exception | None = OperationalError("The writer ended before the commit.")
        self.is_settled = False
        self.turn = threading.Lock()
        self.turn.acquire()


class _Queue:
    """Bodies that wait while another thread writes. Whoever finds no writer, or is called next, writes for all."""

    def __init__(self) -> None:
        self.waiting: deque[_Entry] = deque()
        self.has_writer = False
        self.lock = threading.Lock()

    def join(self, entry: _Entry) -> None:
        """Returns when this entry is settled, or when its thread has become the writer."""
        with self.lock:
            self.waiting.append(entry)
            if not self.has_writer:
                self.has_writer = True
                return
        entry.turn.acquire()

    def take(self) -> list[_Entry]:
        """For the writer: those that wait, up to a limit of bytes; its own entry is the first of them."""
        taken = [self.waiting.popleft()]
        size = len(taken[0].body)
        while self.waiting and size + len(self.waiting[0].body) <= MAX_BYTES:
            taken.append(self.waiting.popleft())
            size += len(taken[-1].body)
        return taken

    def leave(self, settled: list[_Entry]) -> None:
        """Call the next writer before those who only have to answer: the disk should not wait for them."""
        with self.lock:
            self.has_writer = bool(self.waiting)
            if self.waiting:
                self.waiting[0].turn.release()
        for entry in settled:
            entry.is_settled = True
            entry.turn.release()


_queue = _Queue()


def store(meta_app_id: int, body: bytes, now: datetime | None = None) -> None:
    """Store a signed body (P1). Raises a database error when PostgreSQL cannot promise to keep it.

    Returns after the commit. Bodies that arrive while another is being written wait, and one of their threads writes
    them together: one commit for many, where there are many.
    """
    entry = _Entry(meta_app_id, body, now or timezone.now())
    _queue.join(entry)
    if not entry.is_settled:
        entries = _queue.take()
        try:
            _write(entries)
        finally:
            _queue.leave(entries)
    if entry.error is not None:
        raise entry.error


def count_refusal(meta_app_id: int, reason: str, now: datetime | None = None) -> None:
    at = now or timezone.now()
    _execute(COUNT_REFUSAL, [meta_app_id, at.date(), reason, at])


def _write(entries: list[_Entry]) -> None:
    """Write these in one commit; where one of them is refused, one by one, so that nobody pays for another's body."""
    try:
        _execute(STORE, _columns(entries))
    except Exception as error:  # noqa: BLE001 - raised again, in the thread of each that was not stored
        if len(entries) > 1 and not isinstance(error, NO_DATABASE):
            for entry in entries:
                _write([entry])
            return
        for entry in entries:
            entry.error = error
    else:
        for entry in entries:
            entry.error = None


def _columns(entries: list[_Entry]) -> list[list[Any]]:
    """Each body once, in an order that keeps two processes with the same bodies from waiting for each other."""
    same: dict[tuple[date, int, bytes], list[_Entry]] = {}
    for entry in entries:
        same.setdefault((entry.at.date(), entry.app, entry.digest), []).append(entry)
    rows = [
        (*key, held[0].body, min(one.at for one in held), max(one.at for one in held), len(held))
        for key, held in sorted(same.items())
    ]
    return [list(column) for column in zip(*rows, strict=True)]


def _execute(statement: LiteralString, values: list[Any]) -> None:
    try:
        _send(statement, values)
    except NO_DATABASE:
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
