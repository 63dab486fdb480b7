"""The shape of a line of the failure catalogue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

# Who can do the next step. "ops" are the people who run Gigaviz itself; "meta" means that nobody here can.
Who = Literal["agent", "admin", "owner", "ops", "customer", "meta"]

# no: the same request fails again. fix: it works once something is corrected. backoff: it works soon, by itself.
# wait: it works after a time. ambiguous: it may have been accepted, so it must not be repeated blindly.
Retry = Literal["no", "fix", "backoff", "wait", "ambiguous"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One code, or an inclusive range of codes. `channel_level`: everything this number sends will fail alike.

    `first_retry` is set where a machine may send the same request again: Meta certainly did not accept it, and waiting
    alone can help.
    """

    codes: int | tuple[int, int]
    sentence: str
    next_step: str
    who: Who
    retry: Retry
    channel_level: bool = False
    first_retry: timedelta | None = None


def soon(seconds: int) -> timedelta:
    return timedelta(seconds=seconds)
