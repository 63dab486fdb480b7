"""The failure catalogue: what each of Meta's codes means in plain words, what to do next, and who can do it."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import GraphError, NotSent, TooBig, Unauthorised, Unconfirmed, Unusable, storable
from . import account, delivery, setup, templates
from .entry import Entry, Retry, Who
from .steps import AGAIN, RENEW, TELL_OPS, UNSETTLED

ENTRIES = (*account.ENTRIES, *delivery.ENTRIES, *templates.ENTRIES, *setup.ENTRIES)
SINGLES = {entry.codes: entry for entry in ENTRIES if isinstance(entry.codes, int)}
RANGES = tuple(
    (range(entry.codes[0], entry.codes[1] + 1), entry) for entry in ENTRIES if isinstance(entry.codes, tuple)
)

META_SAYS_LIMIT = 500


@dataclass(frozen=True, slots=True)
class Explanation:
    """A failure as a person reads it. `known` is False where the words are Meta's own."""

    code: int | None
    sentence: str
    next_step: str
    who: Who
    retry: Retry
    channel_level: bool
    known: bool


def find(code: int | None) -> Entry | None:
    """The line for a code, or None for a code we do not know."""
    if code is None:
        return None
    return SINGLES.get(code) or next((entry for codes, entry in RANGES if code in codes), None)


def explain(code: int | None, *, http_status: int | None = None, title: str = "", details: str = "") -> Explanation:
    """What a code means. For one we do not know, Meta's own words: `title` and `details` as it gave them."""
    entry = find(code)
    if entry:
        words = (entry.sentence, entry.next_step, entry.who, entry.retry)
        return Explanation(code, *words, channel_level=entry.channel_level, known=True)
    sentence = meta_says(code, http_status, title, details)
    if http_status == 429:
        return Explanation(code, sentence, AGAIN, "meta", "backoff", channel_level=False, known=False)
    if http_status is not None and http_status >= 500:
        return Explanation(code, sentence, UNSETTLED, "agent", "ambiguous", channel_level=False, known=False)
    return Explanation(code, sentence, TELL_OPS, "ops", "no", channel_level=False, known=False)


def explain_error(error: GraphError) -> Explanation:
    """What an error of a call means, whether or not Meta gave a code for it."""
    said = explain(error.code, http_status=error.http_status, title=error.title or error.message, details=error.details)
    if isinstance(error, NotSent):
        return ours(error, AGAIN, "ops", "backoff")
    if isinstance(error, Unconfirmed) and said.retry != "ambiguous":
        return ours(error, UNSETTLED, "agent", "ambiguous")
    if isinstance(error, Unauthorised) and not said.known:
        return ours(error, RENEW, "admin", "fix")
    if isinstance(error, Unusable | TooBig):
        return ours(error, "Correct it, then try again.", "admin", "fix")
    return said


def ours(error: GraphError, step: str, who: Who, retry: Retry) -> Explanation:
    return Explanation(error.code, error.reason, step, who, retry, isinstance(error, Unauthorised), known=True)


def meta_says(code: int | None, http_status: int | None, title: str, details: str) -> str:
    """Meta's own words as one sentence, without the code that it puts in front of some of them."""
    prefix = f"(#{code}) "
    title, details = title.removeprefix(prefix).strip(), details.strip()
    said = details if title in details else f"{title}: {details}" if details else title
    name = f"code {code}" if code is not None else f"HTTP {http_status}" if http_status is not None else "no code"
    if not said:
        return f"Meta refused this and does not say why ({name})."
    return f"Meta says: {storable(said, META_SAYS_LIMIT)} ({name})"


__all__ = ["Entry", "Explanation", "Retry", "Who", "explain", "explain_error", "find"]
