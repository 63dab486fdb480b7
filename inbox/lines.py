"""Lines in the thread about a person's numbers: that Meta reported a change, or that a phone has a new owner."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from webhooks.items import IdentityChange

from .people import People, nodes_of
from .sql import columns, rows

if TYPE_CHECKING:
    from .ingest import Arrival


def number_lines(workspace_id: int, arrivals: list[Arrival], known: People, now: datetime) -> set[int]:
    """Write the lines that a batch calls for, each once; returns the conversations that have a new one."""
    wanted = _changes(arrivals, known, now) + [
        (contact, "number_moved", f"moved:{one.phone}:{one.old_contact}", f"+{one.phone} {what}", now)
        for one in known.handovers
        for contact, what in (
            (one.old_contact, "now belongs to somebody else."),
            (one.new_contact, "had another owner before."),
        )
    ]
    if not wanted:
        return set()
    written = rows(
        """
        INSERT INTO inbox_act (workspace_id, conversation_id, kind, wamid, detail, at, version)
        SELECT %s, conversation.id, new.kind, new.wamid, new.detail, new.at, 0
        FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::timestamptz[])
            new (contact, kind, wamid, detail, at)
        JOIN inbox_conversation conversation ON conversation.contact_id = new.contact
        ORDER BY conversation.id, new.wamid ON CONFLICT DO NOTHING RETURNING conversation_id
        """,
        [workspace_id, *columns(sorted(set(wanted)), 5)],
    )
    return {row[0] for row in written}


def _changes(arrivals: list[Arrival], known: People, now: datetime) -> list[tuple[int, str, str, str, datetime]]:
    found = []
    for arrival in arrivals:
        change = arrival.item
        if not isinstance(change, IdentityChange):
            continue
        for node in nodes_of(change.current)[:1] or nodes_of(change.previous)[:1]:
            detail = "This person has a new number." if change.current.phone else "WhatsApp gave this person a new id."
            contact = known.identities[node].known_contact
            found.append((contact, "number_changed", change.wamid, detail, change.provider_at or now))
    return found
