"""What the webhook door knows of an app: how it looks here, and a place for whoever keeps the door to answer.

Webhooks know connections and not the other way round, so they say at the start (`answered_by`) whom to ask.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Refused:
    """What was turned away, for one reason, in the days looked at."""

    reason: str
    sentence: str
    count: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class State:
    """`last_signed_at` is when the newest genuine event came, None where none came in the days looked at."""

    last_signed_at: datetime | None = None
    refused: tuple[Refused, ...] = ()

    @property
    def is_refusing(self) -> bool:
        """Whether the newest thing that came, other than a handshake, was turned away for its signature."""
        at = [one.last_at for one in self.refused if one.reason not in {"handshake", "too_big"}]
        return bool(at) and (self.last_signed_at is None or max(at) > self.last_signed_at)


def _nobody(meta_app_id: int) -> State:
    return State()


_ask: Callable[[int], State] = _nobody


def answered_by(ask: Callable[[int], State]) -> None:
    global _ask
    _ask = ask


def state(meta_app_id: int) -> State:
    return _ask(meta_app_id)
