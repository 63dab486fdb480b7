"""Identities, sightings and links in the database, and contacts brought in line with what they say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from . import rehoming
from .kinship import Kinship, Link, Node, Pair, kinship
from .sql import columns, rows


@dataclass(slots=True)
class Row:
    id: int
    contact_id: int | None
    is_shared: bool

    @property
    def known_contact(self) -> int:
        if self.contact_id is None:
            raise LookupError("An identity was left without a contact.")
        return self.contact_id


@dataclass(frozen=True, slots=True)
class Handover:
    """A phone went from one contact to another."""

    phone: str
    old_contact: int
    new_contact: int


@dataclass(slots=True)
class Line:
    """Whose each (identity, time) at issue is, the conversations that changed, and the phones that changed hands."""

    elders: dict[tuple[Node, datetime], int] = field(default_factory=dict)
    moved: set[int] = field(default_factory=set)
    handovers: list[Handover] = field(default_factory=list)


def lock_identities(workspace_id: int, nodes: Iterable[Node]) -> dict[Node, Row]:
    """Insert-or-get these identities, in one order for everybody, and hold them until the transaction ends."""
    kinds, values = columns(sorted(set(nodes)), 2)
    if not kinds:
        return {}
    fetch = """
        SELECT identity.kind, identity.value, identity.id, identity.contact_id, identity.is_shared
        FROM inbox_identity identity
        JOIN unnest(%s::text[], %s::text[]) wanted (kind, value)
            ON identity.kind = wanted.kind AND identity.value = wanted.value
        WHERE identity.workspace_id = %s
        ORDER BY identity.kind, identity.value FOR NO KEY UPDATE OF identity
    """
    found = rows(fetch, [kinds, values, workspace_id])
    if len(found) < len(kinds):
        rows(
            """
            INSERT INTO inbox_identity (workspace_id, kind, value, is_shared, created_at)
            SELECT %s, kind, value, false, now() FROM unnest(%s::text[], %s::text[]) new (kind, value)
            ORDER BY kind, value ON CONFLICT DO NOTHING
            """,
            [workspace_id, kinds, values],
        )
        found = rows(fetch, [kinds, values, workspace_id])
    return {(kind, value): Row(*rest) for kind, value, *rest in found}


def note_pairs(workspace_id: int, pairs: dict[tuple[str, str], tuple[datetime, str]]) -> list[Pair]:
    """Keep each pair with the earliest time it was seen at; returns those that are new or earlier than known."""
    if not pairs:
        return []
    phones = sorted({phone for phone, _ in pairs})
    known = {
        (phone, bsuid): at
        for phone, bsuid, at in rows(
            "SELECT phone, bsuid, first_at FROM inbox_sighting WHERE workspace_id = %s AND phone = ANY(%s)",
            [workspace_id, phones],
        )
    }
    fresh = sorted((p, b, at, w) for (p, b), (at, w) in pairs.items() if (p, b) not in known or at < known[p, b])
    if fresh:
        rows(
            """
            INSERT INTO inbox_sighting (workspace_id, phone, bsuid, first_at, wamid)
            SELECT %s, *
            FROM unnest(%s::text[], %s::text[], %s::timestamptz[], %s::text[]) new (phone, bsuid, at, wamid)
            ORDER BY phone, bsuid
            ON CONFLICT (workspace_id, phone, bsuid) DO UPDATE SET first_at = excluded.first_at, wamid = excluded.wamid
            WHERE excluded.first_at < inbox_sighting.first_at
            """,
            [workspace_id, *columns(fresh, 4)],
        )
    return [Pair(phone, bsuid, at) for phone, bsuid, at, _ in fresh]


def note_links(workspace_id: int, links: dict[tuple[Node, Node], tuple[datetime, str, bool]]) -> list[Link]:
    """Keep each link with the earliest time it was told; returns those that are new or earlier than known."""
    if not links:
        return []
    records = sorted((*old, *new, replaces, at, wamid) for (old, new), (at, wamid, replaces) in links.items())
    told = rows(
        """
        INSERT INTO inbox_identitylink (workspace_id, from_kind, from_value, to_kind, to_value, replaces, at, wamid)
        SELECT %s, * FROM unnest(
            %s::text[], %s::text[], %s::text[], %s::text[], %s::bool[], %s::timestamptz[], %s::text[]
        ) new (a, b, c, d, replaces, at, wamid) ORDER BY a, b, c, d
        ON CONFLICT (workspace_id, from_kind, from_value, to_kind, to_value)
        DO UPDATE SET at = excluded.at, wamid = excluded.wamid WHERE excluded.at < inbox_identitylink.at
        RETURNING from_kind, from_value, to_kind, to_value, at, replaces
        """,
        [workspace_id, *columns(records, 7)],
    )
    return [Link((a, b), (c, d), at, replaces) for a, b, c, d, at, replaces in told]


def new_contacts(workspace_id: int, how_many: int) -> list[int]:
    if not how_many:
        return []
    statement = """
        INSERT INTO inbox_contact (workspace_id, name, name_wamid, username, username_wamid, created_at)
        SELECT %s, '', '', '', '', now() FROM generate_series(1, %s) RETURNING id
    """
    return [row[0] for row in rows(statement, [workspace_id, how_many])]


def claim(identities: dict[Node, Row], claims: dict[Node, int]) -> None:
    """Say whose these identities are."""
    if not claims:
        return
    records = sorted((identities[node].id, contact_id) for node, contact_id in claims.items())
    rows(
        """
        UPDATE inbox_identity SET contact_id = new.contact_id
        FROM unnest(%s::bigint[], %s::bigint[]) new (id, contact_id) WHERE inbox_identity.id = new.id
        """,
        columns(records, 2),
    )
    for node, contact_id in claims.items():
        identities[node].contact_id = contact_id


def bring_in_line(
    workspace_id: int,
    knotted: set[Node],
    shared: set[Node],
    at_issue: list[tuple[Node, datetime]],
    identities: dict[Node, Row],
) -> Line:
    """Give each person one contact, and each message its person's conversation, for everybody these touch."""
    nodes, pairs, links = _everything_known(workspace_id, knotted | shared)
    kin = kinship(pairs, links)
    identities.update(lock_identities(workspace_id, nodes))
    line = Line()
    if knotted:
        before = {node: identities[node].contact_id for node in nodes}
        _allot(workspace_id, kin, nodes, identities)
        after = {row.contact_id for row in identities.values()}
        line.handovers = [
            Handover(node[1], contact, identities[node].known_contact)
            for node, contact in sorted(before.items())
            if node[0] == "phone" and contact in after and contact != identities[node].contact_id
            if contact is not None and kin.is_shared(node[1])
        ]
        line.moved = rehoming.rehome(workspace_id, kin, before, identities)
    people = {kin.person(node): identities[node].known_contact for node in sorted(nodes, reverse=True)}
    line.elders = {(node, at): people[kin.person(node, at)] for node, at in at_issue if kin.person(node, at) in people}
    return line


def _everything_known(workspace_id: int, start: set[Node]) -> tuple[set[Node], list[Pair], list[Link]]:
    nodes, frontier = set(start), set(start)
    pairs: set[Pair] = set()
    links: set[Link] = set()
    while frontier:
        phones = [value for kind, value in frontier if kind == "phone"]
        bsuids = [value for kind, value in frontier if kind == "bsuid"]
        kinds, values = columns(sorted(frontier), 2)
        found = rows(
            "SELECT phone, bsuid, first_at FROM inbox_sighting"
            " WHERE workspace_id = %s AND (phone = ANY(%s) OR bsuid = ANY(%s))",
            [workspace_id, phones, bsuids],
        )
        pairs |= {Pair(*row) for row in found}
        told = rows(
            """
            SELECT from_kind, from_value, to_kind, to_value, at, replaces FROM inbox_identitylink
            WHERE workspace_id = %s AND (
                (from_kind, from_value) IN (SELECT * FROM unnest(%s::text[], %s::text[]))
                OR (to_kind, to_value) IN (SELECT * FROM unnest(%s::text[], %s::text[])))
            """,
            [workspace_id, kinds, values, kinds, values],
        )
        links |= {Link((a, b), (c, d), at, replaces) for a, b, c, d, at, replaces in told}
        reached = {node for pair in pairs for node in (("phone", pair.phone), ("bsuid", pair.bsuid))}
        reached |= {node for link in links for node in (link.old, link.new)}
        frontier = reached - nodes
        nodes |= reached
    return nodes, sorted(pairs, key=lambda p: (p.phone, p.bsuid)), list(links)


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
