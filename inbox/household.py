"""Contacts brought in line with who is who: one contact for each person, and each message with its person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from . import rehoming
from .identities import Row, claim, hold, new_contacts
from .kinship import Kinship, Link, Node, kinship
from .sightings import everything_known
from .sql import columns, rows


@dataclass(slots=True)
class Household:
    """Everybody whom some identities lead to, brought in line. `owners` is the contact of each person.

    `elders` says whose each (identity, time) at issue is; `moved` and `conversations` are what changed.
    """

    kin: Kinship
    links: list[Link]
    owners: dict[Node, int]
    elders: dict[tuple[Node, datetime], int] = field(default_factory=dict)
    moved: set[int] = field(default_factory=set)
    conversations: set[int] = field(default_factory=set)


MEMBERS = """
SELECT identity.kind, identity.value FROM inbox_identity identity
JOIN inbox_conversation conversation ON conversation.contact_id = identity.contact_id
WHERE conversation.id = ANY(%s) AND (identity.is_shared OR EXISTS (
    SELECT 1 FROM inbox_identitylink link WHERE link.workspace_id = identity.workspace_id AND link.replaces
    AND ((link.from_kind, link.from_value) = (identity.kind, identity.value)
        OR (link.to_kind, link.to_value) = (identity.kind, identity.value))))
"""


def behind(workspace_id: int, conversation_ids: Iterable[int]) -> Household | None:
    """Everybody whom the people of these conversations lead to, as they are; None where there is nothing to tell."""
    chosen = sorted(conversation_ids)
    start = {(kind, value) for kind, value in rows(MEMBERS, [chosen])} if chosen else set()
    if not start:
        return None
    nodes, pairs, links = everything_known(workspace_id, start)
    kin = kinship(pairs, links)
    identities = hold(workspace_id, nodes)
    house = Household(kin, links, {kin.person(node): identities[node].known_contact for node in nodes})
    _find_formers(workspace_id, house, [identities[node].id for node in nodes], set())
    return house


def bring_in_line(
    workspace_id: int,
    knotted: set[Node],
    shared: set[Node],
    at_issue: list[tuple[Node, datetime]],
    identities: dict[Node, Row],
) -> Household:
    """Give each person one contact, and each message its person's conversation, for everybody these touch."""
    nodes, pairs, links = everything_known(workspace_id, knotted | shared)
    kin = kinship(pairs, links)
    identities.update(hold(workspace_id, nodes))
    before = {node: identities[node].contact_id for node in nodes}
    is_shared = any(identities[node].is_shared for node in nodes)  # or was, until now
    if knotted:
        _allot(workspace_id, kin, nodes, identities)
    house = Household(kin, links, {kin.person(node): identities[node].known_contact for node in nodes})
    if knotted and (is_shared or _is_to_move(before, identities)):
        done = rehoming.rehome(workspace_id, kin, house.owners, before, identities)
        house.moved, house.conversations = done.messages, done.conversations
    at_issue = [(node, at) for node, at in at_issue if node in nodes]
    people = {kin.person(node, at) for node, at in at_issue}
    _find_formers(workspace_id, house, [identities[node].id for node in nodes], people)
    house.elders = {(node, at): house.owners[kin.person(node, at)] for node, at in at_issue}
    return house


def _find_formers(workspace_id: int, house: Household, identity_ids: list[int], needed: set[Node]) -> None:
    """Add those who hold nothing any more to the owners: whoever left messages, and all who are needed now."""
    formers = {person for one in house.kin.handovers() for person in (one.old, one.new)}
    if not (needed | formers) - house.owners.keys():
        return
    wrote = rehoming.written_by_formers(house.kin, identity_ids, house.owners)
    people = needed | (formers & {author for author, _ in wrote})
    rehoming.house_formers(workspace_id, people, house.owners, wrote)


def _is_to_move(before: dict[Node, int | None], identities: dict[Node, Row]) -> bool:
    """Whether any message can be with the wrong person: a contact changed, or the time decides whose a phone is."""
    return any(
        identities[node].is_shared or (contact is not None and contact != identities[node].contact_id)
        for node, contact in before.items()
    )


def _leave_to_formers(
    kin: Kinship, families: dict[Node, list[Node]], identities: dict[Node, Row], taken: set[int]
) -> None:
    """Keep the contact of a phone's former holder out of reach of whoever moved to that phone."""
    for person, family in families.items():
        for node in family:
            former = kin.former(node[1]) if node[0] == "phone" else None
            others = {identities[other].contact_id for other in family if other != node}
            if former is not None and former != person and identities[node].contact_id not in others:
                taken.add(identities[node].contact_id or 0)


def _allot(workspace_id: int, kin: Kinship, nodes: set[Node], identities: dict[Node, Row]) -> None:
    """Decide which contact is whose: a person keeps the oldest contact that their lasting identities had."""
    families: dict[Node, list[Node]] = defaultdict(list)
    for node in sorted(nodes):
        families[kin.person(node)].append(node)
    taken: set[int] = set()
    chosen: dict[Node, int] = {}
    # Those known by a BSUID choose first: a phone alone is what changes hands.
    for lasting in (True, False):
        for person, family in sorted(families.items()):
            own = {identities[node].contact_id for node in family if (node[0] != "phone") == lasting}
            free = sorted(contact for contact in own if contact is not None and contact not in taken)
            if person not in chosen and free:
                chosen[person] = free[0]
                taken.add(free[0])
        if lasting:
            _leave_to_formers(kin, families, identities, taken)
    missing = [person for person in sorted(families) if person not in chosen]
    chosen.update(zip(missing, new_contacts(workspace_id, len(missing)), strict=True))
    claim(identities, {node: chosen[person] for person, family in families.items() for node in family})
    marks = [(identities[n].id, kin.is_shared(n[1]) if n[0] == "phone" else False, kin.retired.get(n)) for n in nodes]
    rows(
        """
        UPDATE inbox_identity SET is_shared = new.is_shared, retired_at = new.retired_at
        FROM unnest(%s::bigint[], %s::bool[], %s::timestamptz[]) new (id, is_shared, retired_at)
        WHERE inbox_identity.id = new.id
        """,
        columns(sorted(marks, key=lambda mark: mark[0]), 3),
    )
    for node in nodes:
        identities[node].is_shared = node[0] == "phone" and kin.is_shared(node[1])
