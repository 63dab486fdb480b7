"""Lines in the thread about a person's numbers: that Meta reported a change, or that a phone has a new owner.

They follow from what was seen and told, like everything else: drawn again whenever more is known of those people, so
a line that turns out to be wrong goes, and one that is missing comes, at the time it is about.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from .household import Household
from .sql import columns, rows


class Line(NamedTuple):
    """`key` stands in the act's wamid: a line is written once in each of the contact's conversations."""

    contact: int
    kind: str
    key: str
    detail: str
    at: datetime


def lines_of(house: Household) -> list[Line]:
    """What there is to say of the numbers of these people."""
    said: list[Line] = []
    for one in house.kin.handovers():
        loser, winner = house.owners.get(one.old), house.owners.get(one.new)
        if loser is not None and winner is not None:
            key, phone = f"{one.phone}:{one.holder[1]}", f"+{one.phone}"
            said.append(Line(loser, "number_moved", f"lost:{key}", f"{phone} now belongs to somebody else.", one.since))
            said.append(Line(winner, "number_moved", f"got:{key}", f"{phone} had another owner before.", one.since))
    told = [link for link in house.links if link.replaces]
    # A move is told twice, by the new number and by the new id: the id stands for both.
    named = {(link.old, link.wamid) for link in told if link.new[0] == "bsuid"}
    told = [link for link in told if link.new[0] != "phone" or (link.old, link.wamid) not in named]
    for new in {link.new for link in told}:
        links = [link for link in told if link.new == new]
        first = min(links, key=lambda link: (link.at, link.wamid))
        is_number = any("phone" in (link.old[0], link.new[0]) for link in links)
        detail = "This person has a new number." if is_number else "WhatsApp gave this person a new id."
        if contact := house.owners.get(house.kin.person(new, first.at)):
            said.append(Line(contact, "number_changed", first.wamid, detail, first.at))
    return said


WRITTEN = """
SELECT act.id, conversation.id, conversation.contact_id, act.kind, act.wamid, act.detail, act.at
FROM inbox_conversation conversation
LEFT JOIN inbox_act act ON act.conversation_id = conversation.id AND act.kind IN ('number_changed', 'number_moved')
WHERE conversation.contact_id = ANY(%s)
"""
WRITE = """
INSERT INTO inbox_act (workspace_id, conversation_id, kind, wamid, detail, at, version)
SELECT %s, conversation, kind, wamid, detail, at, 0
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::timestamptz[])
    new (conversation, kind, wamid, detail, at)
ORDER BY conversation, kind, wamid ON CONFLICT DO NOTHING
"""


def redraw(workspace_id: int, house: Household) -> set[int]:
    """Write these people's lines in each of their conversations; returns the conversations that changed."""
    wanted: dict[int, set[Line]] = {}
    for line in lines_of(house):
        wanted.setdefault(line.contact, set()).add(line)
    stale: dict[int, int] = {}
    missing: dict[int, set[Line]] = {}
    for act, conversation, *written in rows(WRITTEN, [sorted(set(house.owners.values()))]):
        line = Line(*written)
        if act is not None and line not in wanted.get(line.contact, set()):
            stale[act] = conversation
        missing.setdefault(conversation, set(wanted.get(line.contact, set()))).discard(line)
    if stale:
        rows("DELETE FROM inbox_act WHERE id = ANY(%s)", [sorted(stale)])
    fresh = sorted((conversation, *line[1:]) for conversation, lines in missing.items() for line in lines)
    if fresh:
        rows(WRITE, [workspace_id, *columns(fresh, 5)])
    return {line[0] for line in fresh} | set(stale.values())
