"""What was seen and told of identities, kept with the earliest (provider time, wamid): whatever came first counts."""

from __future__ import annotations

from datetime import datetime

from .kinship import Link, Node, Pair
from .sql import columns, rows


def note_pairs(workspace_id: int, pairs: dict[tuple[str, str], tuple[datetime, str]]) -> list[Pair]:
    """Keep each pair with the earliest time it was seen at; returns those that are new or earlier than known."""
    if not pairs:
        return []
    phones = sorted({phone for phone, _ in pairs})
    known = {
        (phone, bsuid): (at, wamid)
        for phone, bsuid, at, wamid in rows(
            "SELECT phone, bsuid, first_at, wamid FROM inbox_sighting WHERE workspace_id = %s AND phone = ANY(%s)",
            [workspace_id, phones],
        )
    }
    fresh = sorted((*key, *seen) for key, seen in pairs.items() if key not in known or seen < known[key])
    if fresh:
        rows(
            """
            INSERT INTO inbox_sighting (workspace_id, phone, bsuid, first_at, wamid)
            SELECT %s, *
            FROM unnest(%s::text[], %s::text[], %s::timestamptz[], %s::text[]) new (phone, bsuid, at, wamid)
            ORDER BY phone, bsuid
            ON CONFLICT (workspace_id, phone, bsuid) DO UPDATE SET first_at = excluded.first_at, wamid = excluded.wamid
            WHERE (excluded.first_at, excluded.wamid) < (inbox_sighting.first_at, inbox_sighting.wamid)
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
        DO UPDATE SET at = excluded.at, wamid = excluded.wamid
        WHERE (excluded.at, excluded.wamid) < (inbox_identitylink.at, inbox_identitylink.wamid)
        RETURNING from_kind, from_value, to_kind, to_value, at, replaces, wamid
        """,
        [workspace_id, *columns(records, 7)],
    )
    return [Link((a, b), (c, d), *rest) for a, b, c, d, *rest in told]


def everything_known(workspace_id: int, start: set[Node]) -> tuple[set[Node], list[Pair], list[Link]]:
    """All identities that these lead to by what was seen and told, and all that was seen and told of them."""
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
            SELECT from_kind, from_value, to_kind, to_value, at, replaces, wamid FROM inbox_identitylink
            WHERE workspace_id = %s AND (
                (from_kind, from_value) IN (SELECT * FROM unnest(%s::text[], %s::text[]))
                OR (to_kind, to_value) IN (SELECT * FROM unnest(%s::text[], %s::text[])))
            """,
            [workspace_id, kinds, values, kinds, values],
        )
        links |= {Link((a, b), (c, d), *rest) for a, b, c, d, *rest in told}
        reached = {node for pair in pairs for node in (("phone", pair.phone), ("bsuid", pair.bsuid))}
        reached |= {node for link in links for node in (link.old, link.new)}
        frontier = reached - nodes
        nodes |= reached
    return nodes, sorted(pairs, key=lambda p: (p.phone, p.bsuid)), list(links)
