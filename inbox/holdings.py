"""Which identities were somebody's, and when: what was said by a number counts for whoever had it then.

Numbers change hands, and what a person said by one that they left still holds for them, as it does not for whoever
has it now. Most people never had another identity than those they have: for them nothing is worked out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

from optouts.ledger import Holding

from .kinship import Kinship, Node, kinship
from .models import Identity
from .sightings import everything_known
from .sql import rows

CHANGED = """
SELECT DISTINCT contact_id FROM inbox_identity identity
WHERE contact_id = ANY(%s) AND (is_shared OR EXISTS (
    SELECT 1 FROM inbox_identitylink link WHERE link.workspace_id = identity.workspace_id AND link.replaces
    AND (link.from_kind, link.from_value) = (identity.kind, identity.value)
) OR EXISTS (
    SELECT 1 FROM inbox_identitylink link WHERE link.workspace_id = identity.workspace_id AND link.replaces
    AND (link.to_kind, link.to_value) = (identity.kind, identity.value)))
"""


def holdings_of(workspace_id: int, held: Mapping[int, Collection[Identity]]) -> dict[int, set[Holding]]:
    """For each contact, by the identities it holds now: all that were theirs, with the times."""
    found = {contact: {Holding(one.kind, one.value) for one in identities} for contact, identities in held.items()}
    changed = [row[0] for row in rows(CHANGED, [sorted(held)])]
    if not changed:
        return found
    theirs = {contact: {(one.kind, one.value) for one in held[contact]} for contact in changed}
    nodes, pairs, links = everything_known(workspace_id, set().union(*theirs.values()))
    kin = kinship(pairs, links)
    by_person = _by_person(kin, nodes)
    for contact, own in theirs.items():
        found[contact] = set().union(*(by_person[kin.person(node)] for node in own))
    return found


def _by_person(kin: Kinship, nodes: set[Node]) -> dict[Node, set[Holding]]:
    found: dict[Node, set[Holding]] = defaultdict(set)
    for node in nodes:
        for spell in kin.spells(node):
            found[spell.person].add(Holding(*node, spell.since, spell.until, spell.is_doubtful))
    return found
