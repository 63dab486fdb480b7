"""The headline of our messages, computed again from all of their evidence and written where it changed."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from . import delivery
from .delivery import Attempt, Word, Work
from .models import Message, Receipt, SendAttempt
from .sql import columns, rows

WRITE = """
UPDATE inbox_message message SET word = new.word, work = new.work, accepted_at = new.accepted_at,
    sent_at = new.sent_at, failed_at = new.failed_at, delivered_at = new.delivered_at, read_at = new.read_at,
    played_at = new.played_at, problem = COALESCE(new.problem::jsonb, message.problem)
FROM unnest(%s::bigint[], %s::smallint[], %s::text[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[],
    %s::timestamptz[], %s::timestamptz[], %s::timestamptz[], %s::text[]) new (id, word, work, accepted_at, sent_at,
    failed_at, delivered_at, read_at, played_at, problem)
WHERE message.id = new.id
"""


def restate(message_ids: Iterable[int]) -> None:
    """Write what the status algebra says of these messages. In the caller's transaction; locks them in order."""
    ids = sorted(set(message_ids))
    locked = "SELECT id FROM inbox_message WHERE id = ANY(%s) AND direction = 'out' ORDER BY id FOR NO KEY UPDATE"
    if not ids or not rows(locked, [ids]):
        return
    attempts, receipts = _attempts(ids), _receipts(ids)
    known = Message.objects.filter(pk__in=ids, direction=Message.Direction.OUT).only(
        "word", "work", "source", "sent_at"
    )
    records = [_restated(message, attempts[message.pk], receipts[message.pk]) for message in known.order_by("pk")]
    rows(WRITE, columns(records, 10))


def _restated(message: Message, attempts: list[SendAttempt], told: list[Receipt]) -> tuple[Any, ...]:
    is_ours = message.source == Message.Source.OURS
    work = Work(message.work)
    if work == Work.WAITING and attempts and any(one.status in delivery.RECEIPT_WORDS for one in told):
        work = Work.DONE  # Meta has it, whatever its answer was: another try would send it twice
    found = delivery.standing(
        (Attempt(one.number, one.outcome, one.finished_at) for one in attempts),
        (delivery.Receipt(one.status, one.provider_at, one.attempt or 0) for one in told),
        work,
        Word.QUEUED if is_ours else Word(message.word or 0),
    )
    # What was sent elsewhere was sent when it was written; nobody gives us a receipt of that.
    known_sent = [] if is_ours else [message.sent_at]
    sent_at = min(filter(None, [found.sent_at, *known_sent]), default=None)
    failure = _failure(told)
    return (
        message.pk,
        int(found.word),
        work.value,
        found.accepted_at,
        sent_at,
        found.failed_at,
        found.delivered_at,
        found.read_at,
        found.played_at,
        json.dumps(failure) if failure else None,
    )


def _attempts(ids: list[int]) -> dict[int, list[SendAttempt]]:
    found: dict[int, list[SendAttempt]] = defaultdict(list)
    known = SendAttempt.objects.filter(message_id__in=ids)
    for attempt in known.only("message_id", "number", "outcome", "finished_at"):
        found[attempt.message_id].append(attempt)
    return found


def _receipts(ids: list[int]) -> dict[int, list[Receipt]]:
    found: dict[int, list[Receipt]] = defaultdict(list)
    for receipt in Receipt.objects.filter(message_id__in=ids).defer("raw"):
        if receipt.message_id is not None:
            found[receipt.message_id].append(receipt)
    return found


def _failure(receipts: list[Receipt]) -> dict[str, Any]:
    """The report of the newest failure, which stays on the message whatever else arrives."""
    failures = [receipt for receipt in receipts if receipt.status == "failed"]
    newest = max(failures, key=lambda one: (str(one.provider_at or ""), one.code or 0, str(one.errors)), default=None)
    if newest is None:
        return {}
    error = newest.errors[0] if newest.errors else {}
    return {"code": newest.code, "title": error.get("title", ""), "details": error.get("details", "")}
