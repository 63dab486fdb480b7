"""What a call to Graph can raise.

The promise: `NotSent`, `Refused` and `Throttled` (and the classes below them) mean that Meta did not accept the
request, for certain. Everything that is not certain is `Unconfirmed`, which no machine may repeat: Graph has no
idempotency key, so the same message posted twice reaches the customer twice.
"""

# The names are outcomes, in the words the screens use.
# ruff: noqa: N818

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar, Literal

Outcome = Literal["not sent", "refused", "unconfirmed"]

RAW_LIMIT = 4_000
WORDS_LIMIT = 1_000


def storable(text: str, limit: int) -> str:
    """The text as PostgreSQL can keep it: no U+0000, no lone surrogates, at most `limit` characters."""
    return text[:limit].replace("\x00", "\ufffd").encode("utf-8", "replace").decode()


class GraphError(Exception):
    """A call that did not end well. `reason` is a sentence of ours; the other fields are what Meta said, if it did.

    str() gives the reason, the HTTP status and the code only, so that it can be logged: Meta's own words can quote a
    phone number. `raw` is at most 4,000 characters.
    """

    outcome: ClassVar[Outcome] = "unconfirmed"

    def __init__(
        self,
        reason: str,
        *,
        http_status: int | None = None,
        code: int | None = None,
        subcode: int | None = None,
        title: str = "",
        message: str = "",
        details: str = "",
        fbtrace_id: str = "",
        raw: str = "",
        retry_after: timedelta | None = None,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.http_status = http_status
        self.code = code
        self.subcode = subcode
        self.title = storable(title, WORDS_LIMIT)
        self.message = storable(message, WORDS_LIMIT)
        self.details = storable(details, WORDS_LIMIT)
        self.fbtrace_id = storable(fbtrace_id, 200)
        self.raw = storable(raw, RAW_LIMIT)
        self.retry_after = retry_after

    def __str__(self) -> str:
        facts = [f"HTTP {self.http_status}"] * (self.http_status is not None)
        facts += [f"code {self.code}"] * (self.code is not None)
        return f"{self.reason} ({', '.join(facts)})" if facts else self.reason


class NotSent(GraphError):
    """It never left us: no address, no connection, no TLS. Trying again is safe."""

    outcome = "not sent"


class Refused(GraphError):
    """Meta, or something on the way to it, said no. The same request will be refused again."""

    outcome = "refused"


class Unusable(Refused):
    """We did not ask, because a value of ours cannot go into a request. `reason` says which."""


class TooBig(Refused):
    """A file is larger than we keep. What was read of it is in the caller's file object, and is not the whole."""


class Unauthorised(Refused):
    """The access token is missing, expired or revoked: every call of this connection will fail until it is replaced."""


class Throttled(Refused):
    """Meta did not take it and says to come back later. Trying again is safe; `retry.retry_delay` says when."""


class Unconfirmed(GraphError):
    """Whether Meta accepted it cannot be known from here. Only a receipt or a person can settle it."""
