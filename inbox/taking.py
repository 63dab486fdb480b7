"""Which waiting events a drain takes next: the oldest that nobody else has, up to the limits of one batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from operator import itemgetter

from webhooks.items import Parsed

from .lookahead import Lookahead
from .sql import columns, rows

MAX_EVENTS = 500
MAX_BYTES = 4 * 1024 * 1024
MAX_ITEMS = 5000

Key = tuple[date, int]


@dataclass(slots=True)
class Event:
    key: Key
    meta_app_id: int
    received_at: datetime
    parsed: Parsed
    orphans: set[str] = field(default_factory=set)


# Taken and marked in one statement, so that each event is written once; a refusal rolls both back. The first is taken
# however large it is.
TAKE = """
WITH locked AS (
    SELECT day, id, received_at, octet_length(body) AS octets FROM webhooks_webhookevent
    WHERE state = 'waiting' {only} ORDER BY received_at, id LIMIT %s FOR UPDATE SKIP LOCKED
), measured AS (
    SELECT day, id, octets, sum(octets) OVER (ORDER BY received_at, id) AS total FROM locked
)
UPDATE webhooks_webhookevent event
SET state = 'applied', attempts = attempts + 1, applied_at = %s, problem = '', orphans = '{{}}' FROM measured
WHERE event.day = measured.day AND event.id = measured.id AND (measured.total <= %s OR measured.total = measured.octets)
RETURNING event.received_at, event.id, event.day, event.meta_app_id, event.body
"""
# Statistics seldom know how many events wait. Thinking of none, the planner would sort all that wait for every batch,
# where an index has the first ones in order.
IN_ORDER, IN_ANY_ORDER = "SET LOCAL enable_sort = off", "SET LOCAL enable_sort = on"
GIVE_BACK = """
UPDATE webhooks_webhookevent event SET state = 'waiting', attempts = attempts - 1, applied_at = NULL
FROM unnest(%s::date[], %s::bigint[]) new (day, id) WHERE event.day = new.day AND event.id = new.id
"""


def take(only: Sequence[Key] | None, held: set[Key], ahead: Lookahead, now: datetime) -> list[Event]:
    """Take waiting events that nobody else has, up to the limits of a batch, and parse them, in the caller's
    transaction: `only` those named, or with None the oldest that are not `held`.
    """
    if only is None:
        chosen, keys = "AND (day, id) NOT IN (SELECT * FROM unnest(%s::date[], %s::bigint[]))", sorted(held)
    else:
        chosen, keys = "AND (day, id) IN (SELECT * FROM unnest(%s::date[], %s::bigint[]))", list(only)
    rows(IN_ORDER)
    found = rows(TAKE.format(only=chosen), [*columns(keys, 2), MAX_EVENTS, now, MAX_BYTES])
    found.sort(key=itemgetter(0, 1))
    events: list[Event] = []
    count = 0
    for received_at, event_id, day, meta_app_id, body in found:
        parsed = ahead.parsed((day, event_id), body)
        count += len(parsed.items)
        if events and count > MAX_ITEMS:
            rows(GIVE_BACK, columns([(one[2], one[1]) for one in found[len(events) :]], 2))
            break
        events.append(Event((day, event_id), meta_app_id, received_at, parsed))
    if len(found) == MAX_EVENTS:
        ahead.fetch(found[-1][:2], MAX_EVENTS, MAX_BYTES)
    rows(IN_ANY_ORDER)
    return events
