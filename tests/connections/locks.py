"""For tests of who waits for whom: whether anybody waits for a lock at this moment."""

from __future__ import annotations

from django.db import connection


def waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        # Unlike pg_stat_activity, not kept for the length of a transaction.
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])
