"""What a contact is called: what the newest message that says so calls them, by (provider time, wamid)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from .arrivals import Placed
from .sql import columns, rows

NAMES = """
UPDATE inbox_contact contact SET {column} = new.value, {column}_at = new.at, {column}_wamid = new.wamid
FROM unnest(%s::bigint[], %s::text[], %s::timestamptz[], %s::text[]) new (id, value, at, wamid)
WHERE contact.id = new.id
AND (contact.{column}_at IS NULL OR (contact.{column}_at, contact.{column}_wamid) < (new.at, new.wamid))
AND contact.id IN (SELECT id FROM inbox_contact WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE)
"""


def take_names(fresh: Iterable[Placed]) -> None:
    """Raise the names to what new messages say."""
    said = list(fresh)
    for column in ("name", "username"):
        newest: dict[int, tuple[datetime, str, str]] = {}
        for one in said:
            if value := getattr(one.message, column):
                name = (one.at, one.message.wamid, value)
                newest[one.contact_id] = max(newest.get(one.contact_id, name), name)
        if newest:
            records = [(contact, value, at, wamid) for contact, (at, wamid, value) in sorted(newest.items())]
            ids, values, ats, wamids = columns(records, 4)
            rows(NAMES.format(column=column), [ids, values, ats, wamids, ids])


def rename(contact_ids: Iterable[int]) -> None:
    """Find the names of these contacts again, in what is now theirs."""
    chosen = sorted(set(contact_ids))
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
            [chosen],
        )


def rename_in(conversation_ids: Iterable[int]) -> None:
    """The same for everybody in these conversations."""
    if chosen := sorted(set(conversation_ids)):
        found = rows("SELECT contact_id FROM inbox_conversation WHERE id = ANY(%s)", [chosen])
        rename(row[0] for row in found)
