"""What became of an attempt, written once: by the answer, by the guard, or by the reaper.

Each settles only what nobody settled; an answer that comes after the reaper spoke still counts, as it is evidence.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from connections.graph.answers import Accepted
from connections.graph.catalogue import explain_error
from connections.graph.errors import GraphError, NotSent, Throttled, Unconfirmed
from connections.graph.retry import retry_delay

from . import receipts, standing, versions
from .guard import Verdict
from .models import Message, SendAttempt, Work
from .sql import rows

logger = logging.getLogger(__name__)

TRACE_LIMIT = 120
# Seconds between tries to write an outcome: a database that restarts is back within these, and the reaper waits longer.
RESTART_PAUSES = (0.5, 1.5, 4.0, 10.0)
GIVEN_UP = "It is not tried any more. Copy the words and send them again if they still fit."


def settle_accepted(message: Message, attempt: SendAttempt, accepted: Accepted) -> None:
    """Meta took it and gave its id: the only thing that makes a message "accepted" (P4)."""
    seen = {
        "outcome": "accepted",
        "wamid": accepted.wamid,
        "http_status": accepted.http_status,
        "fbtrace_id": accepted.fbtrace_id[:TRACE_LIMIT],
        "raw": accepted.raw,
    }
    then = {"work": Work.DONE, "wamid": accepted.wamid, "problem": {}}
    try:
        _settle(message, attempt, seen, then, open_outcomes=(None, "unconfirmed"))
        return
    except IntegrityError:
        pass  # and left behind: PostgreSQL names the id in it, and a failure of what follows would log both
    # An id names one message. This one is another's already, so it proves nothing of ours.
    reason = "Meta answered with the id of another message."
    settle_error(message, attempt, Unconfirmed(reason, http_status=accepted.http_status, raw=accepted.raw))


def settle_error(message: Message, attempt: SendAttempt, error: GraphError) -> None:
    """Refused, to be tried again, or unconfirmed: whatever is not provably one of the first two is the last."""
    said = explain_error(error)
    outcome = {"not sent": "not_sent", "refused": "refused"}.get(error.outcome, "unconfirmed")
    seen = {
        "outcome": outcome,
        "http_status": error.http_status,
        "code": error.code,
        "subcode": error.subcode,
        "title": error.title or error.message,
        "details": error.details or error.reason,
        "fbtrace_id": error.fbtrace_id[:TRACE_LIMIT],
        "raw": error.raw,
    }
    problem = {
        "outcome": outcome,
        "code": error.code,
        "title": error.title or error.message,
        "details": error.details,
        "sentence": said.sentence,
        "next_step": said.next_step,
        "who": said.who,
    }
    if _settle(message, attempt, seen, _plan(message, attempt, error, problem)) or outcome != "refused":
        return
    # The reaper spoke first. A refusal settles what it left open; but a person may have acted on it, so no new try.
    _settle(message, attempt, seen, {"work": Work.DONE, "problem": problem}, open_outcomes=("unconfirmed",))


def _plan(message: Message, attempt: SendAttempt, error: GraphError, problem: dict[str, Any]) -> dict[str, Any]:
    """Whether a machine tries again: only where Meta certainly did not take it, and before the deadline."""
    now = timezone.now()
    delay = retry_delay(error, attempt.number) if isinstance(error, NotSent | Throttled) else None
    if delay is None or message.deadline is None:
        return {"work": Work.DONE, "problem": problem}
    if now + delay < message.deadline:
        return {"work": Work.WAITING, "due_at": now + delay, "problem": problem}
    return {"work": Work.DONE, "problem": problem | {"next_step": GIVEN_UP, "who": "agent"}}


def hold(message: Message, since: datetime, until: datetime) -> None:
    """It waits, unclaimed, until Meta's events are applied, or for its deadline."""
    sentence = f"Events from Meta have been waiting since {since:%H:%M:%S} UTC; it leaves when they are applied."
    problem = {"outcome": "held", "sentence": sentence, "next_step": "Wait for it, or cancel it.", "who": "you"}
    with transaction.atomic():
        waiting = Message.objects.filter(pk=message.pk, work=Work.WAITING)
        if waiting.update(due_at=until, problem=problem):
            _stamp(message)


def refused_by_guard(message: Message, attempt: SendAttempt, verdict: Verdict) -> None:
    """No call was made; the reasons are kept with the message."""
    reasons = verdict.as_json()
    first = reasons[0] if reasons else {}
    seen = {"outcome": "not_sent", "details": " ".join(one["sentence"] for one in reasons)}
    _settle(message, attempt, seen, {"work": Work.DONE, "problem": {**first, "outcome": "guard", "reasons": reasons}})


def try_again_at_once(message: Message, attempt: SendAttempt, why: str) -> None:
    """No call was made, and the next attempt will do it right."""
    now = timezone.now()
    _settle(message, attempt, {"outcome": "not_sent", "details": why}, {"work": Work.WAITING, "due_at": now})


def lost(message: Message, attempt: SendAttempt) -> bool:
    """The reaper's: a worker took it and never came back, so nobody knows."""
    why = "The worker that was sending this stopped before it could say what became of it."
    step = "It may have been delivered. Wait for Meta's receipt, or send it again as a new message."
    problem = {"outcome": "unconfirmed", "sentence": why, "next_step": step, "who": "agent"}
    return _settle(
        message, attempt, {"outcome": "unconfirmed", "details": why}, {"work": Work.DONE, "problem": problem}
    )


def _settle(
    message: Message,
    attempt: SendAttempt,
    seen: dict[str, Any],
    then: dict[str, Any],
    open_outcomes: Sequence[str | None] = (None,),
) -> bool:
    """Write the outcome if the attempt is still open. Tried again while the database restarts: only we know it."""
    for pause in RESTART_PAUSES:
        try:
            return _settle_once(message, attempt, seen, then, open_outcomes)
        except (InterfaceError, OperationalError):
            if connection.in_atomic_block:
                raise
            logger.warning("What became of message %s could not be written; it is tried again.", message.pk)
            connection.close()
            time.sleep(pause)
    return _settle_once(message, attempt, seen, then, open_outcomes)


@transaction.atomic
def _settle_once(
    message: Message,
    attempt: SendAttempt,
    seen: dict[str, Any],
    then: dict[str, Any],
    open_outcomes: Sequence[str | None],
) -> bool:
    """Write the outcome, restate the message, and raise the versions, if the attempt is still open."""
    rows("SELECT 1 FROM inbox_message WHERE id = %s FOR NO KEY UPDATE", [message.pk])
    open_now = SendAttempt.objects.filter(pk=attempt.pk)
    outcome = open_now.values_list("outcome", flat=True).get()
    if outcome not in open_outcomes:
        return False
    open_now.update(finished_at=timezone.now(), **seen)
    # Only the newest attempt plans the work; a late answer to an earlier one is evidence and no more.
    planned = Message.objects.filter(pk=message.pk)
    if not planned.filter(attempt=attempt.number).update(**then) and "wamid" in then:
        planned.filter(wamid__isnull=True).update(wamid=then["wamid"])
    receipts.attach([message.pk])
    standing.restate([message.pk])
    _stamp(message)
    return True


def _stamp(message: Message) -> None:
    versions.stamp(
        messages={message.workspace_id: [message.pk]},
        conversations={message.workspace_id: [message.conversation_id]},
    )
