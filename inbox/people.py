"""From the ways Meta names somebody to a contact of ours, in batches.

Most mentions are of people already known, or of somebody entirely new: those take one statement per table. Where a
phone meets a second BSUID, or Meta says that identities belong together, everything known of those concerned is looked
at as a whole (kinship) and contacts are brought in line with it (household).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from webhooks.items import IdentityChange, Person

from . import household
from .kinship import Link, Node, Pair
from .sql import columns, rows


@dataclass(frozen=True, slots=True)
class Mention:
    """Somebody named by a payload, when (provider time), and by which message."""

    person: Person
    at: datetime
    wamid: str
    name: str = ""
    username: str = ""

    @property
    def node(self) -> Node:
        """The identity that says most: the BSUID is the person."""
        return nodes_of(self.person)[0]


@dataclass(slots=True)
class People:
    """Who the mentions of a batch are. `moved` lists the conversations that were changed by bringing them in line,
    `handovers` the phones that turned out to have a new owner."""

    identities: dict[Node, household.Row]
    elders: dict[tuple[Node, datetime], int] = field(default_factory=dict)
    moved: set[int] = field(default_factory=set)
    handovers: list[household.Handover] = field(default_factory=list)

    def contact(self, mention: Mention) -> int:
        row = self.identities[mention.node]
        if row.is_shared:
            return self.elders.get((mention.node, mention.at)) or row.known_contact
        return row.known_contact


def nodes_of(person: Person) -> list[Node]:
    """The identities of a person, the one that says most first."""
    named = (("bsuid", person.bsuid), ("parent", person.parent_bsuid), ("phone", person.phone))
    return [(kind, value) for kind, value in named if value]


def settle(workspace_id: int, mentions: list[Mention], changes: list[IdentityChange], now: datetime) -> People:
    """Find or make the contact of every mention, having taken in the identity changes first.

    Locks the identities concerned, in order, until the transaction ends.
    """
    nodes = {node for mention in mentions for node in nodes_of(mention.person)}
    for change in changes:
        nodes.update(nodes_of(change.previous) + nodes_of(change.current))
    pairs, links = _evidence(mentions, changes, now)
    identities = household.lock_identities(workspace_id, nodes)
    fresh_pairs = household.note_pairs(workspace_id, pairs)
    fresh_links = household.note_links(workspace_id, links)
    knotted = _knotted(identities, fresh_pairs, fresh_links)
    people = People(identities)
    _make_contacts(workspace_id, identities, fresh_pairs, nodes - knotted)
    shared = {node for node, row in identities.items() if row.is_shared}
    if knotted or shared:
        at_issue = [(mention.node, mention.at) for mention in mentions if mention.node in shared | knotted]
        line = household.bring_in_line(workspace_id, knotted, shared, at_issue, identities)
        people.elders, people.moved, people.handovers = line.elders, line.moved, line.handovers
    _take_names(mentions, people)
    return people


def _evidence(
    mentions: Iterable[Mention], changes: Iterable[IdentityChange], now: datetime
) -> tuple[dict[tuple[str, str], tuple[datetime, str]], dict[tuple[Node, Node], tuple[datetime, str, bool]]]:
    pairs: dict[tuple[str, str], tuple[datetime, str]] = {}
    links: dict[tuple[Node, Node], tuple[datetime, str, bool]] = {}

    def see(person: Person, at: datetime, wamid: str) -> None:
        if person.phone and person.bsuid:
            key = (person.phone, person.bsuid)
            pairs[key] = min(pairs.get(key, (at, wamid)), (at, wamid))
        if person.parent_bsuid and person.bsuid:
            link = (("parent", person.parent_bsuid), ("bsuid", person.bsuid))
            links[link] = min(links.get(link, (at, wamid, False)), (at, wamid, False))

    for mention in mentions:
        see(mention.person, mention.at, mention.wamid)
    for change in changes:
        at = change.provider_at or now
        see(change.current, at, change.wamid)
        target = nodes_of(change.current)
        for old in nodes_of(change.previous):
            if target and old != target[0] and old not in target:
                key = (old, target[0])
                links[key] = min(links.get(key, (at, change.wamid, True)), (at, change.wamid, True))
    return pairs, links


def _knotted(identities: dict[Node, household.Row], pairs: list[Pair], links: list[Link]) -> set[Node]:
    """Identities that need a look at the whole: linked by Meta, or paired with somebody who is already known."""
    partners: dict[Node, set[Node]] = defaultdict(set)
    knotted: set[Node] = {node for link in links for node in (link.old, link.new)}
    for pair in pairs:
        phone, bsuid = ("phone", pair.phone), ("bsuid", pair.bsuid)
        partners[phone].add(bsuid)
        partners[bsuid].add(phone)
        if identities[phone].contact_id or identities[bsuid].contact_id:
            knotted |= {phone, bsuid}
    for node, others in partners.items():
        if len(others) > 1:
            knotted |= {node, *others}
    # A knot pulls in whoever is paired with it in this batch.
    waiting = list(knotted)
    while waiting:
        for other in partners.get(waiting.pop(), set()) - knotted:
            knotted.add(other)
            waiting.append(other)
    return knotted


def _make_contacts(
    workspace_id: int, identities: dict[Node, household.Row], pairs: list[Pair], nodes: set[Node]
) -> None:
    """One contact for each new person, in one statement for the contacts and one for their identities."""
    partner: dict[Node, Node] = {}
    for pair in pairs:
        partner[("phone", pair.phone)] = ("bsuid", pair.bsuid)
    families: dict[Node, list[Node]] = defaultdict(list)
    for node in sorted(nodes):
        if identities[node].contact_id is None:
            families[partner.get(node, node)].append(node)
    contact_ids = household.new_contacts(workspace_id, len(families))
    claims = {
        node: contact_id for contact_id, family in zip(contact_ids, families.values(), strict=True) for node in family
    }
    household.claim(identities, claims)


NAMES = """
UPDATE inbox_contact contact SET {column} = new.value, {column}_at = new.at, {column}_wamid = new.wamid
FROM unnest(%s::bigint[], %s::text[], %s::timestamptz[], %s::text[]) new (id, value, at, wamid)
WHERE contact.id = new.id
AND (contact.{column}_at IS NULL OR (contact.{column}_at, contact.{column}_wamid) < (new.at, new.wamid))
AND contact.id IN (SELECT id FROM inbox_contact WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE)
"""


def _take_names(mentions: list[Mention], people: People) -> None:
    for column in ("name", "username"):
        newest: dict[int, tuple[datetime, str, str]] = {}
        for mention in mentions:
            if value := getattr(mention, column):
                contact = people.contact(mention)
                said = (mention.at, mention.wamid, value)
                newest[contact] = max(newest.get(contact, said), said)
        if newest:
            records = [(contact, value, at, wamid) for contact, (at, wamid, value) in sorted(newest.items())]
            ids, values, ats, wamids = columns(records, 4)
            rows(NAMES.format(column=column), [ids, values, ats, wamids, ids])
