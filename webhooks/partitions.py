"""The event log's days, made ahead of time, so that old ones can be dropped whole."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import connection, transaction
from django.utils import timezone

DAYS_AHEAD = 7
MAKING = 0x67697661  # an advisory lock, so that two workers do not make the same day


def make_days(today: date | None = None) -> None:
    """Make a partition for each of the next days that has none yet; harmless to repeat, and to run at once."""
    first = today or timezone.now().date()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [MAKING])
        for day in (first + timedelta(days=ahead) for ahead in range(DAYS_AHEAD)):
            name = f"webhooks_webhookevent_{day:%Y%m%d}"
            cursor.execute(
                "SELECT to_regclass(%s) IS NULL"
                " AND NOT EXISTS (SELECT 1 FROM webhooks_webhookevent_rest WHERE day = %s)",
                [name, day],
            )
            if cursor.fetchone() == (True,):
                cursor.execute(
                    f"CREATE TABLE {name} PARTITION OF webhooks_webhookevent "
                    f"FOR VALUES FROM ('{day}') TO ('{day + timedelta(days=1)}')"
                )
