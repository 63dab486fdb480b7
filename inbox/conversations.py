"""What messages do to their conversations: open them, raise what is cached of them, and open closed ones again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from . import window
from .arrivals import Placed
from .sql import columns, rows
from .versions import LOCK_CONVERSATIONS

GET = """
SELECT connection_id, contact_id, id FROM inbox_conversation
JOIN unnest(%s::bigint[], %s::bigint[]) wanted (connection, contact)
    ON connection_id = connection AND contact_id = contact
"""
OPEN = """
INSERT INTO inbox_conversation (workspace_id, connection_id, contact_id, last_inbound_wamid, reply_to_wamid, version,
    created_at)
SELECT %s, connection, contact, '', '', 0, now() FROM unnest(%s::bigint[], %s::bigint[]) new (connection, contact)
ORDER BY connection, contact ON CONFLICT DO NOTHING RETURNING id
"""


def open_all(workspace_id: int, wanted: set[tuple[int, int]]) -> tuple[dict[tuple[int, int], int], set[int]]:
    """Insert-or-get the conversations of (connection, contact), in one order for everybody; and which are new."""
    if not wanted:
        return {}, set()
    pairs = columns(sorted(wanted), 2)
    found, new = rows(GET, pairs), set()
    if len(found) < len(wanted):
        new = {row[0] for row in rows(OPEN, [workspace_id, *pairs])}
        found = rows(GET, pairs)
    return {(connection, contact): conversation for connection, contact, conversation in found}, new


TOUCH = """
UPDATE inbox_conversation conversation SET
    last_at = GREATEST(conversation.last_at, new.last_at),
    last_inbound_at = CASE WHEN is_newer.it THEN new.at ELSE conversation.last_inbound_at END,
    last_inbound_wamid = CASE WHEN is_newer.it THEN new.wamid ELSE conversation.last_inbound_wamid END,
    reply_to_id = CASE WHEN is_newer.it THEN new.identity ELSE conversation.reply_to_id END,
    reply_to_at = CASE WHEN is_newer.it THEN new.at ELSE conversation.reply_to_at END,
    reply_to_wamid = CASE WHEN is_newer.it THEN new.wamid ELSE conversation.reply_to_wamid END
FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[], %s::text[], %s::bigint[])
    new (id, last_at, at, wamid, identity)
JOIN inbox_conversation old ON old.id = new.id
CROSS JOIN LATERAL (SELECT new.at IS NOT NULL AND (old.last_inbound_at IS NULL
    OR (old.last_inbound_at, old.last_inbound_wamid) < (new.at, new.wamid)) AS it) is_newer
WHERE conversation.id = new.id
"""


def touch(fresh: Iterable[Placed]) -> None:
    """Raise each conversation's cached values to the greatest: order of arrival does not matter."""
    newest: dict[int, datetime] = {}
    inbound: dict[int, tuple[datetime, str, int]] = {}
    for one in fresh:
        newest[one.conversation_id] = max(newest.get(one.conversation_id, one.at), one.at)
        if one.opens_window:
            said = (one.at, one.message.wamid, one.reply_identity_id)
            inbound[one.conversation_id] = max(inbound.get(one.conversation_id, said), said)
    if newest:
        records = [(c, at, *inbound.get(c, (None, None, None))) for c, at in sorted(newest.items())]
        rows(LOCK_CONVERSATIONS, [sorted(newest)])
        rows(TOUCH, columns(records, 5))


RECOUNT = """
UPDATE inbox_conversation conversation SET
    last_at = newest.placed_at,
    last_inbound_at = inbound.provider_at,
    last_inbound_wamid = COALESCE(inbound.wamid, ''),
    reply_to_id = COALESCE(phone.id, inbound.identity_id),
    reply_to_at = inbound.provider_at,
    reply_to_wamid = COALESCE(inbound.wamid, '')
FROM unnest(%s::bigint[]) chosen (id)
LEFT JOIN LATERAL (
    SELECT max(placed_at) AS placed_at FROM inbox_message WHERE conversation_id = chosen.id
) newest ON true
LEFT JOIN LATERAL (
    SELECT * FROM inbox_message WHERE conversation_id = chosen.id AND direction = 'in' AND source = 'live'
        AND group_id = '' AND NOT kind = ANY(%s) AND provider_at IS NOT NULL
    ORDER BY provider_at DESC, wamid DESC LIMIT 1
) inbound ON true
LEFT JOIN inbox_identity phone ON phone.workspace_id = inbound.workspace_id AND phone.kind = 'phone'
    AND phone.value = inbound.details ->> 'phone'
WHERE conversation.id = chosen.id
"""


def recount(conversation_ids: Iterable[int]) -> None:
    """Compute what is cached of these conversations again, from their messages."""
    if ids := sorted(set(conversation_ids)):
        rows(LOCK_CONVERSATIONS, [ids])
        rows(RECOUNT, [ids, sorted(window.UNCOUNTED_KINDS)])


REOPEN = """
WITH opened AS (
    UPDATE inbox_conversation SET closed_at = NULL, owner_id = CASE WHEN EXISTS (
        SELECT 1 FROM workspaces_membership
        WHERE workspace_id = inbox_conversation.workspace_id AND user_id = owner_id) THEN owner_id END
    FROM unnest(%s::bigint[], %s::text[]) spoken (id, wamid)
    WHERE inbox_conversation.id = spoken.id AND closed_at IS NOT NULL
    RETURNING workspace_id, inbox_conversation.id, wamid
)
INSERT INTO inbox_act (workspace_id, conversation_id, kind, wamid, detail, at, version)
SELECT workspace_id, id, 'reopened', wamid, '', %s, 0 FROM opened ORDER BY id ON CONFLICT DO NOTHING
"""


def reopen(fresh: Iterable[Placed], now: datetime) -> None:
    """A customer's new message opens a closed conversation again; an owner who is still a member keeps it."""
    spoken: dict[int, tuple[datetime, str]] = {}
    for one in fresh:
        if one.is_live and one.is_theirs:
            said = (one.at, one.message.wamid)
            spoken[one.conversation_id] = max(spoken.get(one.conversation_id, said), said)
    if spoken:
        records = [(conversation, wamid) for conversation, (_, wamid) in sorted(spoken.items())]
        rows(REOPEN, [*columns(records, 2), now])
