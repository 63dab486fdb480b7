"""The transaction's last statements: the clocks are raised, and their values written on whatever changed.

Everybody locks in one order: messages, conversations, clocks; each by id. Whoever holds a clock already holds all
that it is about to stamp, and so waits for nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from workspaces.clock import tick

from .sql import rows

LOCK_MESSAGES = "SELECT 1 FROM inbox_message WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"
LOCK_CONVERSATIONS = "SELECT 1 FROM inbox_conversation WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"
STAMPS = (
    "UPDATE inbox_message SET arrival = %s, version = %s WHERE id = ANY(%s) AND arrival = 0",
    "UPDATE inbox_message SET version = %s WHERE id = ANY(%s)",
    "UPDATE inbox_conversation SET version = %s WHERE id = ANY(%s)",
    "UPDATE inbox_act SET version = %s WHERE conversation_id = ANY(%s) AND version = 0",
)


def stamp(
    *,
    new_messages: Mapping[int, Iterable[int]] | None = None,
    messages: Mapping[int, Iterable[int]] | None = None,
    conversations: Mapping[int, Iterable[int]] | None = None,
) -> dict[int, int]:
    """Raise the clock of every workspace named and stamp these rows; each argument maps workspace id to row ids.

    Acts written in this transaction (version 0) are stamped along with their conversation. To be called last: from
    here to the commit, everybody else who changes these workspaces waits.
    """
    parts = [
        {w: sorted(set(ids)) for w, ids in (part or {}).items()} for part in (new_messages, messages, conversations)
    ]
    for statement, part in ((LOCK_MESSAGES, parts[1]), (LOCK_CONVERSATIONS, parts[2])):
        if ids := sorted(one for of_workspace in part.values() for one in of_workspace):
            rows(statement, [ids])
    versions = tick(workspace for part in parts for workspace, ids in part.items() if ids)
    for workspace, version in versions.items():
        new, changed, touched = (part.get(workspace, []) for part in parts)
        if new:
            rows(STAMPS[0], [version, version, new])
        if changed:
            rows(STAMPS[1], [version, changed])
        if touched:
            rows(STAMPS[2], [version, touched])
            rows(STAMPS[3], [version, touched])
    return versions
