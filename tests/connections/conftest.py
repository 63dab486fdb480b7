"""One simulator for the tests of a file, reset before each; Kopi Kita has its app there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connections import asking
from connections.graph import calls
from simulator.client import Simulator
from simulator.running import running
from tests.connections.place import NUMBER, Place


@pytest.fixture(scope="module")
def meta_at_home() -> Iterator[Simulator]:
    with running(numbers=[NUMBER]) as sim:
        yield sim


@pytest.fixture
def place(meta_at_home: Simulator, db: None, settings) -> Iterator[Place]:
    calls.shared_client().close()
    calls.shared_client.cache_clear()
    settings.GRAPH_BASE_URLS = settings.GRAPH_BASE_URLS | {"simulator": meta_at_home.url}
    meta_at_home.reset()
    yield Place(meta_at_home)
    meta_at_home.clear_faults()


@pytest.fixture
def in_a_hurry(monkeypatch) -> None:
    """Nobody waits for Meta for long, so that a test which plays a time-out is over soon."""
    monkeypatch.setattr(asking, "PATIENCE", 0.3)
