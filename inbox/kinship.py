"""Who is who: which phone, BSUID and parent BSUID belong to one person, and whose a phone was at a given time.

Pure, and a function of the *set* of what was seen, so that the order in which webhooks arrive does not matter (P2).
The BSUID is the person. A phone seen with a second BSUID that Meta never linked to the first has a new owner: numbers
are recycled, so from that moment the phone is somebody else's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

Node = tuple[str, str]  # (kind, value)


@dataclass(frozen=True, slots=True)
class Pair:
    """A phone and a BSUID seen together, first at this provider time."""

    phone: str
    bsuid: str
    first_at: datetime


@dataclass(frozen=True, slots=True)
class Link:
    """Meta's word that both are one person; `replaces` when the first gave way to the second at that time."""

    old: Node
    new: Node
    at: datetime
    replaces: bool = True
    wamid: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Handover:
    """A phone went from one person to another; `holder` is the identity that the new one was seen with."""

    phone: str
    since: datetime
    holder: Node
    old: Node
    new: Node


@dataclass(frozen=True, slots=True)
class Spell:
    """An identity was this person's from `since` (None: ever) until before `until` (None: still).

    It is doubtful once they left a phone: whoever had it next may have had it already.
    """

    person: Node
    since: datetime | None = None
    until: datetime | None = None
    is_doubtful: bool = False


@dataclass(frozen=True, slots=True, order=True)
class _Tenure:
    since: datetime
    holder: Node
    # Somebody moved here from another number, so whoever wrote from it before was somebody else.
    is_move: bool = False


@dataclass(slots=True)
class Kinship:
    """Answers for every node it was made with."""

    _parent: dict[Node, Node] = field(default_factory=dict)
    _tenures: dict[str, list[_Tenure]] = field(default_factory=lambda: defaultdict(list))
    # When somebody left a phone, the first time first: whoever is seen with it only later is somebody else.
    _left: dict[str, list[datetime]] = field(default_factory=lambda: defaultdict(list))
    retired: dict[Node, datetime] = field(default_factory=dict)

    def person(self, node: Node, at: datetime | None = None) -> Node:
        """The person behind a node at a provider time (None: now), named by the least of their nodes."""
        return self._find(self._holder(node, at))

    def is_shared(self, phone: str) -> bool:
        holders = {self._find(tenure.holder) for tenure in self._tenures.get(phone, ())}
        if former := self.former(phone):
            holders.add(former)
        return len(holders) > 1

    def former(self, phone: str) -> Node | None:
        """Who wrote from this phone before the first who is known to have had it, where that was somebody else."""
        tenures = self._tenures.get(phone)
        if not tenures:
            return None
        first, left = tenures[0], self._left.get(phone)
        is_other = first.is_move or (left is not None and left[0] < first.since)
        return self._find(("phone", phone)) if is_other else None

    def handovers(self) -> list[Handover]:
        """Every time that a phone changed hands, in order."""
        found = []
        for phone, tenures in sorted(self._tenures.items()):
            held_by = self.former(phone) or self._find(tenures[0].holder)
            for tenure in tenures:
                holder = self._find(tenure.holder)
                if holder != held_by:
                    found.append(Handover(phone, tenure.since, tenure.holder, held_by, holder))
                held_by = holder
        return found

    def spells(self, node: Node) -> list[Spell]:
        """Whose this identity was, one after another; doubtful times are both the leaver's and the next one's."""
        tenures = self._tenures.get(node[1], []) if node[0] == "phone" else []
        first = tenures[0].holder if tenures and self.former(node[1]) is None else node
        holders = [(None, self._find(first)), *((tenure.since, self._find(tenure.holder)) for tenure in tenures)]
        ends = [*(since for since, _ in holders[1:]), None]
        found = []
        for number, ((since, person), until) in enumerate(zip(holders, ends, strict=True)):
            left = next((at for at in self._left_by(node) if _is_within(at, since, until)), None)
            found.append(Spell(person, since, left or until))
            if left is not None:
                others = {person, *(after for _, after in holders[number + 1 : number + 2])}
                found += [Spell(other, left, until, is_doubtful=True) for other in sorted(others)]
        return found

    def _left_by(self, node: Node) -> list[datetime]:
        return self._left.get(node[1], []) if node[0] == "phone" else []

    def _holder(self, node: Node, at: datetime | None) -> Node:
        if node[0] != "phone" or not self._tenures.get(node[1]):
            return node
        tenures = self._tenures[node[1]]
        holder = tenures[0].holder if self.former(node[1]) is None else node
        for tenure in tenures:
            if at is None or tenure.since <= at:
                holder = tenure.holder
        return holder

    def _find(self, node: Node) -> Node:
        while (above := self._parent.get(node, node)) != node:
            node = above
        return node

    def _join(self, one: Node, other: Node) -> None:
        first, second = sorted((self._find(one), self._find(other)))
        if first != second:
            self._parent[second] = first


def kinship(pairs: Iterable[Pair], links: Iterable[Link]) -> Kinship:
    """Work out who is who. Takes everything known of the people concerned; order and repeats do not matter."""
    kin = Kinship()
    for pair in pairs:
        kin._tenures[pair.phone].append(_Tenure(pair.first_at, ("bsuid", pair.bsuid)))
    for tenures in kin._tenures.values():
        tenures.sort()
    in_time = sorted(set(links), key=lambda link: (link.at, link.old, link.new, link.replaces, link.wamid))
    for link in in_time:
        if link.replaces and link.old[0] == "phone":
            kin._left[link.old[1]].append(link.at)
    for link in in_time:
        if "phone" not in (link.old[0], link.new[0]):
            kin._join(link.old, link.new)
    for link in in_time:
        holder = kin._holder(link.old, link.at)
        if link.new[0] != "phone":
            if link.old[0] == "phone":
                kin._join(holder, link.new)
        else:
            kin._tenures[link.new[1]].append(_Tenure(link.at, holder, is_move=True))
            kin._tenures[link.new[1]].sort()
    for link in in_time:
        if link.replaces and not _is_held_later(kin, link):
            kin.retired[link.old] = max(link.at, kin.retired.get(link.old, link.at))
    return kin


def _is_within(at: datetime, since: datetime | None, until: datetime | None) -> bool:
    """Whether somebody who had it from `since` left then: who comes in the moment another leaves is not the leaver."""
    return (since is None or since < at) and (until is None or at < until)


def _is_held_later(kin: Kinship, link: Link) -> bool:
    """Whether somebody was seen with the phone that was given up, after that."""
    return link.old[0] == "phone" and any(tenure.since > link.at for tenure in kin._tenures.get(link.old[1], ()))
