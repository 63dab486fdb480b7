"""Meta's rate limits, as token buckets (Meta's pages on the platform and on throughput, December 2025)."""

from __future__ import annotations

import time
from dataclasses import dataclass

from .refusals import Refusal
from .world import Shelf, World

# One message in 6 seconds to one person; a burst of 45 borrows from the time after it.
PAIR_SECONDS = 6.0
PAIR_BURST = 45
MOST_PAIRS = 50_000


@dataclass(slots=True)
class Bucket:
    """Holds up to `size` and is refilled at `rate` a second."""

    size: float
    rate: float
    left: float
    since: float

    def take(self, now: float) -> bool:
        self.left = min(self.size, self.left + (now - self.since) * self.rate)
        self.since = now
        if self.left < 1:
            return False
        self.left -= 1
        return True


class Limits:
    def __init__(self, world: World) -> None:
        self.world = world
        self.reset()

    def reset(self) -> None:
        self.pairs: Shelf[tuple[str, str], Bucket] = Shelf(MOST_PAIRS)
        self.numbers: dict[str, Bucket] = {}
        self.accounts: dict[tuple[str, str], Bucket] = {}

    def sending(self, number_id: str, recipient: str) -> None:
        """Raises Refusal 130429 or 131056."""
        now, pace = time.monotonic(), self.world.pace
        if pace.throughput:
            bucket = self.numbers.get(number_id)
            if bucket is None or bucket.size != pace.throughput:
                bucket = self.numbers[number_id] = Bucket(pace.throughput, pace.throughput, pace.throughput, now)
            if not bucket.take(now):
                raise Refusal(130429, "Cloud API message throughput has been reached.")
        if pace.pair_limit:
            pair = (number_id, recipient)
            if pair not in self.pairs:
                self.pairs[pair] = Bucket(PAIR_BURST, 1 / PAIR_SECONDS, PAIR_BURST, now)
            if not self.pairs[pair].take(now):
                raise Refusal(131056, "Too many messages sent from this number to the same recipient in a short time.")

    def managing(self, app_id: str, waba_id: str) -> None:
        """Raises Refusal 80007."""
        hourly = self.world.pace.management_calls
        if not hourly:
            return
        now, key = time.monotonic(), (app_id, waba_id)
        bucket = self.accounts.get(key)
        if bucket is None or bucket.size != hourly:
            bucket = self.accounts[key] = Bucket(hourly, hourly / 3600, hourly, now)
        if not bucket.take(now):
            raise Refusal(80007, "There have been too many calls to this WhatsApp Business account.")
