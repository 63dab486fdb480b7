"""What goes with messages that move to another conversation: acts, marks, owner; and what is left empty."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from .sql import columns, rows
from .versions import LOCK_CONVERSATIONS

# Lines about numbers are not moved: they are drawn again from what is known (lines.py).
ACTS = """
UPDATE inbox_act SET conversation_id = new.target, version = 0
FROM unnest(%s::bigint[], %s::bigint[]) new (source, target)
WHERE inbox_act.conversation_id = new.source AND inbox_act.kind NOT IN ('number_changed', 'number_moved')
AND NOT EXISTS (
    SELECT 1 FROM inbox_act kept WHERE kept.conversation_id = new.target AND kept.kind = inbox_act.kind
    AND kept.wamid = inbox_act.wamid AND kept.wamid <> '')
"""
SEEN = """
INSERT INTO inbox_seen (conversation_id, user_id, version)
SELECT new.target, user_id, max(version) FROM inbox_seen
JOIN unnest(%s::bigint[], %s::bigint[]) new (source, target) ON conversation_id = new.source
GROUP BY new.target, user_id ORDER BY new.target, user_id
ON CONFLICT (conversation_id, user_id) DO UPDATE SET version = GREATEST(inbox_seen.version, excluded.version)
"""
STATES = """
SELECT conversation.id, conversation.closed_at, conversation.owner_id, (
    SELECT max(at) FROM inbox_act WHERE conversation_id = conversation.id AND kind IN ('assigned', 'released'))
FROM inbox_conversation conversation WHERE conversation.id = ANY(%s)
"""
KEEP = """
UPDATE inbox_conversation SET owner_id = new.owner, closed_at = new.closed_at
FROM unnest(%s::bigint[], %s::bigint[], %s::timestamptz[]) new (id, owner, closed_at)
WHERE inbox_conversation.id = new.id
"""
# Whoever has the emptied one on the screen is led on, also where that went on before it.
LEAD_ON = """
WITH new AS (SELECT * FROM unnest(%s::bigint[], %s::bigint[]) new (source, target)), further AS (
    UPDATE inbox_formerconversation former SET conversation_id = new.target FROM new
    WHERE former.conversation_id = new.source
)
INSERT INTO inbox_formerconversation (former_id, conversation_id) SELECT source, target FROM new ORDER BY source
ON CONFLICT (former_id) DO UPDATE SET conversation_id = excluded.conversation_id
"""


class _State(NamedTuple):
    closed_at: datetime | None
    owner: int | None
    decided_at: datetime | None


def take_along(emptied: dict[int, int], new: set[int]) -> None:
    """Acts, marks and state of conversations that lost all their messages follow to where these went.

    A target that is `new` has no say of its own.
    """
    if not emptied:
        return
    touched = sorted({*emptied, *emptied.values()})
    rows(LOCK_CONVERSATIONS, [touched])
    states = {conversation: _State(*state) for conversation, *state in rows(STATES, [touched])}
    records = []
    for target in sorted(set(emptied.values())):
        sources = [source for source, to in emptied.items() if to == target]
        records.append((target, *_together([states[one] for one in sources + ([] if target in new else [target])])))
    pairs = columns(sorted(emptied.items()), 2)
    rows(ACTS, pairs)
    rows(SEEN, pairs)
    rows(KEEP, columns(records, 3))
    rows(LEAD_ON, pairs)


def _together(states: list[_State]) -> tuple[int | None, datetime | None]:
    """Closed only if all were; of several owners the one who was named last."""
    closed = [state.closed_at for state in states]
    owned = [(str(state.decided_at or ""), state.owner) for state in states if state.owner is not None]
    owner = max(owned)[1] if owned else None
    return owner, None if None in closed else max(one for one in closed if one is not None)


EMPTY = """
SELECT id FROM inbox_conversation WHERE contact_id = ANY(%s)
AND NOT EXISTS (SELECT 1 FROM inbox_message WHERE conversation_id = inbox_conversation.id)
"""
NOBODY = """
DELETE FROM inbox_contact WHERE id = ANY(%s)
AND NOT EXISTS (SELECT 1 FROM inbox_identity WHERE contact_id = inbox_contact.id)
AND NOT EXISTS (SELECT 1 FROM inbox_conversation WHERE contact_id = inbox_contact.id)
"""


def clear_empty(conversation_ids: Iterable[int]) -> set[int]:
    """The same for these conversations and their contacts."""
    chosen = sorted(set(conversation_ids))
    found = rows("SELECT contact_id FROM inbox_conversation WHERE id = ANY(%s)", [chosen]) if chosen else []
    return clear_away(row[0] for row in found) if found else set()


def clear_away(contact_ids: Iterable[int]) -> set[int]:
    """Delete conversations without messages, and contacts without anything; returns the conversations."""
    contacts = sorted(set(contact_ids))
    gone = [row[0] for row in rows(EMPTY, [contacts])]
    if gone:
        for table in ("inbox_act", "inbox_seen", "inbox_formerconversation"):
            rows(f"DELETE FROM {table} WHERE conversation_id = ANY(%s)", [gone])  # noqa: S608
        rows("DELETE FROM inbox_conversation WHERE id = ANY(%s)", [gone])
    rows(NOBODY, [contacts])
    return set(gone)
