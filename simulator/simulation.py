"""The whole of a running simulator, and the one clock that everything later goes by."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from . import people
from .chance import chance
from .courier import Courier
from .faults import Faults
from .limits import Limits
from .postroom import Postroom
from .settings import Setup
from .world import World

# Seconds, at latency 1, as seen from a business: half to one and a half times these.
ANSWER = 0.15
INBOUND = 0.2
SENT = 0.4
DELIVERED = 0.7
READ = 0.9


class Simulation:
    """Made in a running event loop, and used only there."""

    def __init__(self, setup: Setup) -> None:
        self.world = World(setup)
        self.faults = Faults()
        self.limits = Limits(self.world)
        self.courier = Courier(self.world)
        self.postroom = Postroom(self.courier, self.faults, self.later)
        self.invite()

    def later(self, seconds: float, act: Callable[[], None]) -> None:
        """Does it after that time, unless the world is reset before."""
        epoch = self.world.epoch

        def in_time() -> None:
            if epoch == self.world.epoch:
                act()

        asyncio.get_running_loop().call_later(seconds, in_time)

    def soon(self, typical: float, act: Callable[[], None]) -> None:
        """Does it after a time as long as such things take."""
        self.later(self.takes(typical), act)

    def takes(self, typical: float) -> float:
        return typical * chance.uniform(0.5, 1.5) * self.world.pace.latency

    def reset(self) -> None:
        """Begins anew, as it was started."""
        self.faults.clear()
        self.postroom.reset()
        self.world.reset()
        self.courier.reset()
        self.limits.reset()
        self.invite()

    def invite(self) -> None:
        """Makes the customers that are there from the start. Raises BadSettings."""
        for given in self.world.setup.customers:
            people.make(self.world, given)

    async def close(self) -> None:
        self.postroom.reset()
        await self.courier.close()
