"""What a message's delivery word rests on: every attempt of ours and every receipt of Meta's, in order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from connections.graph.catalogue import explain

from .causes import Cause
from .marks import LOOKS
from .models import Message, Receipt, SendAttempt, Word
from .names import phone_as_written

# Each step of a delivery, in the order in which they happen.
STEPS = (
    (Word.ACCEPTED, "accepted_at"),
    (Word.SENT, "sent_at"),
    (Word.DELIVERED, "delivered_at"),
    (Word.READ, "read_at"),
    (Word.PLAYED, "played_at"),
)
OUTCOMES = {
    SendAttempt.Outcome.ACCEPTED: ("Accepted by Meta", "neutral"),
    SendAttempt.Outcome.REFUSED: ("Refused by Meta", "stop"),
    SendAttempt.Outcome.NOT_SENT: ("Never left us", "stop"),
    SendAttempt.Outcome.UNCONFIRMED: ("No answer we could read: it may have been accepted", "warn"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a delivery. `at` is None for one that a later step implies and nobody reported."""

    word: str
    label: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing on the timeline.

    `provider_at` is Meta's time and `at` ours (when it was stored); `delay` lies between them. `facts` are pairs of a
    name and a value, `raw` the exact fragment as it was received.
    """

    kind: str
    title: str
    meaning: str
    icon: str
    at: datetime
    provider_at: datetime | None = None
    delay: timedelta | None = None
    applied_at: datetime | None = None
    finished_at: datetime | None = None
    sentence: str = ""
    next_step: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    raw: str = ""


def steps_of(message: Message) -> list[Step]:
    """The steps up to the one the message has reached; none for what customers write."""
    if message.word is None:
        return []
    known = {word: getattr(message, column) for word, column in STEPS}
    reached = max((word for word, at in known.items() if at is not None), default=None)
    if reached is None:
        return []
    return [
        Step(LOOKS[word][0], word.label, known[word])
        for word, _ in STEPS
        if word <= reached and not (word is Word.ACCEPTED and message.source != Message.Source.OURS)
    ]


def timeline_of(message: Message, cause: Cause | None = None) -> list[Entry]:
    """Everything known of a message, by our own clock, the earliest first; with the change it fails since."""
    entries = [_beginning(message)]
    if cause is not None:
        entries.append(_change(cause))
    entries += [_attempt(attempt) for attempt in message.attempts.order_by("number")]
    entries += [_receipt(receipt) for receipt in message.receipts.order_by("received_at", "pk")]
    return sorted(entries, key=lambda entry: entry.at)


def _beginning(message: Message) -> Entry:
    if message.source == Message.Source.OURS:
        author = str(message.author) if message.author else "somebody who has left"
        return Entry("written", f"Written by {author}", "neutral", "pencil-square", message.placed_at)
    titles = {
        Message.Source.HISTORY: "Told by the phone's history",
        Message.Source.ECHO: "Sent from the phone app",
        Message.Source.LIVE: "Written by the customer",
    }
    return Entry(
        "message",
        titles[Message.Source(message.source)],
        "neutral",
        "chat-bubble-left",
        message.received_at,
        provider_at=message.provider_at,
        delay=_delay(message.provider_at, message.received_at),
        applied_at=message.processed_at,
        facts=_filled(("Kind", message.kind), ("Message id", message.wamid or "")),
        raw=message.raw,
    )


def _change(cause: Cause) -> Entry:
    since = "Nothing was accepted from this number between then and this failure"
    sentence = f"{since}; something has been since." if cause.is_over else f"{since}, nor after it."
    return Entry("change", cause.sentence, "warn", "wrench-screwdriver", cause.at, sentence=sentence)


def _attempt(attempt: SendAttempt) -> Entry:
    if attempt.outcome:
        title, meaning = OUTCOMES[SendAttempt.Outcome(attempt.outcome)]
    else:
        title, meaning = "Started, and no answer was noted", "warn"
    said = _explained(attempt.code, attempt.http_status, attempt.title, attempt.details)
    number = phone_as_written(attempt.recipient) if attempt.recipient_kind == "phone" else attempt.recipient
    return Entry(
        "attempt",
        f"Attempt {attempt.number}: {title}",
        meaning,
        "paper-airplane",
        attempt.started_at,
        finished_at=attempt.finished_at,
        delay=attempt.finished_at - attempt.started_at if attempt.finished_at else None,
        sentence=said[0],
        next_step=said[1],
        facts=_filled(
            ("From number id", attempt.phone_number_id),
            ("To", f"{number} ({attempt.recipient_kind})"),
            ("Token", attempt.token_fingerprint),
            ("Graph version", attempt.graph_version),
            ("HTTP status", attempt.http_status),
            ("Code", attempt.code),
            ("Subcode", attempt.subcode),
            ("Meta's words", ": ".join(filter(None, (attempt.title, attempt.details)))),
            ("Meta's trace", attempt.fbtrace_id),
            ("Message id", attempt.wamid),
            ("Worker", attempt.worker),
        ),
        raw=attempt.raw,
    )


def _receipt(receipt: Receipt) -> Entry:
    word = next((word for word, look in LOOKS.items() if look[0] == receipt.status), None)
    _, icon, meaning = LOOKS[word] if word is not None else ("", "question-mark-circle", "neutral")
    error = receipt.errors[0] if receipt.errors and isinstance(receipt.errors[0], dict) else {}
    title, details = str(error.get("title") or ""), str(error.get("details") or "")
    said = _explained(receipt.code, None, title, details)
    return Entry(
        "receipt",
        f"Meta reports: {receipt.status or 'nothing'}",
        meaning,
        icon,
        receipt.received_at,
        provider_at=receipt.provider_at,
        delay=_delay(receipt.provider_at, receipt.received_at),
        applied_at=receipt.processed_at,
        sentence=said[0],
        next_step=said[1],
        facts=_filled(
            ("For attempt", receipt.attempt or None),
            ("Code", receipt.code),
            ("Meta's words", ": ".join(filter(None, (title, details)))),
            ("Participant", receipt.participant),
            ("Message id", receipt.wamid),
        ),
        raw=receipt.raw,
    )


def _explained(code: int | None, http_status: int | None, title: str, details: str) -> tuple[str, str]:
    if code is None and not title and (http_status is None or http_status < 400):
        return "", ""
    said = explain(code, http_status=http_status, title=title, details=details)
    return said.sentence, said.next_step


def _delay(provider_at: datetime | None, received_at: datetime) -> timedelta | None:
    return received_at - provider_at if provider_at else None


def _filled(*facts: tuple[str, object]) -> tuple[tuple[str, str], ...]:
    return tuple((name, str(value)) for name, value in facts if value not in (None, ""))
