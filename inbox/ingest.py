"""Inbound → contact, conversation, message: batches of typed items, one sorted statement per table.

What arrives is inserted or already there, and every cached value is a greatest, so order and repeats change nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from optouts import keywords, ledger
from webhooks import items

from . import lines, people, window
from .models import Word
from .sql import columns, rows

HISTORY_WORDS = {
    "SENT": Word.SENT,
    "DELIVERED": Word.DELIVERED,
    "READ": Word.READ,
    "PLAYED": Word.PLAYED,
    "ERROR": Word.FAILED,
}
FETCHED_KINDS = frozenset({"image", "audio", "document", "video", "sticker"})


@dataclass(frozen=True, slots=True)
class Number:
    """The connection that an item is for."""

    connection_id: int
    workspace_id: int
    environment: str


@dataclass(frozen=True, slots=True)
class Arrival:
    """An item, the connection it is for, and the event that brought it."""

    item: items.Item
    number: Number
    received_at: datetime
    event_day: date
    event_id: int


@dataclass(slots=True)
class Changes:
    """What a batch changed, by workspace: to be stamped with the workspace's new version."""

    new_messages: dict[int, set[int]] = field(default_factory=dict)
    messages: dict[int, set[int]] = field(default_factory=dict)
    conversations: dict[int, set[int]] = field(default_factory=dict)
    media: list[int] = field(default_factory=list)

    def note(self, what: dict[int, set[int]], workspace_id: int, ids: Iterable[int]) -> None:
        what.setdefault(workspace_id, set()).update(ids)


@dataclass(slots=True)
class _Placed:
    arrival: Arrival
    message: items.Message
    contact_id: int
    identity_id: int
    reply_identity_id: int
    at: datetime
    conversation_id: int = 0
    id: int = 0

    @property
    def is_live(self) -> bool:
        return self.message.source == "live"

    @property
    def opens_window(self) -> bool:
        message = self.message
        is_theirs = self.is_live and not message.is_outgoing and not message.group_id
        return is_theirs and message.provider_at is not None and window.counts(message.kind)


def apply(workspace_id: int, arrivals: list[Arrival], changes: Changes, now: datetime, *, writes_acts: bool) -> None:
    """Apply the messages, identity changes and preferences of one workspace, in the caller's transaction."""
    messages = [a for a in arrivals if isinstance(a.item, items.Message) and a.item.person]
    shifts = [a.item for a in arrivals if isinstance(a.item, items.IdentityChange)]
    mentions = [_mention(arrival) for arrival in messages]
    known = people.settle(workspace_id, mentions, shifts, now)
    changes.note(changes.conversations, workspace_id, known.moved)
    placed = [_place(arrival, mention, known) for arrival, mention in zip(messages, mentions, strict=True)]
    _find_conversations(workspace_id, placed)
    changes.note(changes.conversations, workspace_id, lines.number_lines(workspace_id, arrivals, known, now))
    fresh = _insert_messages(workspace_id, placed, now)
    changes.note(changes.new_messages, workspace_id, (one.id for one in fresh))
    changes.note(changes.conversations, workspace_id, (one.conversation_id for one in fresh))
    changes.media += _note_media(fresh, now)
    _note_consent(workspace_id, placed, arrivals)
    _touch_conversations(fresh)
    if writes_acts:
        _reopen(workspace_id, fresh, now)


def _mention(arrival: Arrival) -> people.Mention:
    message = arrival.item
    assert isinstance(message, items.Message)
    at = message.provider_at or arrival.received_at
    return people.Mention(message.person, at, message.wamid, message.name, message.username)


def _place(arrival: Arrival, mention: people.Mention, known: people.People) -> _Placed:
    message = arrival.item
    assert isinstance(message, items.Message)
    person = message.person
    reply_node = ("phone", person.phone) if person.phone else mention.node
    return _Placed(
        arrival=arrival,
        message=message,
        contact_id=known.contact(mention),
        identity_id=known.identities[mention.node].id,
        reply_identity_id=known.identities[reply_node].id,
        at=mention.at,
    )


def _find_conversations(workspace_id: int, placed: list[_Placed]) -> None:
    """Insert-or-get the conversation of each message, in one order for everybody."""
    wanted = sorted({(one.arrival.number.connection_id, one.contact_id) for one in placed})
    if not wanted:
        return
    pairs = columns(wanted, 2)
    fetch = """
        SELECT connection_id, contact_id, id FROM inbox_conversation
        JOIN unnest(%s::bigint[], %s::bigint[]) wanted (connection, contact)
            ON connection_id = connection AND contact_id = contact
    """
    found = rows(fetch, pairs)
    if len(found) < len(wanted):
        rows(
            """
            INSERT INTO inbox_conversation (workspace_id, connection_id, contact_id, last_inbound_wamid,
                reply_to_wamid, version, created_at)
            SELECT %s, connection, contact, '', '', 0, now()
            FROM unnest(%s::bigint[], %s::bigint[]) new (connection, contact)
            ORDER BY connection, contact ON CONFLICT DO NOTHING
            """,
            [workspace_id, *pairs],
        )
        found = rows(fetch, pairs)
    ids = {(connection, contact): conversation for connection, contact, conversation in found}
    for one in placed:
        one.conversation_id = ids[one.arrival.number.connection_id, one.contact_id]


INSERT = """
INSERT INTO inbox_message (
    workspace_id, connection_id, conversation_id, identity_id, environment, direction, source, wamid, kind, text,
    details, raw, context_wamid, group_id, placed_at, provider_at, received_at, processed_at, event_day, event_id,
    word, sent_at, arrival, version, attempt, problem, work, claimed_by)
SELECT %s, connection, conversation, identity, environment, direction, source, wamid, kind, text,
    details::jsonb, raw, context, group_id, placed_at, provider_at, received_at, %s, event_day, event_id,
    word, sent_at, 0, 0, 0, '{}', '', ''
FROM unnest(%s::bigint[], %s::text[], %s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[],
    %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::timestamptz[], %s::timestamptz[],
    %s::timestamptz[], %s::date[], %s::bigint[], %s::smallint[], %s::timestamptz[])
    new (connection, wamid, conversation, identity, environment, direction, source, kind, text, details, raw,
        context, group_id, placed_at, provider_at, received_at, event_day, event_id, word, sent_at)
ORDER BY connection, wamid
ON CONFLICT (connection_id, wamid) WHERE wamid IS NOT NULL DO NOTHING
RETURNING connection_id, wamid, id
"""


def _insert_messages(workspace_id: int, placed: list[_Placed], now: datetime) -> list[_Placed]:
    """Insert what is not there yet; returns those inserted, with their ids."""
    by_key = {(one.arrival.number.connection_id, one.message.wamid): one for one in reversed(placed)}
    if not by_key:
        return []
    records = [_record(one) for one in by_key.values()]
    fresh = []
    for connection, wamid, message_id in rows(INSERT, [workspace_id, now, *columns(records, 20)]):
        one = by_key[connection, wamid]
        one.id = message_id
        fresh.append(one)
    return fresh


def _record(one: _Placed) -> tuple[Any, ...]:
    message, arrival = one.message, one.arrival
    word = HISTORY_WORDS.get(message.history_status, Word.ACCEPTED) if message.source == "history" else Word.SENT
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
        int(word) if message.is_outgoing else None,
        one.at if message.is_outgoing and word >= Word.SENT and word != Word.FAILED else None,
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


def _note_media(fresh: list[_Placed], now: datetime) -> list[int]:
    """Files to fetch, each by a job of its own; returns the ids of their messages."""
    records = []
    for one in fresh:
        media = one.message.media
        if media is not None and media.media_id and one.message.kind in FETCHED_KINDS:
            mime, name = media.mime_type[:120], media.filename[:255]
            records.append((one.id, media.media_id[:64], mime, media.sha256[:88], name, media.is_voice, now))
    if records:
        rows(
            """
            INSERT INTO inbox_media (message_id, media_id, mime_type, sha256, filename, is_voice, due_at,
                state, reason, tries, stored_as, sniffed_type)
            SELECT *, 'pending', '', 0, '', '' FROM unnest(
                %s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::bool[], %s::timestamptz[])
            ON CONFLICT DO NOTHING
            """,
            columns(records, 7),
        )
    return [record[0] for record in records]


def _note_consent(workspace_id: int, placed: list[_Placed], arrivals: list[Arrival]) -> None:
    """STOP and START words, and Meta's own preferences, in the transaction of the message that says them."""
    said = []
    for one in placed:
        reading = keywords.reading(one.message.text) if _speaks(one) else None
        if reading is not None:
            direction = "out" if reading == "stop" else "in"
            source = "words" if one.message.kind == "text" else "button"
            quote = one.message.text
            said.append(_consent(one.arrival, one.message.person, "all", direction, source, quote, one.message.wamid))
    for arrival in arrivals:
        item = arrival.item
        if isinstance(item, items.Preference) and item.person and item.value in {"stop", "resume", "signup"}:
            direction = "out" if item.value == "stop" else "in"
            evidence = f"{item.value}@{item.provider_at or arrival.received_at:%Y%m%dT%H%M%S}"
            said.append(_consent(arrival, item.person, "marketing", direction, "preference", item.text, evidence))
    ledger.record(workspace_id, said)


def _speaks(one: _Placed) -> bool:
    message = one.message
    return not message.is_outgoing and not message.group_id and message.kind in {"text", "button", "interactive"}


def _consent(
    arrival: Arrival, person: items.Person, scope: str, direction: str, source: str, quote: str, evidence: str
) -> ledger.NewConsent:
    kind, value = people.nodes_of(person)[0]
    provider_at = getattr(arrival.item, "provider_at", None) or arrival.received_at
    return ledger.NewConsent(
        kind=kind,
        value=value,
        scope=scope,
        direction=direction,
        source=source,
        quote=quote,
        evidence=evidence[:512],
        provider_at=provider_at,
        event_day=arrival.event_day,
        event_id=arrival.event_id,
        raw=arrival.item.raw,
    )


def _touch_conversations(fresh: list[_Placed]) -> None:
    """Raise each conversation's cached values to the greatest: order of arrival does not matter."""
    newest: dict[int, datetime] = {}
    inbound: dict[int, tuple[datetime, str, int]] = {}
    for one in fresh:
        newest[one.conversation_id] = max(newest.get(one.conversation_id, one.at), one.at)
        if one.opens_window:
            said = (one.at, one.message.wamid, one.reply_identity_id)
            inbound[one.conversation_id] = max(inbound.get(one.conversation_id, said), said)
    if not newest:
        return
    records = [(c, at, *inbound.get(c, (None, None, None))) for c, at in sorted(newest.items())]
    rows("SELECT 1 FROM inbox_conversation WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", [sorted(newest)])
    rows(
        """
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
        """,
        columns(records, 5),
    )


def _reopen(workspace_id: int, fresh: list[_Placed], now: datetime) -> None:
    """A customer's new message opens a closed conversation again; an owner who is still a member keeps it."""
    spoken: dict[int, tuple[datetime, str]] = {}
    for one in fresh:
        if one.is_live and not one.message.is_outgoing and not one.message.group_id:
            said = (one.at, one.message.wamid)
            spoken[one.conversation_id] = max(spoken.get(one.conversation_id, said), said)
    if not spoken:
        return
    opened = rows(
        """
        UPDATE inbox_conversation SET closed_at = NULL, owner_id = CASE WHEN EXISTS (
            SELECT 1 FROM workspaces_membership
            WHERE workspace_id = inbox_conversation.workspace_id AND user_id = owner_id) THEN owner_id END
        WHERE id = ANY(%s) AND closed_at IS NOT NULL RETURNING id
        """,
        [sorted(spoken)],
    )
    records = [(conversation, spoken[conversation][1]) for (conversation,) in sorted(opened)]
    if records:
        rows(
            """
            INSERT INTO inbox_act (workspace_id, conversation_id, kind, wamid, detail, at, version)
            SELECT %s, conversation, 'reopened', wamid, '', %s, 0
            FROM unnest(%s::bigint[], %s::text[]) new (conversation, wamid) ON CONFLICT DO NOTHING
            """,
            [workspace_id, now, *columns(records, 2)],
        )
