"""Who has opted out, as a page, a search and a file read it. The answer is worked out from the ledger each time."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from optouts import ledger
from optouts.models import ConsentEvent
from workspaces import keys

from . import search, speakers
from .models import Identity
from .speakers import Speaker

PAGE = 50
FOUND = 50
AT_ONCE = 100
# What one page looks through at most: most opt-outs may have been undone since.
LOOKED_AT = 1000


@dataclass(frozen=True, slots=True)
class Row:
    """A person and their answer. `opt_out` is the one in force; `event` is any of theirs, by which they are found."""

    speaker: Speaker
    opt_out: ConsentEvent | None
    event: ConsentEvent | None


@dataclass(frozen=True, slots=True)
class Page:
    rows: list[Row]
    next: str = ""


def page(workspace_id: int, before: str = "") -> Page:
    """Who is opted out, the newest first, each person once."""
    found: list[Row] = []
    walk = _walk(workspace_id, keys.read(before, 1))
    for looked_at, (event, row) in enumerate(walk, 1):
        if row is not None:
            found.append(row)
        if len(found) == PAGE or looked_at == LOOKED_AT:
            is_more = next(walk, None) is not None
            return Page(found, keys.write(event.provider_at, event.pk) if is_more else "")
    return Page(found)


def everybody(workspace_id: int) -> Iterator[Row]:
    """Everybody who is opted out, the newest first."""
    return (row for _, row in _walk(workspace_id, None, at_once=1000) if row is not None)


End = tuple[datetime, list[int]]


def _walk(workspace_id: int, end: End | None, at_once: int = AT_ONCE) -> Iterator[tuple[ConsentEvent, Row | None]]:
    """Every opt-out from there on, the newest first, with its person where it is the one in force."""
    while True:
        events = _opt_outs(workspace_id, end, at_once)
        who = speakers.of_events(workspace_id, events)
        standings = ledger.standings(workspace_id, {one.key: one.holdings for one in who.values()})
        for event in events:
            speaker = who[event.pk]
            in_force = _in_force(standings[speaker.key])
            is_it = in_force is not None and in_force.pk == event.pk
            yield event, Row(speaker, event, event) if is_it else None
        if len(events) < at_once:
            return
        end = (events[-1].provider_at, [events[-1].pk])


def _opt_outs(workspace_id: int, end: End | None, at_once: int) -> list[ConsentEvent]:
    found = ConsentEvent.objects.filter(workspace_id=workspace_id, direction=ConsentEvent.Direction.OUT)
    if end:
        at, (pk,) = end
        found = found.filter(Q(provider_at__lt=at) | Q(pk__lt=pk), provider_at__lte=at)
    return list(found.select_related("actor").defer("raw").order_by("-provider_at", "-pk")[:at_once])


def _in_force(standing: ledger.Standing) -> ConsentEvent | None:
    return standing.everything or standing.marketing


@dataclass(frozen=True, slots=True)
class Found:
    """Whom some words find, opted out or not; `is_cut` where there are more."""

    rows: list[Row]
    is_cut: bool


def find(workspace_id: int, words: str) -> Found:
    """People by name, username or number, and identities of the ledger that are nobody's yet."""
    words = search.tidied(words)
    ids = [row[0] for row in search.people(workspace_id, words).values_list("id")[: FOUND + 1]]
    nodes = _nobodys(workspace_id, words)
    people = [*speakers.of_contacts(workspace_id, ids[:FOUND]).values(), *map(speakers.nobodys, nodes[:FOUND])]
    rows = _rows(workspace_id, people)
    return Found(rows[:FOUND], max(len(rows), len(ids), len(nodes)) > FOUND)


def _nobodys(workspace_id: int, words: str) -> list[tuple[str, str]]:
    said = ConsentEvent.objects.filter(workspace_id=workspace_id)
    digits = search.digits_of(words)
    if len(digits) >= search.SHORTEST_INSIDE:
        said = said.filter(kind=Identity.Kind.PHONE, value__contains=digits)
    elif "." in words:
        said = said.exclude(kind=Identity.Kind.PHONE).filter(value__startswith=words)
    else:
        return []
    theirs = Q(kind=OuterRef("kind"), value=OuterRef("value"), contact__isnull=False)
    known = Identity.objects.filter(theirs, workspace_id=workspace_id)
    return sorted(said.filter(~Exists(known)).values_list("kind", "value").distinct()[: FOUND + 1])


def _rows(workspace_id: int, people: Iterable[Speaker]) -> list[Row]:
    """Those who are opted out first, then those who said anything, then the others."""
    by_key: dict[Hashable, Speaker] = {one.key: one for one in people}
    said = ledger.said_by(workspace_id, {key: one.holdings for key, one in by_key.items()})
    rows = []
    for key, speaker in by_key.items():
        opt_out = _in_force(ledger.decide(said[key]))
        rows.append(Row(speaker, opt_out, opt_out or next(iter(newest_first(said[key])), None)))
    return sorted(rows, key=lambda row: (row.opt_out is None, row.event is None, row.speaker.name.casefold()))


def newest_first(events: Iterable[ConsentEvent]) -> list[ConsentEvent]:
    return sorted(events, key=lambda event: (event.provider_at, event.pk), reverse=True)
