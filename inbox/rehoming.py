"""Messages brought to their person's conversation, after it became clearer who is who.

Which contact somebody keeps depends on who was seen first, but who is together does not: that, and what each
conversation says of itself, follow from the messages alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from . import conversations, merging, renaming
from .identities import Row, new_contacts
from .kinship import Kinship, Node
from .sql import columns, rows
from .versions import LOCK_CONVERSATIONS


@dataclass(slots=True)
class Rehomed:
    messages: set[int] = field(default_factory=set)
    conversations: set[int] = field(default_factory=set)


class _Message(NamedTuple):
    id: int
    conversation: int
    connection: int
    kind: str
    value: str
    placed_at: datetime
    contact: int


# Of a phone that changed hands, earlier messages may be with somebody who holds no identity any more.
CONCERNED = """
SELECT DISTINCT conversation.contact_id FROM inbox_message message
JOIN inbox_conversation conversation ON conversation.id = message.conversation_id
WHERE message.identity_id = ANY(%s)
"""
ON_THE_MOVE = """
SELECT message.id, message.conversation_id, message.connection_id, identity.kind, identity.value, message.placed_at,
    conversation.contact_id
FROM inbox_message message
JOIN inbox_conversation conversation ON conversation.id = message.conversation_id
LEFT JOIN inbox_identity identity ON identity.id = message.identity_id
WHERE conversation.contact_id = ANY(%s)
ORDER BY message.id FOR NO KEY UPDATE OF message
"""
# Open pages of these must not go on showing what left; the version is written when all is stamped.
THINNED = "UPDATE inbox_conversation SET thinned = 0 WHERE id = ANY(%s)"


def rehome(
    workspace_id: int,
    kin: Kinship,
    owners: dict[Node, int],
    before: dict[Node, int | None],
    identities: dict[Node, Row],
) -> Rehomed:
    """Move messages to where they belong; a conversation that is left without any goes, as does an empty contact.

    `before` is whose each identity was. Former holders of a phone are added to `owners`.
    """
    ids = sorted(identities[node].id for node in before)
    contacts = {contact for contact in before.values() if contact is not None}
    contacts |= {row[0] for row in rows(CONCERNED, [ids])}
    known = [_Message(*row) for row in rows(ON_THE_MOVE, [sorted(contacts)])]
    homes = {one.id: kin.person((one.kind, one.value), one.placed_at) for one in known if one[3:5] in before}
    house_formers(
        workspace_id, set(homes.values()), owners, [(homes[one.id], one.contact) for one in known if one.id in homes]
    )
    done = Rehomed()
    moving = [one for one in known if one.id in homes and owners[homes[one.id]] != one.contact]
    if moving:
        targets, new = conversations.open_all(workspace_id, {(one.connection, owners[homes[one.id]]) for one in moving})
        to = {one.id: targets[one.connection, owners[homes[one.id]]] for one in moving}
        _move(to)
        left = {one.conversation for one in moving}
        done.messages = set(to)
        done.conversations = left | set(to.values())
        rows(LOCK_CONVERSATIONS, [sorted(done.conversations)])
        rows(THINNED, [sorted(left)])
        merging.take_along(_emptied(known, to), new)
    everybody = contacts | set(owners.values())
    renaming.rename(everybody)
    done.conversations -= merging.clear_away(everybody)
    return done


def house_formers(
    workspace_id: int, people: set[Node], owners: dict[Node, int], wrote: Iterable[tuple[Node, int]]
) -> None:
    """Find or make the contacts of those who hold nothing any more: their messages alone tell where they are."""
    strangers = sorted(people - owners.keys())
    taken = set(owners.values())
    for person in strangers:
        kept = {contact for author, contact in wrote if author == person} - taken
        if kept:
            owners[person] = min(kept)
            taken.add(min(kept))
    missing = [person for person in strangers if person not in owners]
    owners.update(zip(missing, new_contacts(workspace_id, len(missing)), strict=True))


WRITTEN_BY_FORMERS = """
SELECT DISTINCT identity.kind, identity.value, message.placed_at, conversation.contact_id
FROM inbox_identity identity
JOIN inbox_message message ON message.identity_id = identity.id
JOIN inbox_conversation conversation ON conversation.id = message.conversation_id
WHERE identity.id = ANY(%s) AND conversation.contact_id <> ALL(%s)
"""


def written_by_formers(kin: Kinship, identities: Iterable[int], owners: dict[Node, int]) -> list[tuple[Node, int]]:
    """Messages that came by these identities and are with none of the owners: whose, and with which contact."""
    found = rows(WRITTEN_BY_FORMERS, [sorted(identities), sorted(set(owners.values()))])
    return [(kin.person((kind, value), placed_at), contact) for kind, value, placed_at, contact in found]


def _move(to: dict[int, int]) -> None:
    rows(
        """
        UPDATE inbox_message SET conversation_id = new.conversation
        FROM unnest(%s::bigint[], %s::bigint[]) new (id, conversation) WHERE inbox_message.id = new.id
        """,
        columns(sorted(to.items()), 2),
    )


def _emptied(known: Iterable[_Message], to: dict[int, int]) -> dict[int, int]:
    """The conversations that are left without messages, each with where its newest message went."""
    of_source: dict[int, list[_Message]] = defaultdict(list)
    for one in known:
        of_source[one.conversation].append(one)
    return {
        source: to[max(messages, key=lambda one: (one.placed_at, one.id)).id]
        for source, messages in of_source.items()
        if all(one.id in to for one in messages)
    }
