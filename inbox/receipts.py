"""Receipts → messages, in batches.

A receipt is kept whether or not a message matches it yet; it is matched by our token, by an attempt's wamid, or by
the wamid of a message sent from the phone app. The headline is then raised in SQL by the incremental form of the
status algebra (inbox/delivery.py), which is tested equal to it; failures, being rare, take the algebra itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from webhooks import items

from . import standing
from .ingest import Arrival, Changes
from .models import Word
from .sql import columns, rows

RANKS = {"sent": Word.SENT, "delivered": Word.DELIVERED, "read": Word.READ, "played": Word.PLAYED}

# `input` finds the message by token first: it is honoured only on the connection of the attempt that carried it.
INSERT = """
WITH input AS (
    SELECT new.*, COALESCE(by_token.id, by_attempt.message_id, by_wamid.id) AS message_id,
        CASE WHEN by_token.id IS NOT NULL THEN by_token.number
             WHEN by_attempt.message_id IS NOT NULL THEN by_attempt.number
             WHEN by_wamid.id IS NOT NULL THEN 0 END AS attempt
    FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::timestamptz[], %s::int[], %s::text[], %s::text[],
        %s::text[], %s::int[], %s::text[], %s::text[], %s::timestamptz[], %s::date[], %s::bigint[])
        new (connection, wamid, status, provider_at, code, participant, callback, token, number, errors, raw,
            received_at, event_day, event_id)
    LEFT JOIN LATERAL (
        SELECT message.id, attempt.number FROM inbox_message message
        JOIN inbox_sendattempt attempt ON attempt.message_id = message.id AND attempt.number = new.number
        WHERE message.token = new.token AND attempt.connection_id = new.connection
    ) by_token ON new.token IS NOT NULL
    LEFT JOIN inbox_sendattempt by_attempt ON by_token.id IS NULL
        AND by_attempt.connection_id = new.connection AND by_attempt.wamid = new.wamid
    LEFT JOIN inbox_message by_wamid ON by_token.id IS NULL AND by_attempt.id IS NULL
        AND by_wamid.connection_id = new.connection AND by_wamid.wamid = new.wamid AND by_wamid.direction = 'out'
)
INSERT INTO inbox_receipt (connection_id, message_id, attempt, wamid, status, provider_at, received_at, processed_at,
    code, participant, callback_data, errors, raw, event_day, event_id)
SELECT connection, message_id, attempt, wamid, status, provider_at, received_at, %s,
    code, participant, callback, errors::jsonb, raw, event_day, event_id
FROM input ORDER BY connection, wamid, status, provider_at, code, participant
ON CONFLICT ON CONSTRAINT a_receipt_counts_once DO NOTHING
RETURNING message_id, attempt, status, provider_at
"""


def apply(arrivals: list[Arrival], changes: Changes, now: datetime) -> None:
    """Keep the statuses of a batch and raise what they prove, in the caller's transaction."""
    records: dict[tuple[Any, ...], tuple[Any, ...]] = {}
    for arrival in arrivals:
        if isinstance(arrival.item, items.Status) and arrival.item.wamid:
            record = _record(arrival, arrival.item)
            records.setdefault(record[:6], record)
    if not records:
        return
    kept = rows(INSERT, [*columns(records.values(), 14), now])
    _raise_words([row for row in kept if row[0] is not None], changes)


def attach(message_ids: Iterable[int]) -> None:
    """Match receipts that came before we knew these messages' wamids, and restate the messages they belong to."""
    ids = sorted(set(message_ids))
    if ids and rows(MATCH + " AND known.message_id = ANY(%s) RETURNING receipt.message_id", [ids]):
        standing.restate(ids)


def attach_waiting() -> dict[int, set[int]]:
    """The sweep's part: match whatever can be matched by now. Returns the restated messages by workspace."""
    found = sorted({row[0] for row in rows(MATCH + " RETURNING receipt.message_id")})
    if not found:
        return {}
    standing.restate(found)
    by_workspace: dict[int, set[int]] = {}
    for workspace, message in rows("SELECT workspace_id, id FROM inbox_message WHERE id = ANY(%s)", [found]):
        by_workspace.setdefault(workspace, set()).add(message)
    return by_workspace


MATCH = """
UPDATE inbox_receipt receipt SET message_id = known.message_id, attempt = known.number
FROM (
    SELECT connection_id, wamid, message_id, number FROM inbox_sendattempt WHERE wamid IS NOT NULL
    UNION ALL
    SELECT connection_id, wamid, id, 0 FROM inbox_message WHERE source IN ('echo', 'history') AND direction = 'out'
) known
WHERE receipt.message_id IS NULL AND receipt.connection_id = known.connection_id AND receipt.wamid = known.wamid
"""


def _record(arrival: Arrival, status: items.Status) -> tuple[Any, ...]:
    token, _, number = status.callback_data.rpartition(".")
    is_ours = bool(token) and number.isascii() and number.isdigit() and len(number) < 6
    errors = [{"code": e.code, "title": e.title, "message": e.message, "details": e.details} for e in status.errors]
    return (
        arrival.number.connection_id,
        status.wamid,
        status.status[:40],
        status.provider_at,
        status.errors[0].code if status.errors else None,
        status.participant[:140] or None,
        status.callback_data[:512],
        token if is_ours else None,
        int(number) if is_ours else None,
        json.dumps(errors),
        status.raw,
        arrival.received_at,
        arrival.event_day,
        arrival.event_id,
    )


RAISE = """
UPDATE inbox_message message SET
    word = GREATEST(message.word, new.top, CASE WHEN new.attempt >= message.attempt THEN new.latest END),
    sent_at = LEAST(message.sent_at, new.sent_at), delivered_at = LEAST(message.delivered_at, new.delivered_at),
    read_at = LEAST(message.read_at, new.read_at), played_at = LEAST(message.played_at, new.played_at)
FROM unnest(%s::bigint[], %s::smallint[], %s::int[], %s::smallint[], %s::timestamptz[], %s::timestamptz[],
    %s::timestamptz[], %s::timestamptz[]) new (id, top, attempt, latest, sent_at, delivered_at, read_at, played_at)
WHERE message.id = new.id
RETURNING message.workspace_id, message.id, message.conversation_id
"""


LOCK = "SELECT id, wamid IS NULL FROM inbox_message WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"

# An answer that was lost would have told the wamid; the receipt does, and what quotes the message can be matched.
NAME = """
UPDATE inbox_message message SET wamid = told.wamid FROM (
    SELECT DISTINCT ON (message_id) message_id, connection_id, wamid FROM inbox_receipt
    WHERE message_id = ANY(%s) ORDER BY message_id, attempt DESC, wamid) told
WHERE message.id = told.message_id AND message.wamid IS NULL AND NOT EXISTS (
    SELECT 1 FROM inbox_message other WHERE other.connection_id = told.connection_id AND other.wamid = told.wamid)
"""


def _raise_words(kept: list[tuple[int, int, str, datetime | None]], changes: Changes) -> None:
    if not kept:
        return
    touched = sorted({row[0] for row in kept})
    failed = sorted({row[0] for row in kept if row[2] == "failed"})
    # One order for everybody, so that drains and senders wait for each other rather than deadlock.
    locked = rows(
        "SELECT id, wamid IS NULL FROM inbox_message WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", [touched]
    )
    if nameless := [message for message, has_no_wamid in locked if has_no_wamid]:
        rows(NAME, [nameless])
    summaries = _summaries(row for row in kept if row[2] in RANKS)
    if summaries:
        rows(RAISE, columns(summaries, 8))
    if failed:
        standing.restate(failed)
    for workspace, message, conversation in rows(
        "SELECT workspace_id, id, conversation_id FROM inbox_message WHERE id = ANY(%s)", [touched]
    ):
        changes.note(changes.messages, workspace, [message])
        changes.note(changes.conversations, workspace, [conversation])


def _summaries(kept: Iterable[tuple[int, int, str, datetime | None]]) -> list[tuple[Any, ...]]:
    """Per message: the best of delivered and after, the newest attempt seen and its best word, the earliest times."""
    found: dict[int, dict[str, Any]] = {}
    for message, attempt, status, at in kept:
        rank = int(RANKS[status])
        one = found.setdefault(message, {"attempt": -1})
        if rank >= Word.DELIVERED:
            one["top"] = max(one.get("top", rank), rank)
        elif attempt > one["attempt"]:
            one["attempt"], one["latest"] = attempt, rank
        if at is not None:
            one[status] = min(one.get(status, at), at)
    return [
        (message, *(one.get(key) for key in ("top", "attempt", "latest", "sent", "delivered", "read", "played")))
        for message, one in sorted(found.items())
    ]
