"""Messages as Meta reports them → rows. One message may be reported several times: live, as an echo, in a history.

Of several reports one stands, whatever their order: live before echo before history, then the one stored first. What
is written here is never touched by a report.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from webhooks import items

from .arrivals import Placed
from .models import Word
from .sql import columns, rows

HISTORY_WORDS = {
    "SENT": Word.SENT,
    "DELIVERED": Word.DELIVERED,
    "READ": Word.READ,
    "PLAYED": Word.PLAYED,
    "ERROR": Word.FAILED,
}
SOURCES = ("live", "echo", "history")


@dataclass(slots=True)
class Inserted:
    """`fresh` messages are new to us, or were known from a lesser report only; of those `raised` more is known."""

    fresh: list[Placed] = field(default_factory=list)
    raised: set[int] = field(default_factory=set)
    conversations: set[int] = field(default_factory=set)
    recount: set[int] = field(default_factory=set)


COLUMNS = """
    connection, wamid, conversation, identity, environment, direction, source, kind, text, details, raw,
    context, group_id, placed_at, provider_at, received_at, event_day, event_id, word, sent_at
"""
INPUT = f"""
unnest(%s::bigint[], %s::text[], %s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[],
    %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::timestamptz[], %s::timestamptz[],
    %s::timestamptz[], %s::date[], %s::bigint[], %s::smallint[], %s::timestamptz[]) new ({COLUMNS})
"""
INSERT = f"""
INSERT INTO inbox_message (
    workspace_id, connection_id, conversation_id, identity_id, environment, direction, source, wamid, kind, text,
    details, raw, context_wamid, group_id, placed_at, provider_at, received_at, processed_at, event_day, event_id,
    word, sent_at, arrival, version, attempt, problem, work, claimed_by)
SELECT %s, connection, conversation, identity, environment, direction, source, wamid, kind, text,
    details::jsonb, raw, context, group_id, placed_at, provider_at, received_at, %s, event_day, event_id,
    word, sent_at, 0, 0, 0, '{{}}', '', ''
FROM {INPUT}
ORDER BY connection, wamid
ON CONFLICT (connection_id, wamid) WHERE wamid IS NOT NULL DO NOTHING
RETURNING connection_id, wamid, id
"""  # noqa: S608
KNOWN = """
SELECT message.connection_id, message.wamid, message.id, message.conversation_id, message.source,
    message.received_at, message.raw, message.word
FROM inbox_message message JOIN unnest(%s::bigint[], %s::text[]) new (connection, wamid)
    ON message.connection_id = new.connection AND message.wamid = new.wamid
WHERE message.source <> 'ours' ORDER BY message.id FOR NO KEY UPDATE OF message
"""
# Told better, it is as if it had arrived now (arrival 0): nobody has seen it as what it is.
REPLACE = f"""
UPDATE inbox_message message SET conversation_id = new.conversation, identity_id = new.identity,
    direction = new.direction, source = new.source, kind = new.kind, text = new.text, details = new.details::jsonb,
    raw = new.raw, context_wamid = new.context, group_id = new.group_id, placed_at = new.placed_at,
    provider_at = new.provider_at, received_at = new.received_at, event_day = new.event_day,
    event_id = new.event_id, arrival = 0, sent_at = LEAST(message.sent_at, new.sent_at),
    word = CASE WHEN new.word IS NOT NULL THEN GREATEST(message.word, new.word) END
FROM {INPUT} WHERE message.connection_id = new.connection AND message.wamid = new.wamid
"""  # noqa: S608
RAISE = """
UPDATE inbox_message message SET word = GREATEST(message.word, new.told),
    sent_at = LEAST(message.sent_at, new.sent_at)
FROM unnest(%s::bigint[], %s::smallint[], %s::timestamptz[]) new (id, told, sent_at)
WHERE message.id = new.id AND message.direction = 'out'
    AND (message.word < new.told OR message.sent_at IS DISTINCT FROM LEAST(message.sent_at, new.sent_at))
RETURNING message.id, message.conversation_id
"""


def insert(workspace_id: int, placed: list[Placed], now: datetime) -> Inserted:
    """Insert what is not there yet, and let a better report take the place of a lesser one."""
    best = _best_of(placed)
    done = Inserted()
    if not best:
        return done
    new = rows(INSERT, [workspace_id, now, *columns((_record(one) for one in best.values()), 20)])
    for connection, wamid, message_id in new:
        best[connection, wamid].id = message_id
        done.fresh.append(best[connection, wamid])
    if len(new) < len(placed):
        _compare(placed, best, done)
    done.conversations |= {one.conversation_id for one in done.fresh}
    return done


def _best_of(placed: Iterable[Placed]) -> dict[tuple[int, str], Placed]:
    best: dict[tuple[int, str], Placed] = {}
    for one in placed:
        key = (one.arrival.number.connection_id, one.message.wamid)
        best[key] = min(best.get(key, one), one, key=_rank)
    return best


def _rank(one: Placed) -> tuple[int, datetime, str]:
    return SOURCES.index(one.message.source), one.arrival.received_at, one.message.raw


def _compare(placed: list[Placed], best: dict[tuple[int, str], Placed], done: Inserted) -> None:
    """Hold repeats against what is there: a better report replaces it, and a history may know of a later step."""
    repeats = sorted(best)
    known = {(connection, wamid): rest for connection, wamid, *rest in rows(KNOWN, columns(repeats, 2))}
    better = []
    for key, (message_id, conversation, source, received_at, raw, _) in known.items():
        one = best[key]
        if not one.id and _rank(one) < (SOURCES.index(source), received_at, raw):
            one.id = message_id
            better.append(one)
            done.conversations.add(conversation)
    if better:
        rows(REPLACE, columns((_record(one) for one in better), 20))
        done.fresh += better
        done.recount |= done.conversations | {one.conversation_id for one in better}
    told: dict[int, tuple[int, datetime | None]] = {}
    for one in placed:
        key = (one.arrival.number.connection_id, one.message.wamid)
        if one.message.is_outgoing and key in known:
            word, sent_at = _reached(one)
            others = told.get(known[key][0], (word, sent_at))
            told[known[key][0]] = max(word, others[0]), min(filter(None, (sent_at, others[1])), default=None)
    if told:
        records = [(message_id, *reached) for message_id, reached in sorted(told.items())]
        for message_id, conversation in rows(RAISE, columns(records, 3)):
            done.raised.add(message_id)
            done.conversations.add(conversation)


def _reached(one: Placed) -> tuple[int, datetime | None]:
    """The word that the report itself proves of a message sent elsewhere, and when it was sent."""
    word = Word.SENT
    if one.message.source == "history":
        word = HISTORY_WORDS.get(one.message.history_status, Word.ACCEPTED)
    return int(word), one.at if word >= Word.SENT and word != Word.FAILED else None


def _record(one: Placed) -> tuple[Any, ...]:
    message, arrival = one.message, one.arrival
    word, sent_at = _reached(one) if message.is_outgoing else (None, None)
    return (
        arrival.number.connection_id,
        message.wamid,
        one.conversation_id,
        one.identity_id,
        arrival.number.environment,
        "out" if message.is_outgoing else "in",
        message.source,
        message.kind[:60],
        message.text,
        json.dumps(_details(message)),
        message.raw,
        message.context_wamid,
        message.group_id[:140],
        one.at,
        message.provider_at,
        arrival.received_at,
        arrival.event_day,
        arrival.event_id,
        word,
        sent_at,
    )


def _details(message: items.Message) -> dict[str, Any]:
    details: dict[str, Any] = dict(message.details)
    if message.person.phone and not message.is_outgoing:
        details["phone"] = message.person.phone
    if message.errors:
        details["errors"] = [{"code": e.code, "title": e.title, "details": e.details} for e in message.errors]
    if message.is_forwarded:
        details["forwarded"] = True
    # What the profile said then: a contact's name can be found again when messages turn out to be somebody else's.
    profile = {"name": message.name, "username": message.username}
    return details | {"profile": {key: value for key, value in profile.items() if value}}
