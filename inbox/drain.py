"""Take waiting events and apply them, in batches. Any number of drains may run at once, on any number of machines.

The algebra, the constraints and one order of writing make that safe. A batch that the database refuses is rolled back
and halved, down to the event that is to blame, which is set aside with its reason and stops nobody else.
"""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import DatabaseError, InterfaceError, OperationalError, transaction
from django.utils import timezone

from webhooks import wake
from webhooks.items import Message, TemplateNews

from . import adoption, conversations, heartbeats, ingest, receipts, taking, template_news, versions
from .arrivals import Arrival, Changes, Number, Placed
from .lookahead import Lookahead
from .sql import columns, rows
from .taking import Event, Key

logger = logging.getLogger(__name__)

# Others have work on the same worker: what is still to do after this waits its turn behind theirs.
LONGEST_RUN_SECONDS = 2.0
# Serialization failure, deadlock, lock time-out: the fault of the moment, not of the event.
PASSING_STATES = frozenset({"40001", "40P01", "55P03"})
# Somebody else's row stood in the way: it is committed by now, so that another try finds it.
CONFLICT_STATES = frozenset({"23505", "23503"})
# Two conversations that become one, each with a message on its way to Meta: it passes when one of them is answered.
IN_FLIGHT = "one_message_in_flight_per_conversation"
PASSING_TRIES = 5
UNMIGRATED_STATES = frozenset({"42P01", "42703"})
# What psycopg counts as operational and an odd value can provoke: a limit of the program, such as an index row's size.
EVENT_CLASSES = frozenset({"54"})
# What an odd body could provoke in our own code; anything else is a fault of ours that must be loud.
ODD_BODY_ERRORS = (DatabaseError, ValueError, TypeError, LookupError, OverflowError, RecursionError, AttributeError)


def drain(seconds: float | None = None) -> int:
    """Apply everything that waits, and return how many events that was.

    After so many seconds it stops between two batches, and hints that there may be more.
    """
    wake.clear_mark()
    began = time.monotonic()
    done = 0
    held: set[Key] = set()
    ahead = Lookahead()
    with ahead.at_work():
        while taken := _take_and_apply(None, held, ahead):
            done += taken
            if seconds is not None and time.monotonic() - began > seconds:
                wake.wake_drain()
                break
    return done - len(held)


def _take_and_apply(only: Sequence[Key] | None, held: set[Key], ahead: Lookahead, tries: int = 0) -> int:
    """Apply one batch in one transaction; on a refusal, the halves of it. Returns how many events were dealt with.

    An event that is refused for a reason that passes joins those `held`: this run leaves it be, the next tries again.
    """
    taken: list[Key] = []
    try:
        with transaction.atomic():
            now = timezone.now()
            events = taking.take(only, held, ahead, now)
            taken = [event.key for event in events]
            if events:
                media = apply(events, now, writes_acts=True)
                transaction.on_commit(lambda: _fetch_media(media))
        return len(taken)
    except ODD_BODY_ERRORS as error:
        if not taken or _is_the_servers(error):
            raise
        refusal = error
    # Only here, so that whatever fails now does not carry the refusal, and with it somebody's values, into the log.
    if tries < _tries(refusal):
        return _take_and_apply(taken, held, ahead, tries + 1)
    if len(taken) > 1:
        middle = len(taken) // 2
        return _take_and_apply(taken[:middle], held, ahead) + _take_and_apply(taken[middle:], held, ahead)
    if _is_passing(refusal):
        held.add(taken[0])
        logger.warning("An event is left waiting for the next run (%s).", _state(refusal))
    else:
        _set_aside(taken[0], refusal)
    return 1


def _is_the_servers(error: Exception) -> bool:
    """The database is away, full, stopping, or not migrated: no event is to blame, and all of them wait."""
    if _state(error) in UNMIGRATED_STATES:
        return True
    if not isinstance(error, InterfaceError | OperationalError):
        return False
    return _state(error)[:2] not in EVENT_CLASSES and not _is_passing(error)


def _is_passing(error: Exception) -> bool:
    details = getattr(error.__cause__, "diag", None)
    return _state(error) in PASSING_STATES or getattr(details, "constraint_name", None) == IN_FLIGHT


def _tries(error: Exception) -> int:
    """How often a batch that was refused so is worth trying again as it is."""
    if _state(error) in PASSING_STATES:
        return PASSING_TRIES
    return 1 if _state(error) in CONFLICT_STATES and not _is_passing(error) else 0


def _state(error: Exception) -> str:
    return getattr(error.__cause__, "sqlstate", None) or ""


def apply(events: list[Event], now: datetime, *, writes_acts: bool) -> list[int]:
    """Apply parsed events in the caller's transaction. Returns messages with files to fetch.

    With `writes_acts` off (replay), no act of ours is written: a conversation is not reopened by what it replays.
    """
    changes = Changes()
    arrivals = _arrivals(events)
    fresh: list[Placed] = []
    for workspace_id, of_workspace in sorted(arrivals.items()):
        fresh += ingest.apply(workspace_id, of_workspace, changes, now)
    everything = [arrival for of_workspace in arrivals.values() for arrival in of_workspace]
    sent_elsewhere = [one.id for one in fresh if one.message.is_outgoing]
    receipts.apply(everything, sent_elsewhere, changes, now)
    # From here on conversations are locked, as everybody does it: after messages, before clocks.
    conversations.touch(fresh)
    conversations.recount(changes.recount)
    if writes_acts:
        conversations.reopen(fresh, now)
    changes.others |= template_news.apply(_template_news(events))
    _note_problems(events)
    versions.stamp(
        new_messages=changes.new_messages,
        messages=changes.messages,
        conversations=changes.conversations,
        proofs=changes.proofs,
        locked=changes.locked,
        others=changes.others,
    )
    return changes.media


def _arrivals(events: list[Event]) -> dict[int, list[Arrival]]:
    """Each item with the connection it is for, by workspace. What no connection of this app claims is an orphan."""
    numbers = _numbers({(event.meta_app_id, item.phone_number_id) for event in events for item in event.parsed.items})
    found: dict[int, list[Arrival]] = defaultdict(list)
    for event in events:
        for item in event.parsed.items:
            if not item.phone_number_id:
                continue
            number = numbers.get((event.meta_app_id, item.phone_number_id))
            if number is None:
                event.orphans.add(item.phone_number_id[:64])
            else:
                found[number.workspace_id].append(Arrival(item, number, event.received_at, *event.key))
    return found


def _template_news(events: list[Event]) -> list[template_news.News]:
    return [
        template_news.News(event.meta_app_id, item, event.received_at)
        for event in events
        for item in event.parsed.items
        if isinstance(item, TemplateNews)
    ]


def _numbers(wanted: Iterable[tuple[int, str]]) -> dict[tuple[int, str], Number]:
    records = sorted(pair for pair in wanted if pair[1])
    found = rows(
        """
        SELECT meta_app_id, phone_number_id, id, workspace_id, environment FROM connections_connection
        JOIN unnest(%s::bigint[], %s::text[]) wanted (app, number)
            ON meta_app_id = app AND phone_number_id = number
        WHERE proven_at IS NOT NULL FOR KEY SHARE OF connections_connection
        """,
        columns(records, 2),
    )
    return {(app, number): Number(*rest) for app, number, *rest in found}


NOTE = """
UPDATE webhooks_webhookevent event SET problem = new.problem, orphans = string_to_array(new.orphans, ' ')
FROM unnest(%s::date[], %s::bigint[], %s::text[], %s::text[]) new (day, id, problem, orphans)
WHERE event.day = new.day AND event.id = new.id
"""


def _note_problems(events: list[Event]) -> None:
    """What could not be understood, and whose numbers nobody claims."""
    records = [(*event.key, _problem(event), " ".join(sorted(event.orphans))) for event in events]
    if noted := [record for record in records if record[2] or record[3]]:
        rows(NOTE, columns(noted, 4))


def _problem(event: Event) -> str:
    problem = event.parsed.problem
    nobody = sum(1 for item in event.parsed.items if isinstance(item, Message) and not item.person)
    if nobody:
        problem = f"{problem} {nobody} message(s) name nobody that could be answered.".strip()
    return problem


def _set_aside(key: Key, error: Exception) -> None:
    """In a transaction of its own: the reason without the values, which may be somebody's words."""
    state = _state(error)
    reason = f"{type(error).__name__}{f' ({state})' if state else ''}: this event could not be applied."
    logger.error("An event was set aside: %s", reason)
    rows(
        "UPDATE webhooks_webhookevent SET state = 'set_aside', attempts = attempts + 1, problem = %s"
        " WHERE day = %s AND id = %s AND state = 'waiting'",
        [reason, *key],
    )


def _fetch_media(message_ids: list[int]) -> None:
    for message_id in message_ids:
        wake.publish("inbox.fetch_media", message_id, queue="sending")


MATCHING = "matching"


def sweep() -> None:
    """Each second: adopt orphans whose connection appeared, apply what waits, match what came too early."""
    adoption.adopt(timezone.now())
    drain(LONGEST_RUN_SECONDS)
    with transaction.atomic():
        began = timezone.now()
        versions.stamp(messages=receipts.attach_waiting(heartbeats.last(MATCHING)))
        heartbeats.beat(MATCHING, began)
