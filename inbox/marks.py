"""What is known of a message's delivery, as a person reads it: a word, its time, and why it failed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from connections.graph.catalogue import explain

from .models import Message, Word, Work

RECEIPT_OWED = timedelta(minutes=2)
ASK_A_PERSON = timedelta(minutes=5)

# word → (name on the wire, icon of heroicons, meaning). A meaning is a colour, and always has a word beside it.
LOOKS: dict[Word, tuple[str, str, str]] = {
    Word.QUEUED: ("queued", "clock", "neutral"),
    Word.CANCELLED: ("cancelled", "x-mark", "neutral"),
    Word.SENDING: ("sending", "paper-airplane", "neutral"),
    Word.NOT_SENT: ("not_sent", "no-symbol", "stop"),
    Word.UNCONFIRMED: ("unconfirmed", "question-mark-circle", "warn"),
    Word.ACCEPTED: ("accepted", "cloud-arrow-up", "neutral"),
    Word.SENT: ("sent", "check", "neutral"),
    Word.FAILED: ("failed", "exclamation-circle", "stop"),
    Word.DELIVERED: ("delivered", "check-circle", "ok"),
    Word.READ: ("read", "eye", "ok"),
    Word.PLAYED: ("played", "speaker-wave", "ok"),
}


@dataclass(frozen=True, slots=True)
class Mark:
    """A delivery word. The three deadlines are switched by the page's own clock, as nothing is written when they pass.

    `next_try_at`: a machine tries again then, because of `note`. `owed_from`: from then on the word reads "accepted by
    Meta, no receipt yet". `ask_from`: from then on a person is asked what became of an unconfirmed message.
    """

    word: str
    label: str
    icon: str
    meaning: str
    at: datetime | None = None
    note: str = ""
    next_try_at: datetime | None = None
    owed_from: datetime | None = None
    ask_from: datetime | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """Why it failed, what to do next, who can do it, and Meta's own words where it used any."""

    sentence: str
    next_step: str
    who: str
    code: int | None
    raw: str

    @property
    def adds(self) -> str:
        """Meta's own words where they say more than our sentence; else empty."""
        parts = self.raw.replace(f"(#{self.code}) ", "").split(": ")
        return "" if all(part in self.sentence for part in parts) else self.raw


def mark_of(message: Message) -> Mark | None:
    """The mark of a message of ours; None for what customers write and for what the phone app sent unreported."""
    if message.word is None:
        return None
    word = Word(message.word)
    name, icon, meaning = LOOKS[word]
    waits = message.work == Work.WAITING and (word is Word.SENDING or bool(message.problem))
    return Mark(
        word=name,
        label=word.label,
        icon=icon,
        meaning=meaning,
        at=time_of(message, word),
        note=failure_said(message).sentence if waits and message.problem else "",
        next_try_at=message.due_at if waits else None,
        owed_from=message.accepted_at + RECEIPT_OWED if word is Word.ACCEPTED and message.accepted_at else None,
        ask_from=asked_from(message) if word is Word.UNCONFIRMED else None,
    )


def time_of(message: Message, word: Word) -> datetime | None:
    """When the headline became true; None where nobody reported a time.

    Of what is unconfirmed or was not sent it is when a worker last took it, or when the time for it ran out.
    """
    if word is Word.NOT_SENT:
        return message.claimed_at or message.deadline
    column = {
        Word.QUEUED: "placed_at",
        Word.SENDING: "claimed_at",
        Word.UNCONFIRMED: "claimed_at",
        Word.ACCEPTED: "accepted_at",
        Word.SENT: "sent_at",
        Word.FAILED: "failed_at",
        Word.DELIVERED: "delivered_at",
        Word.READ: "read_at",
        Word.PLAYED: "played_at",
    }.get(word)
    at: datetime | None = getattr(message, column) if column else None
    return at


def asked_from(message: Message) -> datetime | None:
    return message.claimed_at + ASK_A_PERSON if message.claimed_at else None


def failure_of(message: Message) -> Failure | None:
    """The report against a message, whatever else is known of it; none while a machine still tries.

    That nobody knew whether Meta took it is no report against it, once a receipt has told.
    """
    if not message.problem or message.work in {Work.WAITING, Work.CLAIMED, Work.CANCELLED}:
        return None
    if message.problem.get("outcome") == "unconfirmed" and message.word != Word.UNCONFIRMED:
        return None
    return failure_said(message)


def failure_said(message: Message) -> Failure:
    """The problem in words: those kept with it, else the catalogue's."""
    kept = message.problem
    code = kept.get("code") if isinstance(kept.get("code"), int) else None
    title, details = str(kept.get("title") or ""), str(kept.get("details") or "")
    said = explain(code, title=title, details=details)
    return Failure(
        sentence=str(kept.get("sentence") or said.sentence),
        next_step=str(kept.get("next_step") or said.next_step),
        who=str(kept.get("who") or said.who),
        code=code,
        raw=": ".join(part for part in (title, details) if part),
    )
