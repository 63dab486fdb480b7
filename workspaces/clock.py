"""The workspace's clock, raised: see `WorkspaceClock` for the promise."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection


def tick(workspace_ids: Iterable[int], *, marking: bool = False) -> dict[int, int]:
    """Raise the clocks of these workspaces, in the order of their ids, and return their new versions.

    With `marking` the change is one that stands in the threads, which a poll learns from the clock's row alone.
    To be called inside a transaction, as late as possible: everybody else who writes to the workspace waits for it.
    """
    ids = sorted(set(workspace_ids))
    if not ids:
        return {}
    with connection.cursor() as cursor:
        # The inner query takes the locks in order; a bare UPDATE … IN would take them in any.
        cursor.execute(
            """
            WITH locked AS (
                SELECT workspace_id FROM workspaces_workspaceclock
                WHERE workspace_id = ANY(%s) ORDER BY workspace_id FOR NO KEY UPDATE
            )
            UPDATE workspaces_workspaceclock clock SET version = version + 1,
                marked_version = CASE WHEN %s THEN version + 1 ELSE marked_version END
            FROM locked WHERE clock.workspace_id = locked.workspace_id
            RETURNING clock.workspace_id, clock.version
            """,
            [ids, marking],
        )
        return dict(cursor.fetchall())
