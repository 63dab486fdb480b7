"""Messages brought to their person's conversation, after it became clearer who is who."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from . import window
from .kinship import Kinship, Node
from .sql import rows

if TYPE_CHECKING:
    from .household import Row

ON_THE_MOVE = """
SELECT message.id, message.conversation_id, message.connection_id, message.workspace_id,
    identity.kind, identity.value, message.placed_at, conversation.contact_id
FROM inbox_message message
JOIN inbox_conversation conversation ON conversation.id = message.conversation_id
JOIN inbox_identity identity ON identity.id = message.identity_id
WHERE conversation.contact_id = ANY(%s)
ORDER BY message.id FOR NO KEY UPDATE OF message
"""


def rehome(workspace_id: int, kin: Kinship, before: dict[Node, int | None], identities: dict[Node, Row]) -> set[int]:
    """Move messages, acts and what was seen to where they belong; returns the conversations that changed.

    `before` is whose each identity was. A conversation left without messages goes, and so does a contact left
    without identities and conversations.
    """
    contacts = sorted({contact for contact in before.values() if contact is not None})
    if not contacts:
        return set()
    owners = {kin.person(node): row.known_contact for node, row in identities.items() if node in before}
    moves: dict[tuple[int, int], list[int]] = defaultdict(list)
    sources: dict[tuple[int, int], set[int]] = defaultdict(set)
    for message, conversation, connection, _, kind, value, placed_at, contact in rows(ON_THE_MOVE, [contacts]):
        node = (kind, value)
        home = owners.get(kin.person(node, placed_at)) if node in before else None
        if home is not None and home != contact:
            moves[connection, home].append(message)
            sources[connection, home].add(conversation)
    changed: set[int] = set()
    for (connection, home), messages in sorted(moves.items()):
        target = open_conversation(workspace_id, connection, home)
        rows("UPDATE inbox_message SET conversation_id = %s WHERE id = ANY(%s)", [target, messages])
        changed |= {target} | sources[connection, home]
        for source in sorted(sources[connection, home]):
            _take_along(source, target)
    for conversation in sorted(changed):
        _recount(conversation)
    _rename(sorted({*contacts, *owners.values()}))
    _clear_away(contacts)
    return {row[0] for row in rows("SELECT id FROM inbox_conversation WHERE id = ANY(%s)", [sorted(changed)])}


def open_conversation(workspace_id: int, connection_id: int, contact_id: int) -> int:
    """Insert-or-get the conversation of a contact on a connection."""
    rows(
        """
        INSERT INTO inbox_conversation (workspace_id, connection_id, contact_id, last_inbound_wamid, reply_to_wamid,
            version, created_at)
        VALUES (%s, %s, %s, '', '', 0, now()) ON CONFLICT DO NOTHING
        """,
        [workspace_id, connection_id, contact_id],
    )
    found = rows(
        "SELECT id FROM inbox_conversation WHERE connection_id = %s AND contact_id = %s", [connection_id, contact_id]
    )
    return int(found[0][0])


def _take_along(source: int, target: int) -> None:
    """Acts and marks follow the messages, if all of these have gone."""
    if rows("SELECT 1 FROM inbox_message WHERE conversation_id = %s LIMIT 1", [source]):
        return
    rows(
        """
        UPDATE inbox_act SET conversation_id = %s WHERE conversation_id = %s AND NOT EXISTS (
            SELECT 1 FROM inbox_act kept WHERE kept.conversation_id = %s AND kept.kind = inbox_act.kind
            AND kept.wamid = inbox_act.wamid AND kept.wamid <> '')
        """,
        [target, source, target],
    )
    rows(
        """
        INSERT INTO inbox_seen (conversation_id, user_id, version)
        SELECT %s, user_id, version FROM inbox_seen WHERE conversation_id = %s
        ON CONFLICT (conversation_id, user_id)
        DO UPDATE SET version = GREATEST(inbox_seen.version, excluded.version)
        """,
        [target, source],
    )
    # Somebody's claim on the one thread is a claim on both; closed only if both were.
    rows(
        """
        UPDATE inbox_conversation kept SET owner_id = COALESCE(kept.owner_id, gone.owner_id),
            closed_at = CASE WHEN gone.closed_at IS NULL OR kept.closed_at IS NULL THEN NULL
                ELSE GREATEST(kept.closed_at, gone.closed_at) END
        FROM inbox_conversation gone WHERE kept.id = %s AND gone.id = %s
        """,
        [target, source],
    )


def _recount(conversation_id: int) -> None:
    """Compute the cached columns of a conversation again, from its messages."""
    rows(
        """
        UPDATE inbox_conversation conversation SET
            last_at = newest.placed_at,
            last_inbound_at = inbound.provider_at,
            last_inbound_wamid = COALESCE(inbound.wamid, ''),
            reply_to_id = COALESCE(phone.id, inbound.identity_id),
            reply_to_at = inbound.provider_at,
            reply_to_wamid = COALESCE(inbound.wamid, '')
        FROM (SELECT 1) one
        LEFT JOIN LATERAL (
            SELECT max(placed_at) AS placed_at FROM inbox_message WHERE conversation_id = %s
        ) newest ON true
        LEFT JOIN LATERAL (
            SELECT * FROM inbox_message WHERE conversation_id = %s AND direction = 'in' AND source = 'live'
                AND group_id = '' AND NOT kind = ANY(%s) AND provider_at IS NOT NULL
            ORDER BY provider_at DESC, wamid DESC LIMIT 1
        ) inbound ON true
        LEFT JOIN inbox_identity phone ON phone.workspace_id = inbound.workspace_id AND phone.kind = 'phone'
            AND phone.value = inbound.details ->> 'phone'
        WHERE conversation.id = %s
        """,
        [conversation_id, conversation_id, sorted(window.UNCOUNTED_KINDS), conversation_id],
    )


def _rename(contact_ids: list[int]) -> None:
    """Find the names of these contacts again, in what is now theirs."""
    for column in ("name", "username"):
        rows(
            f"""
            UPDATE inbox_contact contact SET {column} = COALESCE(said.value, ''), {column}_at = said.at,
                {column}_wamid = COALESCE(said.wamid, '')
            FROM unnest(%s::bigint[]) chosen (id)
            LEFT JOIN LATERAL (
                SELECT details #>> '{{profile,{column}}}' AS value, placed_at AS at, wamid FROM inbox_message
                WHERE conversation_id IN (SELECT id FROM inbox_conversation WHERE contact_id = chosen.id)
                AND details #>> '{{profile,{column}}}' <> ''
                ORDER BY placed_at DESC, wamid DESC LIMIT 1
            ) said ON true
            WHERE contact.id = chosen.id
            """,  # noqa: S608
            [contact_ids],
        )


def _clear_away(contact_ids: list[int]) -> None:
    empty = """
        FROM inbox_conversation WHERE contact_id = ANY(%s)
        AND NOT EXISTS (SELECT 1 FROM inbox_message WHERE conversation_id = inbox_conversation.id)
    """
    gone = [row[0] for row in rows(f"SELECT id {empty}", [contact_ids])]
    if gone:
        rows("DELETE FROM inbox_act WHERE conversation_id = ANY(%s)", [gone])
        rows("DELETE FROM inbox_seen WHERE conversation_id = ANY(%s)", [gone])
        rows("DELETE FROM inbox_conversation WHERE id = ANY(%s)", [gone])
    rows(
        """
        DELETE FROM inbox_contact WHERE id = ANY(%s)
        AND NOT EXISTS (SELECT 1 FROM inbox_identity WHERE contact_id = inbox_contact.id)
        AND NOT EXISTS (SELECT 1 FROM inbox_conversation WHERE contact_id = inbox_contact.id)
        """,
        [contact_ids],
    )
