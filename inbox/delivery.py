"""The status algebra: a message's word is a function of the *set* of its evidence, so order and repeats do not matter.

    queued < sending < unconfirmed < accepted < sent < failed < delivered < read < played

Evidence belongs to an attempt. Delivered, read or played from any attempt wins; otherwise the newest attempt decides,
and earlier failures stay on the message. Proof that the person has it beats a report that they have not; the report
stays visible. Promise: a status is written only by evidence, and never goes back. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum


class Word(IntEnum):
    """The delivery words by rank. "Not sent" and "cancelled" end messages that never reached Meta."""

    QUEUED = 0
    CANCELLED = 1
    SENDING = 2
    NOT_SENT = 3
    UNCONFIRMED = 4
    ACCEPTED = 5
    SENT = 6
    FAILED = 7
    DELIVERED = 8
    READ = 9
    PLAYED = 10

    @property
    def label(self) -> str:
        return self.name.replace("_", " ").capitalize()


class Work(StrEnum):
    """What a machine still has to do: nothing (not ours), wait for its turn, be in a worker's hands, or no more."""

    NONE = ""
    WAITING = "waiting"
    CLAIMED = "claimed"
    DONE = "done"
    CANCELLED = "cancelled"


RECEIPT_WORDS = {
    "sent": Word.SENT,
    "failed": Word.FAILED,
    "delivered": Word.DELIVERED,
    "read": Word.READ,
    "played": Word.PLAYED,
}
OUTCOME_WORDS = {
    None: Word.SENDING,
    "accepted": Word.ACCEPTED,
    "refused": Word.FAILED,
    "not_sent": Word.NOT_SENT,
    "unconfirmed": Word.UNCONFIRMED,
}


@dataclass(frozen=True, slots=True)
class Attempt:
    """One Graph call. `outcome` is None while nobody knows, else accepted, refused, not_sent or unconfirmed."""

    number: int
    outcome: str | None = None
    finished_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """One status event of Meta's. Unknown statuses rank nowhere. `attempt` is 0 where the message has none."""

    status: str
    at: datetime | None = None
    attempt: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """The headline, and the earliest time of each step; None where no evidence gives one."""

    word: Word
    accepted_at: datetime | None = None
    sent_at: datetime | None = None
    failed_at: datetime | None = None
    delivered_at: datetime | None = None
    read_at: datetime | None = None
    played_at: datetime | None = None


def standing(
    attempts: Iterable[Attempt], receipts: Iterable[Receipt], work: Work = Work.DONE, base: Word = Word.QUEUED
) -> Standing:
    """The word and times that follow from all the evidence. `base` is the word of a message that has no attempts."""
    tried, told = set(attempts), set(receipts)
    newest = max((attempt.number for attempt in tried), default=0)
    latest = [attempt for attempt in tried if attempt.number == newest]
    words = [_own_word(latest, work, base)]
    for receipt in told:
        word = RECEIPT_WORDS.get(receipt.status)
        if word is not None and (word >= Word.DELIVERED or receipt.attempt >= newest):
            words.append(word)
    accepted = [attempt for attempt in tried if attempt.outcome == "accepted"]
    refused = [attempt for attempt in tried if attempt.outcome == "refused" and not _is_planned(attempt, newest, work)]
    failures = (_told_at(told, "failed"), _earliest(refused, lambda attempt: attempt.finished_at))
    return Standing(
        word=max(words),
        accepted_at=_earliest(accepted, lambda attempt: attempt.finished_at),
        sent_at=_told_at(told, "sent"),
        failed_at=min(filter(None, failures), default=None),
        delivered_at=_told_at(told, "delivered"),
        read_at=_told_at(told, "read"),
        played_at=_told_at(told, "played"),
    )


def _own_word(latest: list[Attempt], work: Work, base: Word) -> Word:
    """What our own side of the evidence says: the work still planned, or the outcome of the newest attempt."""
    if work == Work.CANCELLED:
        return Word.CANCELLED
    if work == Work.WAITING:
        return Word.SENDING if latest else Word.QUEUED
    if not latest:
        # Given up before any attempt: nothing ever left.
        return Word.NOT_SENT if work == Work.DONE and base == Word.QUEUED else base
    return max(OUTCOME_WORDS.get(attempt.outcome, Word.UNCONFIRMED) for attempt in latest)


def _is_planned(attempt: Attempt, newest: int, work: Work) -> bool:
    """Whether a refusal is only Meta's wish that we wait: another try is planned, or was made."""
    return attempt.number < newest or work == Work.WAITING


def _told_at(receipts: Iterable[Receipt], status: str) -> datetime | None:
    return min((receipt.at for receipt in receipts if receipt.status == status and receipt.at), default=None)


def _earliest(attempts: Iterable[Attempt], when: Callable[[Attempt], datetime | None]) -> datetime | None:
    return min((at for attempt in attempts if (at := when(attempt))), default=None)
