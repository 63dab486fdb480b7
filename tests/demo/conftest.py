"""The demo as `make demo` fills it, in a folder and a database of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from gigaviz.demo.fill import fill
from gigaviz.demo.house import House
from gigaviz.demo.places import MEMBERS, SHOPS, kept_secrets
from gigaviz.ports import free_port
from gigaviz.processes import wait_until
from gigaviz.running import supervised
from simulator.client import Simulator
from tests import engines

from .asked import ask

FOLDER = Path(__file__).resolve().parent.parent.parent / ".run" / "filled"


def all_is_read(sim: Simulator) -> bool:
    """Whether whoever reads what they get has read it: nothing more is to come."""
    readers = {one.id for one in sim.customers() if one.facts["reads"] == "always" and one.facts["receipts"] == "auto"}
    return all("read" in one["steps"] for one in sim.sent() if one["customer_id"] in readers and not one["error"])


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    redis_url = f"{engines.redis_url.rpartition('/')[0]}/2"
    started = SimpleNamespace(database_url=engines.database_url, redis_url=redis_url)
    FOLDER.mkdir(parents=True, exist_ok=True)
    with supervised(FOLDER) as supervisor:
        made = House(
            FOLDER,
            started,  # type: ignore[arg-type]
            supervisor,
            free_port(),
            free_port(),
            kept_secrets(FOLDER),
            database="gigaviz_filled",
        )
        made.open(SHOPS, MEMBERS)
        fill(made)
        with Simulator(made.simulator_url) as sim:
            sim.wait_for(lambda: all_is_read(sim), 30)
            sim.wait_for_quiet(30)
        assert wait_until(lambda: ask(made, "facts")["waiting"] == 0, 30)
        yield made
