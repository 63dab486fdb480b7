"""The raw log: one statement per body, committed before anything is answered."""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.db import OperationalError, connection
from django.utils import timezone

# Autocommit: the row is on disk when execute() returns. A verbatim repeat of the day only counts.
STORE = """
INSERT INTO webhooks_webhookevent (day, meta_app_id, digest, body, received_at, last_received_at)
VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT ON CONSTRAINT one_event_per_body_and_day
DO UPDATE SET times_received = webhooks_webhookevent.times_received + 1, last_received_at = excluded.last_received_at
"""
COUNT_REFUSAL = """
INSERT INTO webhooks_refusal (meta_app_id, day, reason, count, last_at) VALUES (%s, %s, %s, 1, %s)
ON CONFLICT ON CONSTRAINT one_count_per_reason
DO UPDATE SET count = webhooks_refusal.count + 1, last_at = excluded.last_at
"""


def store(meta_app_id: int, body: bytes, now: datetime | None = None) -> None:
    """Store a signed body (P1). Raises OperationalError when PostgreSQL cannot promise to keep it."""
    at = now or timezone.now()
    _execute(STORE, [at.date(), meta_app_id, hashlib.sha256(body).digest(), body, at, at])


def count_refusal(meta_app_id: int, reason: str, now: datetime | None = None) -> None:
    at = now or timezone.now()
    _execute(COUNT_REFUSAL, [meta_app_id, at.date(), reason, at])


def _execute(statement: str, values: list[object]) -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
    except OperationalError:
        if connection.in_atomic_block:
            raise
        # The connection may be one that a restart of PostgreSQL has cut. Storing twice only counts twice.
        connection.close()
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
