"""The event log's days, made ahead of time, so that old ones can be dropped whole."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import OperationalError, connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

DAYS_AHEAD = 7
MAKING = 0x67697661  # an advisory lock, so that two workers do not make the same day
# Making a day waits for every drain in progress, and the door waits behind it: better to try again a second later.
PATIENCE = "SET LOCAL lock_timeout = '200ms'"
TOOK_TOO_LONG = "55P03"

_made_for: date | None = None


def keep_days(today: date | None = None) -> None:
    """For the sweep: make days when this process has not done so today. A look at a variable, nearly always."""
    global _made_for
    day = today or timezone.now().date()
    if _made_for == day:
        return
    try:
        make_days(day)
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) != TOOK_TOO_LONG:
            raise
    else:
        _made_for = day


def make_days(today: date | None = None) -> None:
    """Make a partition for each of the next days that has none yet; harmless to repeat, and to run at once.

    A day on which something came in before it was made stays in the default partition.
    """
    first = today or timezone.now().date()
    for ahead in range(DAYS_AHEAD):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(PATIENCE)
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [MAKING])
            _make_day(cursor, first + timedelta(days=ahead))


def _make_day(cursor: CursorWrapper, day: date) -> None:
    name = f"webhooks_webhookevent_{day:%Y%m%d}"
    cursor.execute(
        "SELECT to_regclass(%s) IS NULL AND NOT EXISTS (SELECT 1 FROM webhooks_webhookevent_rest WHERE day = %s)",
        [name, day],
    )
    if cursor.fetchone() == (True,):
        cursor.execute(
            f"CREATE TABLE {name} PARTITION OF webhooks_webhookevent "
            f"FOR VALUES FROM ('{day}') TO ('{day + timedelta(days=1)}')"
        )
