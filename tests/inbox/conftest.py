"""One simulator for all of these tests, reset before each; Kopi Kita is connected to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connections.graph import calls
from simulator.client import Simulator
from simulator.running import running
from tests.inbox.meta import NUMBER, Meta
from tests.simulator.callback import callback


@pytest.fixture(scope="session")
def simulator() -> Iterator[Simulator]:
    with running(numbers=[NUMBER]) as sim:
        yield sim


@pytest.fixture
def meta(simulator: Simulator, db: None, settings) -> Iterator[Meta]:
    calls.shared_client().close()
    calls.shared_client.cache_clear()
    settings.GRAPH_BASE_URLS = settings.GRAPH_BASE_URLS | {"simulator": simulator.url}
    with callback() as hook:
        simulator.reset()
        simulator.set_callback(hook.url)
        yield Meta(simulator, hook)
        simulator.clear_faults()
