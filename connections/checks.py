"""What must be true of a connection, asked as questions, and what an answer to one looks like. Pure.

Promise: only an answer makes a check good or bad. A time-out, a limit or an answer we cannot read is "not known":
nothing is proven by it, and nothing is held against the number.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from .graph.catalogue import explain_error
from .graph.errors import WORDS_LIMIT, GraphError, Refused, Throttled, storable

ASK_AGAIN = "Check again in a moment."

JSON = dict[str, Any]
Said = JSON | list[JSON] | GraphError


class Verdict(StrEnum):
    GOOD = "good"
    BAD = "bad"
    UNKNOWN = "not known"


@dataclass(frozen=True, slots=True)
class Check:
    """One question, what was found, and what to do about it. Holds no secret, so that it can be kept and shown.

    `mend` names what can be done about it from here: swap, subscription, callback.
    """

    key: str
    question: str
    verdict: Verdict
    evidence: str
    fix: str = ""
    mend: str = ""

    @property
    def is_good(self) -> bool:
        return self.verdict == Verdict.GOOD

    def as_json(self) -> dict[str, str]:
        # Evidence quotes what Meta said, which need not be text that PostgreSQL takes.
        return {name: storable(str(value), WORDS_LIMIT) for name, value in asdict(self).items()}

    @classmethod
    def read(cls, kept: Mapping[str, str]) -> Check:
        given: dict[str, Any] = {**kept, "verdict": Verdict(kept["verdict"])}
        return cls(**given)


QUESTIONS = {
    "token": "Is the access token valid?",
    "scopes": "Does it have both permissions?",
    "app": "Was it made for this Meta app?",
    "secret": "Are the app ID and the app secret right?",
    "number": "Does the number belong to the WhatsApp business account?",
    "access": "Can the token act on the account and the number?",
    "subscribed": "Is the app subscribed to the account's events?",
    "callback": "Do the number's events come here?",
    "environment": "Is the environment the right one?",
    "free": "Is the number free?",
}


def good(key: str, evidence: str) -> Check:
    return Check(key, QUESTIONS[key], Verdict.GOOD, evidence)


def bad(key: str, evidence: str, fix: str, mend: str = "") -> Check:
    return Check(key, QUESTIONS[key], Verdict.BAD, evidence, fix, mend)


def unknown(key: str, evidence: str, fix: str = ASK_AGAIN) -> Check:
    return Check(key, QUESTIONS[key], Verdict.UNKNOWN, evidence, fix)


def failed(key: str, error: Said) -> Check:
    """A call that did not give what it was made for: refused, or it cannot be known."""
    if not isinstance(error, GraphError):
        return unknown(key, "Meta's answer could not be read.")
    said = explain_error(error)
    if isinstance(error, Refused) and not isinstance(error, Throttled):
        return bad(key, said.sentence, said.next_step)
    return unknown(key, f"{error.reason} So it is not known.")


def moment(stamp: Any) -> datetime | None:
    """Graph's seconds as a time; None for 0, which is never, and for what is no number."""
    if isinstance(stamp, bool) or not isinstance(stamp, int) or not 0 < stamp < 2**33:
        return None
    return datetime.fromtimestamp(stamp, UTC)


def day(at: datetime) -> str:
    return f"{at:%-d %B %Y}"
