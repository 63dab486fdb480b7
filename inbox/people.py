"""From the ways Meta names somebody to a contact of ours, in batches.

Most mentions are of people already known, or of somebody entirely new: those take one statement per table. Where a
phone meets a second BSUID, or Meta says that identities belong together, everything known of those concerned is looked
at as a whole (kinship) and contacts are brought in line with it (household).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from webhooks.items import IdentityChange, Person

from .arrivals import Arrival
from .household import Household, bring_in_line
from .identities import Row, claim, hold, new_contacts
from .kinship import Link, Node, Pair
from .sightings import note_links, note_pairs


@dataclass(frozen=True, slots=True)
class Mention:
    """Somebody named by a payload, when (provider time), and by which message."""

    person: Person
    at: datetime
    wamid: str

    @property
    def node(self) -> Node:
        """The identity that says most: the BSUID is the person."""
        return nodes_of(self.person)[0]


@dataclass(slots=True)
class People:
    """Who the mentions of a batch are; `household` is everybody whom it took a closer look at."""

    identities: dict[Node, Row]
    household: Household | None = None

    def contact(self, mention: Mention) -> int:
        row = self.identities[mention.node]
        elders = self.household.elders if self.household else {}
        return elders.get((mention.node, mention.at)) or row.known_contact


def nodes_of(person: Person) -> list[Node]:
    """The identities of a person, the one that says most first."""
    named = (("bsuid", person.bsuid), ("parent", person.parent_bsuid), ("phone", person.phone))
    return [(kind, value) for kind, value in named if value]


def settle(workspace_id: int, mentions: list[Mention], changes: list[Arrival]) -> People:
    """Find or make the contact of every mention, having taken in the identity changes first.

    Locks the identities concerned, in order, until the transaction ends.
    """
    nodes = {node for mention in mentions for node in nodes_of(mention.person)}
    for change in _changes(changes):
        nodes.update(nodes_of(change.previous) + nodes_of(change.current))
    pairs, links = _evidence(mentions, changes)
    identities = hold(workspace_id, nodes)
    fresh_pairs = note_pairs(workspace_id, pairs)
    fresh_links = note_links(workspace_id, links)
    knotted = _knotted(identities, fresh_pairs, fresh_links)
    people = People(identities)
    _make_contacts(workspace_id, identities, fresh_pairs, nodes - knotted)
    shared = {node for node, row in identities.items() if row.is_shared}
    if knotted or shared:
        at_issue = [(mention.node, mention.at) for mention in mentions]
        people.household = bring_in_line(workspace_id, knotted, shared, at_issue, identities)
    return people


def _changes(arrivals: Iterable[Arrival]) -> list[IdentityChange]:
    return [arrival.item for arrival in arrivals if isinstance(arrival.item, IdentityChange)]


Pairs = dict[tuple[str, str], tuple[datetime, str]]
Links = dict[tuple[Node, Node], tuple[datetime, str, bool]]


def _evidence(mentions: Iterable[Mention], changes: Iterable[Arrival]) -> tuple[Pairs, Links]:
    pairs: Pairs = {}
    links: Links = {}

    def link(old: Node, new: Node, at: datetime, wamid: str) -> None:
        # A parent BSUID stands above a BSUID and is not replaced by it.
        told = (at, wamid, old[0] != "parent" or new[0] == "parent")
        links[old, new] = min(links.get((old, new), told), told)

    def see(person: Person, at: datetime, wamid: str) -> None:
        if person.phone and person.bsuid:
            key = (person.phone, person.bsuid)
            pairs[key] = min(pairs.get(key, (at, wamid)), (at, wamid))
        if person.parent_bsuid and person.bsuid:
            link(("parent", person.parent_bsuid), ("bsuid", person.bsuid), at, wamid)

    for mention in mentions:
        see(mention.person, mention.at, mention.wamid)
    for arrival in changes:
        for change in _changes([arrival]):
            see(change.current, arrival.at, change.wamid)
            current = nodes_of(change.current)
            for old in nodes_of(change.previous):
                if current and old not in current:
                    link(old, current[0], arrival.at, change.wamid)
            if change.previous.phone and change.current.phone not in {"", change.previous.phone}:
                # They moved there: whoever wrote from it before was somebody else.
                moved = ("phone", change.previous.phone), ("phone", change.current.phone)
                link(*moved, arrival.at, change.wamid)
    return pairs, links


def _knotted(identities: dict[Node, Row], pairs: list[Pair], links: list[Link]) -> set[Node]:
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


def _make_contacts(workspace_id: int, identities: dict[Node, Row], pairs: list[Pair], nodes: set[Node]) -> None:
    """One contact for each new person, in one statement for the contacts and one for their identities."""
    partner: dict[Node, Node] = {}
    for pair in pairs:
        partner[("phone", pair.phone)] = ("bsuid", pair.bsuid)
    families: dict[Node, list[Node]] = defaultdict(list)
    for node in sorted(nodes):
        if identities[node].contact_id is None:
            families[partner.get(node, node)].append(node)
    contact_ids = new_contacts(workspace_id, len(families))
    claims = {
        node: contact_id for contact_id, family in zip(contact_ids, families.values(), strict=True) for node in family
    }
    claim(identities, claims)
