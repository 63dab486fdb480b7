"""Between what happens and the courier: here webhooks are dropped, doubled, delayed, shuffled and bundled."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from . import ids
from .bodies import Event
from .chance import chance
from .courier import Courier, Delivery
from .faults import Fault, Faults


class Postroom:
    def __init__(self, courier: Courier, faults: Faults, later: Callable[[float, Callable[[], None]], None]) -> None:
        self.courier = courier
        self.faults = faults
        self.later = later
        self.held: dict[str, list[Event]] = {}  # by fault
        self.sequences: set[asyncio.Task[None]] = set()

    def announce(self, *events: Event) -> None:
        """Sends events together, as one body, unless a fault that meets the first says otherwise."""
        if not events:
            return
        first = events[0]
        met = self.faults.of_webhook(first.word, first.names, first.number_id)
        if "drop" in met:
            self.note_dropped(first)
            return
        for _ in range(met["duplicate"].times if "duplicate" in met else 1):
            if "delay" in met:
                self.later(met["delay"].seconds, lambda: self.hold_or_send(list(events), met))
            else:
                self.hold_or_send(list(events), met)

    def hold_or_send(self, events: list[Event], met: dict[str, Fault]) -> None:
        fault = met.get("batch") or met.get("reorder")
        if fault is None:
            self.courier.send(events)
            return
        held = self.held.setdefault(fault.id, [])
        if not held:
            self.later(fault.seconds, lambda: self.release(fault))
        held += events
        # The last one it meets is also the last it waits for.
        if len(held) >= fault.size or fault.is_spent:
            self.release(fault)

    def release(self, fault: Fault) -> None:
        held = self.held.pop(fault.id, [])
        if not held:
            return
        if fault.kind == "batch":
            self.courier.send(held)
            return
        task = asyncio.create_task(self.one_by_one(shuffled(held)))
        self.sequences.add(task)
        task.add_done_callback(self.sequences.discard)

    async def one_by_one(self, events: list[Event]) -> None:
        for event in events:
            for delivery in self.courier.send([event]):
                if delivery.url:
                    await delivery.tried.wait()

    def note_dropped(self, event: Event) -> None:
        made = Delivery(ids.digits(), "", "", b"{}", [event.word], {(event.wamid, event.word)}, time.time(), "dropped")
        made.note = "a fault dropped it"
        self.courier.remember(made)

    def reset(self) -> None:
        self.held.clear()
        for task in self.sequences:
            task.cancel()


def shuffled(events: list[Event]) -> list[Event]:
    """The same in another order, whatever chance says."""
    made = chance.sample(events, len(events))
    return made[::-1] if made == events else made
