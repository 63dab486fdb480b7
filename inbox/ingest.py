"""Inbound → contact, conversation, message: batches of typed items, one sorted statement per table.

What arrives is inserted or already there, and every cached value is a greatest, so order and repeats change nothing.
"""

from __future__ import annotations

from datetime import datetime

from webhooks import items

from . import consent, conversations, household, lines, merging, people, renaming, reports
from .arrivals import Arrival, Changes, Placed
from .sql import columns, rows

FETCHED_KINDS = frozenset({"image", "audio", "document", "video", "sticker"})


def apply(workspace_id: int, arrivals: list[Arrival], changes: Changes, now: datetime) -> list[Placed]:
    """Apply the messages, identity changes and preferences of one workspace, in the caller's transaction.

    Returns the messages that are new, for their conversations to be touched once the receipts are in.
    """
    messages = [a for a in arrivals if isinstance(a.item, items.Message) and a.item.person]
    shifts = [a for a in arrivals if isinstance(a.item, items.IdentityChange)]
    mentions = [_mention(arrival) for arrival in messages]
    known = people.settle(workspace_id, mentions, shifts)
    placed = [_place(arrival, mention, known) for arrival, mention in zip(messages, mentions, strict=True)]
    opened = _find_conversations(workspace_id, placed)
    done = reports.insert(workspace_id, placed, now)
    renaming.take_names(done.fresh)
    renaming.rename_in(done.recount)
    # A report of what is known better already may have opened a conversation for nothing, or emptied one.
    merging.clear_empty((opened | done.recount) - {one.conversation_id for one in done.fresh})
    _note_changes(workspace_id, known, opened, done, changes)
    changes.media += _note_media(done.fresh, now)
    if consent.note(workspace_id, placed, arrivals):
        changes.others.add(workspace_id)
    return done.fresh


def _note_changes(
    workspace_id: int, known: people.People, opened: set[int], done: reports.Inserted, changes: Changes
) -> None:
    changes.note(changes.new_messages, workspace_id, (one.id for one in done.fresh))
    changes.note(changes.messages, workspace_id, done.raised)
    changes.note(changes.conversations, workspace_id, done.conversations)
    changes.recount |= done.recount
    if house := known.household:
        changes.note(changes.messages, workspace_id, house.moved)
        changes.note(changes.conversations, workspace_id, house.conversations)
        changes.recount |= house.conversations
    # After the messages, by which those are known who hold nothing any more.
    for house in (known.household, household.behind(workspace_id, opened)):
        if house is not None:
            changes.note(changes.conversations, workspace_id, lines.redraw(workspace_id, house))


def _mention(arrival: Arrival) -> people.Mention:
    message = arrival.item
    assert isinstance(message, items.Message)
    return people.Mention(message.person, arrival.at, message.wamid)


def _place(arrival: Arrival, mention: people.Mention, known: people.People) -> Placed:
    message = arrival.item
    assert isinstance(message, items.Message)
    person = message.person
    reply_node = ("phone", person.phone) if person.phone else mention.node
    return Placed(
        arrival=arrival,
        message=message,
        contact_id=known.contact(mention),
        identity_id=known.identities[mention.node].id,
        reply_identity_id=known.identities[reply_node].id,
    )


def _find_conversations(workspace_id: int, placed: list[Placed]) -> set[int]:
    """Say which conversation each message belongs to; returns those that are new."""
    wanted = {(one.arrival.number.connection_id, one.contact_id) for one in placed}
    ids, new = conversations.open_all(workspace_id, wanted)
    for one in placed:
        one.conversation_id = ids[one.arrival.number.connection_id, one.contact_id]
    return new


def _note_media(fresh: list[Placed], now: datetime) -> list[int]:
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
