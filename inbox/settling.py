"""What became of an attempt, written once: by the answer, by the guard, or by the reaper.

Each settles only what nobody settled; an answer that comes after the reaper spoke still counts, as it is evidence.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from connections.graph.answers import Accepted
from connections.graph.catalogue import explain_error
from connections.graph.errors import GraphError, NotSent, Throttled
from connections.graph.retry import retry_delay

from . import receipts, standing, versions
from .guard import Verdict
from .models import Message, SendAttempt, Work
from .sql import rows


def settle_accepted(message: Message, attempt: SendAttempt, accepted: Accepted) -> None:
    """Meta took it and gave its id: the only thing that makes a message "accepted" (P4)."""
    _settle(
        message,
        attempt,
        {"outcome": "accepted", "wamid": accepted.wamid, "http_status": 200, "raw": str(accepted.raw)[:4000]},
        {"work": Work.DONE, "wamid": accepted.wamid, "problem": {}},
        open_outcomes=(None, "unconfirmed"),
    )


def settle_error(message: Message, attempt: SendAttempt, error: GraphError) -> None:
    """Refused, to be tried again, or unconfirmed: whatever is not provably one of the first two is the last."""
    now = timezone.now()
    said = explain_error(error)
    outcome = {"not sent": "not_sent", "refused": "refused"}.get(error.outcome, "unconfirmed")
    seen = {
        "outcome": outcome,
        "http_status": error.http_status,
        "code": error.code,
        "subcode": error.subcode,
        "title": error.title or error.message,
        "details": error.details or error.reason,
        "fbtrace_id": error.fbtrace_id,
        "raw": error.raw,
    }
    problem = {
        "code": error.code,
        "title": error.title or error.message,
        "details": error.details,
        "sentence": said.sentence,
        "next_step": said.next_step,
        "who": said.who,
    }
    _settle(message, attempt, seen, _plan(message, attempt, error, now) | {"problem": problem})


def _plan(message: Message, attempt: SendAttempt, error: GraphError, now: datetime) -> dict[str, Any]:
    """Whether a machine tries again: only where Meta certainly did not take it, and before the deadline."""
    delay = retry_delay(error, attempt.number) if isinstance(error, NotSent | Throttled) else None
    if delay is None or message.deadline is None:
        return {"work": Work.DONE}
    if now + delay < message.deadline:
        return {"work": Work.WAITING, "due_at": now + delay}
    # It stays a message that never left; the words are kept for editing.
    return {"work": Work.DONE}


def refused_by_guard(message: Message, attempt: SendAttempt, verdict: Verdict) -> None:
    """No call was made; the reasons are kept with the message."""
    reasons = verdict.as_json()
    first = reasons[0] if reasons else {}
    seen = {"outcome": "not_sent", "details": " ".join(one["sentence"] for one in reasons)}
    _settle(message, attempt, seen, {"work": Work.DONE, "problem": {**first, "reasons": reasons}})


def try_again_at_once(message: Message, attempt: SendAttempt, why: str) -> None:
    """No call was made, and the next attempt will do it right."""
    now = timezone.now()
    _settle(message, attempt, {"outcome": "not_sent", "details": why}, {"work": Work.WAITING, "due_at": now})


def lost(message: Message, attempt: SendAttempt) -> bool:
    """The reaper's: a worker took it and never came back, so nobody knows."""
    why = "The worker that was sending this stopped before it could say what became of it."
    step = "It may have been delivered. Wait for Meta's receipt, or send it again as a new message."
    problem = {"sentence": why, "next_step": step, "who": "agent"}
    return _settle(
        message, attempt, {"outcome": "unconfirmed", "details": why}, {"work": Work.DONE, "problem": problem}
    )


@transaction.atomic
def _settle(
    message: Message,
    attempt: SendAttempt,
    seen: dict[str, Any],
    then: dict[str, Any],
    open_outcomes: Sequence[str | None] = (None,),
) -> bool:
    """Write the outcome if the attempt is still open, restate the message, and raise the versions."""
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
    versions.stamp(
        messages={message.workspace_id: [message.pk]},
        conversations={message.workspace_id: [message.conversation_id]},
    )
    return True
