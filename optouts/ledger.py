"""The consent ledger: one batch in, and the current answer, as a function of the events whatever their order.

The newest provider time decides, and a tie favours the opt-out. A lift by a person names the event it lifts and counts
as later than it: it lifts whatever was said up to then. "STOP" then "ok" stays opted out; only an explicit opt-in or a
lift reopens. Opting in to marketing alone does not undo a STOP.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, fields, replace
from datetime import date, datetime
from typing import NamedTuple, TypeVar

from django.db import connection, transaction
from django.utils import timezone

from workspaces import audit
from workspaces.clock import tick
from workspaces.models import User

from .models import ConsentEvent


class Holding(NamedTuple):
    """An identity while it was a person's: from `since` (None: ever) until before `until` (None: still).

    In a doubtful one it may have been somebody else's: what was said against being written to counts all the same,
    what was said for it does not.
    """

    kind: str
    value: str
    since: datetime | None = None
    until: datetime | None = None
    is_doubtful: bool = False

    def covers(self, event: ConsentEvent) -> bool:
        """Whether the person said this. A lift is of whoever said what it lifts."""
        said = event.lifts or event
        if (said.kind, said.value) != (self.kind, self.value):
            return False
        if (self.since and said.provider_at < self.since) or (self.until and said.provider_at >= self.until):
            return False
        return not self.is_doubtful or said.direction == ConsentEvent.Direction.OUT


Identity = tuple[str, str]  # (kind, value)
Held = Identity | Holding  # an identity alone was always theirs
Key = TypeVar("Key")  # whatever the caller knows somebody by


@dataclass(frozen=True, slots=True)
class NewConsent:
    """An event to record. `evidence` is what makes it itself: a wamid, or a digest of what was said."""

    kind: str
    value: str
    scope: str
    direction: str
    source: str
    quote: str
    evidence: str
    provider_at: datetime
    event_day: date | None = None
    event_id: int | None = None
    raw: str = ""
    actor_id: int | None = None
    lifts_id: int | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """The opt-outs in force: of everything, and of marketing. None where there is none."""

    everything: ConsentEvent | None = None
    marketing: ConsentEvent | None = None


RECORD = """
INSERT INTO optouts_consentevent (kind, value, scope, direction, source, quote, evidence, provider_at, event_day,
    event_id, raw, actor_id, lifts_id, workspace_id, recorded_at)
SELECT *, %s, %s FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[],
    %s::timestamptz[], %s::date[], %s::bigint[], %s::text[], %s::bigint[], %s::bigint[])
    new (kind, value, scope, direction, source, quote, evidence, provider_at, event_day, event_id, raw, actor, lifts)
ORDER BY kind, value, source, evidence, direction
ON CONFLICT ON CONSTRAINT consent_recorded_once DO UPDATE SET provider_at = excluded.provider_at
WHERE excluded.provider_at < optouts_consentevent.provider_at RETURNING id
"""


def record(workspace_id: int, said: Iterable[NewConsent]) -> list[int]:
    """Record events, each once; returns the ids of those that are new. In the caller's transaction.

    Of one saying that came without a time of its own, and was stored twice, the earlier time counts.
    """
    earliest: dict[tuple[str, ...], NewConsent] = {}
    for one in said:
        key = (one.kind, one.value, one.source, one.evidence, one.direction)
        earliest[key] = min(earliest.get(key, one), one, key=lambda event: event.provider_at)
    if not earliest:
        return []
    columns = [list(column) for column in zip(*map(astuple, earliest.values()), strict=True)]
    assert len(columns) == len(fields(NewConsent))
    with connection.cursor() as cursor:
        cursor.execute(RECORD, [workspace_id, timezone.now(), *columns])
        return [row[0] for row in cursor.fetchall()]


def standing(workspace_id: int, identities: Iterable[Held]) -> Standing:
    """The answer for one person, by all of their identities."""
    holdings = [Holding(*one) for one in identities]
    return decide(theirs(_events(workspace_id, holdings), holdings))


def opted_out(workspace_id: int, people: Mapping[Key, Collection[Held]]) -> set[Key]:
    """Which of these people (key → identities) have opted out of everything. One query, however many."""
    return {key for key, found in standings(workspace_id, people).items() if found.everything is not None}


def standings(workspace_id: int, people: Mapping[Key, Collection[Held]]) -> dict[Key, Standing]:
    """The answer for each of these people (key → identities). One query, however many."""
    return {key: decide(events) for key, events in said_by(workspace_id, people).items()}


def said_by(workspace_id: int, people: Mapping[Key, Collection[Held]]) -> dict[Key, list[ConsentEvent]]:
    """All that each of these people (key → identities) said, in no order. One query, however many."""
    holdings = {key: [Holding(*one) for one in identities] for key, identities in people.items()}
    by_identity: dict[Identity, list[ConsentEvent]] = defaultdict(list)
    for event in _events(workspace_id, [one for held in holdings.values() for one in held]):
        by_identity[event.kind, event.value].append(event)
    return {
        key: theirs((event for node in {one[:2] for one in held} for event in by_identity[node]), held)
        for key, held in holdings.items()
    }


def theirs(events: Iterable[ConsentEvent], holdings: Iterable[Held]) -> list[ConsentEvent]:
    """Those of these events that the person said who had these identities."""
    held = [Holding(*one) for one in holdings]
    return [event for event in events if any(one.covers(event) for one in held)]


def decide(events: Iterable[ConsentEvent]) -> Standing:
    """The current answer from a person's events. Pure; order and repeats do not matter."""
    known = {event.pk: event for event in events}
    everything = _in_force(known, "all", {"all"})
    return Standing(everything, everything or _in_force(known, "marketing", {"all", "marketing"}))


def _in_force(known: dict[int, ConsentEvent], scope: str, reopening: set[str]) -> ConsentEvent | None:
    """The newest opt-out of a scope that nothing said in one of the `reopening` scopes has undone."""
    ins = [event for event in known.values() if event.direction == "in" and event.scope in reopening]
    said_in = max((event.provider_at for event in ins if event.lifts_id is None), default=None)
    lifted = [known[event.lifts_id] for event in ins if event.lifts_id in known]
    lifted_to = max((event.provider_at for event in lifted), default=None)
    outs = [
        event
        for event in known.values()
        if event.direction == "out"
        and event.scope == scope
        and (said_in is None or event.provider_at >= said_in)
        and (lifted_to is None or event.provider_at > lifted_to)
    ]
    return max(outs, key=lambda event: (event.provider_at, event.evidence), default=None)


def _events(workspace_id: int, holdings: Collection[Holding]) -> list[ConsentEvent]:
    """All that was said by these values, with what was lifted."""
    if not holdings:
        return []
    values = sorted({one.value for one in holdings})
    found = ConsentEvent.objects.filter(workspace_id=workspace_id, value__in=values).select_related("lifts")
    return list(found.defer("raw", "lifts__raw"))


@transaction.atomic
def opt_out(workspace_id: int, said: NewConsent, actor: User) -> bool:
    """A member's record of somebody's opt-out; audited, and once for its evidence. The caller checks the role."""
    if said.direction != ConsentEvent.Direction.OUT or said.source != ConsentEvent.Source.PERSON:
        raise ValueError("A member records opt-outs.")
    ids = record(workspace_id, [replace(said, actor_id=actor.pk)])
    for one in ids:
        audit.record(
            workspace_id, actor, audit.Action.OPT_OUT_ADDED, f"consent event {one}", after={"scope": said.scope}
        )
        tick([workspace_id])
    return bool(ids)


@transaction.atomic
def take_in(workspace_id: int, said: Sequence[NewConsent], actor: User, name: str, refused: int) -> int:
    """A member's import of opt-outs; audited by how many. Returns how many are new. The caller checks the role."""
    if any(one.direction != ConsentEvent.Direction.OUT or one.source != ConsentEvent.Source.IMPORT for one in said):
        raise ValueError("An import brings opt-outs alone.")
    added = len(record(workspace_id, [replace(one, actor_id=actor.pk) for one in said]))
    if added:
        told = {"added": added, "refused": refused}
        audit.record(workspace_id, actor, audit.Action.OPT_OUTS_IMPORTED, name, after=told)
        tick([workspace_id])
    return added


@transaction.atomic
def lift(event: ConsentEvent, actor: User, reason: str) -> None:
    """An admin's lift of one opt-out, with a reason; audited, and once. The caller checks the role."""
    if event.direction != ConsentEvent.Direction.OUT:
        raise ValueError("Only an opt-out can be lifted.")
    now = timezone.now()
    is_new = record(
        event.workspace_id,
        [
            NewConsent(
                kind=event.kind,
                value=event.value,
                scope=event.scope,
                direction="in",
                source="person",
                quote=reason,
                evidence=f"lift of {event.pk}",
                provider_at=now,
                actor_id=actor.pk,
                lifts_id=event.pk,
            )
        ],
    )
    if is_new:
        audit.record(event.workspace_id, actor, audit.Action.OPT_OUT_LIFTED, f"consent event {event.pk}")
        tick([event.workspace_id])
