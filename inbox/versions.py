"""The transaction's last statements: the clocks are raised, and their values written on whatever changed.

Everybody locks in one order: messages, conversations, clocks; each by id. Whoever holds a clock already holds all
that it is about to stamp, and so waits for nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from datetime import datetime

from workspaces.clock import tick

from .sql import columns, rows

# What receipts prove of a message: the best of delivered and after, the newest attempt seen and its best word, the
# earliest time of each step. Written along with the version, so that a receipt writes its message once.
Proof = tuple[int | None, int | None, int | None, datetime | None, datetime | None, datetime | None, datetime | None]
NOTHING: Proof = (None, None, None, None, None, None, None)

LOCK_MESSAGES = """
SELECT id, workspace_id, conversation_id, work, attempt FROM inbox_message
WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE
"""
LOCK_CONVERSATIONS = "SELECT 1 FROM inbox_conversation WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"
STAMP_NEW = "UPDATE inbox_message SET arrival = %s, version = %s WHERE id = ANY(%s) AND arrival = 0"
# The incremental form of the status algebra (inbox/delivery.py), tested equal to it.
STAMP_CHANGED = """
UPDATE inbox_message message SET version = %s,
    word = GREATEST(message.word, new.top, CASE WHEN new.attempt >= message.attempt THEN new.latest END),
    sent_at = LEAST(message.sent_at, new.sent_at), delivered_at = LEAST(message.delivered_at, new.delivered_at),
    read_at = LEAST(message.read_at, new.read_at), played_at = LEAST(message.played_at, new.played_at)
FROM unnest(%s::bigint[], %s::smallint[], %s::int[], %s::smallint[], %s::timestamptz[], %s::timestamptz[],
    %s::timestamptz[], %s::timestamptz[]) new (id, top, attempt, latest, sent_at, delivered_at, read_at, played_at)
WHERE message.id = new.id
"""
STAMP_CONVERSATIONS = """
UPDATE inbox_conversation SET version = new.version, thinned = CASE thinned WHEN 0 THEN new.version ELSE thinned END
FROM (SELECT %s::bigint AS version) new WHERE id = ANY(%s)
"""
STAMP_ACTS = "UPDATE inbox_act SET version = %s WHERE conversation_id = ANY(%s) AND version = 0"


def stamp(
    *,
    new_messages: Mapping[int, Iterable[int]] | None = None,
    messages: Mapping[int, Iterable[int]] | None = None,
    conversations: Mapping[int, Iterable[int]] | None = None,
    proofs: Mapping[int, Proof] | None = None,
    locked: Set[int] = frozenset(),
    others: Iterable[int] = (),
) -> dict[int, int]:
    """Raise the clock of every workspace named and stamp these rows; each maps workspace id to row ids.

    The conversation of a message is stamped along with it: by its version alone a poll knows whether to look further.
    Acts written in this transaction (version 0) are stamped along with their conversation. `proofs` are of messages
    that change, by id; `locked` are messages that the caller holds, whose conversations it names itself; `others` are
    workspaces that changed without a row to stamp. To be called last: from here to the commit, everybody else who
    changes these workspaces waits.
    """
    new, changed, touched = (
        {w: set(ids) for w, ids in (part or {}).items()} for part in (new_messages, messages, conversations)
    )
    if ids := sorted(set().union(*new.values(), *changed.values()) - locked):
        for _, workspace, conversation, *_ in rows(LOCK_MESSAGES, [ids]):
            touched.setdefault(workspace, set()).add(conversation)
    if ids := sorted(set().union(*touched.values())):
        rows(LOCK_CONVERSATIONS, [ids])
    named = {workspace for part in (new, changed, touched) for workspace, ids in part.items() if ids}
    versions = tick(named.union(others))
    for workspace, version in versions.items():
        if ids := sorted(new.get(workspace, ())):
            rows(STAMP_NEW, [version, version, ids])
        if ids := sorted(changed.get(workspace, ())):
            records = [(one, *(proofs or {}).get(one, NOTHING)) for one in ids]
            rows(STAMP_CHANGED, [version, *columns(records, 8)])
        if ids := sorted(touched.get(workspace, ())):
            rows(STAMP_CONVERSATIONS, [version, ids])
            rows(STAMP_ACTS, [version, ids])
    return versions
