"""Receipts → messages, in batches.

A receipt is kept whether or not a message matches it yet; it is matched by our token, by an attempt's wamid, by the
wamid of a message sent from the phone app, or by another receipt of the same wamid that carried our token. The
headline is then raised along with the version, in SQL, by the incremental form of the status algebra
(inbox/versions.py); failures, being rare, take the algebra itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, cast

from webhooks import items

from . import standing
from .arrivals import Arrival, Changes
from .delivery import RECEIPT_WORDS
from .models import Word, Work
from .sql import columns, rows
from .versions import LOCK_MESSAGES, Proof

PROVED = ("top", "attempt", "latest", "sent", "delivered", "read", "played")
# A receipt and the answer that names its wamid can miss each other only while both are being written: at most so long
# before a sweep.
MATCHED_LATER = timedelta(minutes=5)
EVER = datetime(1970, 1, 1, tzinfo=UTC)

# `input` finds the message by token first: it is honoured only on the connection of the attempt that carried it.
# Only what has no token that counts is looked for by wamid. What we did not know is whether an attempt led to this
# wamid: then the receipt teaches us.
INSERT = """
WITH named AS (
    SELECT new.*, by_token.* FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::timestamptz[], %s::int[],
        %s::text[], %s::text[], %s::text[], %s::int[], %s::text[], %s::text[], %s::timestamptz[], %s::date[],
        %s::bigint[])
        new (connection, wamid, status, provider_at, code, participant, callback, token, number, errors, raw,
            received_at, event_day, event_id)
    LEFT JOIN LATERAL (
        SELECT message.id AS message_id, attempt.number AS attempt, attempt.wamid IS NULL AS teaches
        FROM inbox_message message
        JOIN inbox_sendattempt attempt ON attempt.message_id = message.id AND attempt.number = new.number
        WHERE message.token = new.token AND attempt.connection_id = new.connection
    ) by_token ON new.token IS NOT NULL
), input AS (
    SELECT connection, wamid, status, provider_at, code, participant, callback, errors, raw, received_at, event_day,
        event_id, message_id, attempt, teaches
    FROM named WHERE message_id IS NOT NULL
    UNION ALL
    SELECT named.connection, named.wamid, named.status, named.provider_at, named.code, named.participant, callback,
        errors, named.raw, named.received_at, named.event_day, named.event_id,
        COALESCE(by_attempt.message_id, by_wamid.id),
        COALESCE(by_attempt.number, CASE WHEN by_wamid.id IS NOT NULL THEN 0 END), false
    FROM (SELECT * FROM named WHERE message_id IS NULL) named
    LEFT JOIN inbox_sendattempt by_attempt
        ON by_attempt.connection_id = named.connection AND by_attempt.wamid = named.wamid
    LEFT JOIN inbox_message by_wamid ON by_attempt.id IS NULL
        AND by_wamid.connection_id = named.connection AND by_wamid.wamid = named.wamid
        AND by_wamid.direction = 'out' AND by_wamid.source <> 'ours'
), kept AS (
    INSERT INTO inbox_receipt (connection_id, message_id, attempt, wamid, status, provider_at, received_at,
        processed_at, code, participant, callback_data, errors, raw, event_day, event_id)
    SELECT connection, message_id, attempt, wamid, status, provider_at, received_at, %s,
        code, participant, callback, errors::jsonb, raw, event_day, event_id
    FROM input ORDER BY connection, wamid, status, provider_at, code, participant
    ON CONFLICT ON CONSTRAINT a_receipt_counts_once DO NOTHING
    RETURNING connection_id, wamid, message_id, attempt, status, provider_at
)
SELECT message_id, attempt, status, provider_at, connection_id, kept.wamid, taught.wamid IS NOT NULL FROM kept
LEFT JOIN (SELECT DISTINCT connection, wamid FROM input WHERE teaches) taught
    ON taught.connection = kept.connection_id AND taught.wamid = kept.wamid
"""
# What a ForeignKey would refuse at the commit, while the clock is held, and at the price of a query for each receipt.
LET_GO = "UPDATE inbox_receipt SET message_id = NULL, attempt = NULL WHERE message_id = ANY(%s)"

Named = tuple[int, str, int, int]  # connection, wamid, message, attempt


class Told(NamedTuple):
    message: int
    attempt: int
    status: str
    at: datetime | None


def apply(arrivals: list[Arrival], sent_elsewhere: Iterable[int], changes: Changes, now: datetime) -> None:
    """Keep the statuses of a batch and raise what they prove, in the caller's transaction.

    `sent_elsewhere` are messages of the phone app that are new to us: receipts of them may be here already.
    """
    records: dict[tuple[Any, ...], tuple[Any, ...]] = {}
    for arrival in arrivals:
        if isinstance(arrival.item, items.Status) and arrival.item.wamid:
            record = _record(arrival, arrival.item)
            # Of repeats in one batch, one that carries our token says more.
            if record[:6] not in records or records[record[:6]][7] is None:
                records[record[:6]] = record
    kept = rows(INSERT, [*columns(records.values(), 14), now]) if records else []
    told = [Told(*row[:4]) for row in kept if row[0] is not None]
    # Another receipt of the same wamid, without our token, is still nobody's here: `_match` gives it its message.
    taught = {row[0]: row[5] for row in kept if row[0] is not None and row[6]}
    unmatched = {(row[4], row[5]) for row in kept if row[0] is None}
    late = {*sent_elsewhere, *_siblings(unmatched)}
    named = _named_by_repeats(records.values()) if len(kept) < len(records) else []
    taught |= {message: wamid for _, wamid, message, _ in named}
    late |= taught.keys()
    touched = sorted({one.message for one in told} | late)
    if touched:
        locked = rows(LOCK_MESSAGES, [touched])
        if len(locked) < len(touched):
            rows(LET_GO, [sorted(set(touched) - {row[0] for row in locked})])
        _learn(taught)
        _prove(told + _match(late, named), locked, changes)


def attach(message_ids: Iterable[int]) -> None:
    """Match receipts that came before we knew these messages' wamids, and restate the messages they belong to."""
    ids = sorted(set(message_ids))
    if ids:
        rows(LOCK_MESSAGES, [ids])
        standing.restate({one.message for one in _match(ids)})


def attach_waiting(last_sweep: datetime | None) -> dict[int, set[int]]:
    """The sweep's part: match what became matchable since the last one (None: ever), however long ago that was.

    Returns the restated messages by workspace.
    """
    since = last_sweep - MATCHED_LATER if last_sweep else EVER
    found = sorted({row[0] for row in rows(MATCHABLE, [since])})
    by_workspace: dict[int, set[int]] = {}
    if found:
        # First the messages, then their receipts, as whoever settles does.
        known = rows(LOCK_MESSAGES, [found])
        attach(found)
        for message, workspace, *_ in known:
            by_workspace.setdefault(workspace, set()).add(message)
    return by_workspace


# Of whom the receipts of a wamid are: of an attempt, of a message sent elsewhere, or of whom another receipt is.
OWNERS = """
    SELECT connection_id, wamid, message_id, number FROM inbox_sendattempt
    WHERE wamid IS NOT NULL AND message_id = ANY(%s)
    UNION SELECT connection_id, wamid, id, 0 FROM inbox_message
    WHERE wamid IS NOT NULL AND id = ANY(%s) AND source <> 'ours' AND direction = 'out'
    UNION SELECT connection_id, wamid, message_id, attempt FROM inbox_receipt WHERE message_id = ANY(%s)
    UNION SELECT * FROM unnest(%s::bigint[], %s::text[], %s::bigint[], %s::int[])
"""
MATCH = f"""
UPDATE inbox_receipt receipt SET message_id = owner.message_id, attempt = owner.number FROM ({OWNERS}) owner
WHERE receipt.message_id IS NULL AND receipt.connection_id = owner.connection_id AND receipt.wamid = owner.wamid
RETURNING receipt.message_id, receipt.attempt, receipt.status, receipt.provider_at
"""  # noqa: S608
MATCHABLE = """
SELECT COALESCE(attempt.message_id, message.id) FROM inbox_receipt receipt
LEFT JOIN inbox_sendattempt attempt ON attempt.connection_id = receipt.connection_id AND attempt.wamid = receipt.wamid
LEFT JOIN inbox_message message ON message.connection_id = receipt.connection_id AND message.wamid = receipt.wamid
    AND message.source <> 'ours' AND message.direction = 'out'
WHERE receipt.message_id IS NULL AND receipt.processed_at > %s AND COALESCE(attempt.message_id, message.id) IS NOT NULL
"""
SIBLINGS = """
SELECT DISTINCT receipt.message_id FROM inbox_receipt receipt
JOIN unnest(%s::bigint[], %s::text[]) new (connection, wamid)
    ON receipt.connection_id = new.connection AND receipt.wamid = new.wamid
WHERE receipt.message_id IS NOT NULL
"""


def _match(message_ids: Iterable[int], named: Iterable[Named] = ()) -> list[Told]:
    ids = sorted(set(message_ids))
    return [Told(*row) for row in rows(MATCH, [ids, ids, ids, *columns(named, 4)])] if ids else []


def _siblings(unmatched: set[tuple[int, str]]) -> set[int]:
    """The messages that other receipts of these wamids belong to."""
    return {row[0] for row in rows(SIBLINGS, columns(sorted(unmatched), 2))} if unmatched else set()


REPEATS = """
SELECT DISTINCT new.connection, new.wamid, message.id, new.number
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::int[]) new (connection, wamid, token, number)
JOIN inbox_receipt receipt ON receipt.connection_id = new.connection AND receipt.wamid = new.wamid
    AND receipt.message_id IS NULL
JOIN inbox_message message ON message.token = new.token
JOIN inbox_sendattempt attempt ON attempt.message_id = message.id AND attempt.number = new.number
    AND attempt.connection_id = new.connection
"""


def _named_by_repeats(records: Iterable[tuple[Any, ...]]) -> list[Named]:
    """The messages that repeats name by our token, of receipts that we kept without knowing whose they are."""
    tokens = [(record[0], record[1], record[7], record[8]) for record in records if record[7] is not None]
    return [(c, wamid, message, number) for c, wamid, message, number in rows(REPEATS, columns(tokens, 4))]


LEARN = """
UPDATE inbox_message message SET wamid = new.wamid FROM unnest(%s::bigint[], %s::text[]) new (id, wamid)
WHERE message.id = new.id AND message.wamid IS NULL AND NOT EXISTS (
    SELECT 1 FROM inbox_message other WHERE other.connection_id = message.connection_id AND other.wamid = new.wamid)
"""


def _learn(taught: dict[int, str]) -> None:
    """The id of a message whose answer was lost: a reply that quotes it is to find it."""
    if taught:
        rows(LEARN, columns(sorted(taught.items()), 2))


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
        json.dumps(errors) if errors else "[]",
        status.raw,
        arrival.received_at,
        arrival.event_day,
        arrival.event_id,
    )


def _prove(told: list[Told], locked: Iterable[tuple[Any, ...]], changes: Changes) -> None:
    """Note what locked messages are to be stamped with. A failure, or a planned new try, takes the algebra itself."""
    whole = {one.message for one in told if one.status == "failed"}
    changed = {one.message for one in told}
    for message, workspace, conversation, work, attempt in locked:
        if message in changed:
            changes.note(changes.messages, workspace, [message])
            changes.note(changes.conversations, workspace, [conversation])
            changes.locked.add(message)
            if work == Work.WAITING and attempt:
                whole.add(message)
    standing.restate(whole)
    changes.proofs |= _proofs(one for one in told if one.status in RECEIPT_WORDS and one.message not in whole)


def _proofs(told: Iterable[Told]) -> dict[int, Proof]:
    """Per message: the best of delivered and after, the newest attempt seen and its best word, the earliest times."""
    found: dict[int, dict[str, Any]] = {}
    for message, attempt, status, at in told:
        rank = int(RECEIPT_WORDS[status])
        one = found.setdefault(message, {"attempt": -1})
        if rank >= Word.DELIVERED:
            one["top"] = max(one.get("top", rank), rank)
        elif attempt > one["attempt"]:
            one["attempt"], one["latest"] = attempt, rank
        if at is not None:
            one[status] = min(one.get(status, at), at)
    return {message: cast(Proof, tuple(map(one.get, PROVED))) for message, one in found.items()}
