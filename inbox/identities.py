"""Identities in the database: found or made in one order for everybody, and held until the transaction ends."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .kinship import Node
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


def hold(workspace_id: int, nodes: Iterable[Node]) -> dict[Node, Row]:
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
