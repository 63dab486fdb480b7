"""Who said what stands in the consent ledger: a contact, or an identity that nobody has written by yet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable
from dataclasses import dataclass

from optouts.ledger import Holding
from optouts.models import ConsentEvent

from . import names
from .holdings import holdings_of
from .kinship import Node
from .models import Contact, Identity
from .sightings import everything_known


@dataclass(frozen=True, slots=True)
class Speaker:
    """A person of the ledger. `node` is an identity of theirs, which says who they are where there is no contact."""

    node: Node
    holdings: frozenset[Holding]
    contact: Contact | None = None
    identities: tuple[Identity, ...] = ()

    @property
    def key(self) -> Hashable:
        return self.contact.pk if self.contact else self.node

    @property
    def name(self) -> str:
        return names.name_of(self.contact, self.identities) if self.contact else names.node_as_written(self.node)

    @property
    def addresses(self) -> list[str]:
        """Numbers first, as people know each other by them."""
        known = sorted(self.identities, key=lambda one: (one.kind != Identity.Kind.PHONE, one.pk))
        return [names.address_of(one) for one in known] or [names.node_as_written(self.node)]


def of_contacts(workspace_id: int, contact_ids: Iterable[int]) -> dict[int, Speaker]:
    held: dict[int, list[Identity]] = defaultdict(list)
    wanted = Identity.objects.filter(workspace_id=workspace_id, contact_id__in=set(contact_ids))
    for one in wanted.select_related("contact").order_by("pk"):
        assert one.contact_id is not None
        held[one.contact_id].append(one)
    holdings = holdings_of(workspace_id, held) if held else {}
    return {
        contact: Speaker(_first(theirs), frozenset(holdings[contact]), theirs[0].contact, tuple(theirs))
        for contact, theirs in held.items()
    }


def nobodys(node: Node) -> Speaker:
    """Somebody who has never written: of them only this is known."""
    return Speaker(node, frozenset({Holding(*node)}))


def of_events(workspace_id: int, events: Collection[ConsentEvent]) -> dict[int, Speaker]:
    """Who said each of these, by its id. A lift is of whoever said what it lifts."""
    nodes = {event.pk: _node(event) for event in events}
    found = _matched(events, nodes, _holders(workspace_id, set(nodes.values())))
    unclaimed = {nodes[event.pk] for event in events if event.pk not in found}
    if unclaimed:
        # Perhaps whoever has it now is not who had it then.
        kin, _, _ = everything_known(workspace_id, unclaimed)
        others = _holders(workspace_id, kin) if kin - set(nodes.values()) else {}
        rest = [event for event in events if event.pk not in found]
        found |= _matched(rest, nodes, others)
    return {pk: found.get(pk) or nobodys(node) for pk, node in nodes.items()}


def _node(event: ConsentEvent) -> Node:
    said = event.lifts or event
    return said.kind, said.value


def _first(identities: list[Identity]) -> Node:
    return identities[0].kind, identities[0].value


def _holders(workspace_id: int, nodes: set[Node]) -> dict[int, Speaker]:
    held = Identity.objects.filter(workspace_id=workspace_id, value__in={value for _, value in nodes})
    contacts = [one.contact_id for one in held if (one.kind, one.value) in nodes and one.contact_id is not None]
    return of_contacts(workspace_id, contacts)


def _matched(events: Iterable[ConsentEvent], nodes: dict[int, Node], holders: dict[int, Speaker]) -> dict[int, Speaker]:
    by_node: dict[Node, list[tuple[Holding, Speaker]]] = defaultdict(list)
    for speaker in holders.values():
        for holding in speaker.holdings:
            by_node[holding.kind, holding.value].append((holding, speaker))
    found: dict[int, Speaker] = {}
    for event in events:
        claims = [
            (one.is_doubtful, n, who) for n, (one, who) in enumerate(by_node[nodes[event.pk]]) if one.covers(event)
        ]
        if claims:
            found[event.pk] = min(claims, key=lambda claim: claim[:2])[2]
    return found
