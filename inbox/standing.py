"""The headline of our messages, computed again from all of their evidence and written where it changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from . import delivery
from .delivery import Attempt, Word, Work
from .models import Message, Receipt, SendAttempt
from .sql import rows


def restate(message_ids: Iterable[int]) -> None:
    """Write what the status algebra says of these messages. In the caller's transaction; locks them in order."""
    ids = sorted(set(message_ids))
    locked = "SELECT id FROM inbox_message WHERE id = ANY(%s) AND direction = 'out' ORDER BY id FOR NO KEY UPDATE"
    if not ids or not rows(locked, [ids]):
        return
    attempts, receipts = _attempts(ids), _receipts(ids)
    for message in Message.objects.filter(pk__in=ids, direction=Message.Direction.OUT):
        told = receipts[message.pk]
        base = Word(message.word or 0) if message.source != Message.Source.OURS else Word.QUEUED
        found = delivery.standing(
            (Attempt(one.number, one.outcome, one.finished_at) for one in attempts[message.pk]),
            (delivery.Receipt(one.status, one.provider_at, one.attempt or 0) for one in told),
            Work(message.work),
            base,
        )
        known: dict[str, Any] = asdict(found) | {"word": int(found.word)}
        if message.source != Message.Source.OURS:
            known["sent_at"] = found.sent_at or message.sent_at
        if failure := _failure(told):
            known["problem"] = failure
        Message.objects.filter(pk=message.pk).update(**known)


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
    newest = max(failures, key=lambda one: (str(one.provider_at or ""), one.code or 0), default=None)
    if newest is None:
        return {}
    error = newest.errors[0] if newest.errors else {}
    return {"code": newest.code, "title": error.get("title", ""), "details": error.get("details", "")}
