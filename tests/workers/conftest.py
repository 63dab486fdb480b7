"""Kopi Kita's own workers, started before each test and gone before its database is emptied."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from gigaviz.embedded import Engine
from tests.engines import FOLDER
from tests.inbox.conftest import meta, simulator
from tests.inbox.meta import Meta
from tests.workers.crew import Crew, database_url, valkey

__all__ = ["broker", "crew", "meta", "own_valkey", "simulator"]


@pytest.fixture(scope="session")
def own_valkey() -> Iterator[Engine]:
    with valkey(FOLDER / "workers") as engine:
        yield engine


@pytest.fixture
def broker(own_valkey: Engine) -> Iterator[Engine]:
    """The workers' Redis: running and answering when a test begins."""
    own_valkey.start()
    yield own_valkey
    if own_valkey.pid is not None:
        os.kill(own_valkey.pid, signal.SIGCONT)


@pytest.fixture
def crew(transactional_db: None, meta: Meta, broker: Engine, tmp_path: Path) -> Iterator[Crew]:
    """All workers, started; what they are given waits until they have come up."""
    env = {
        "DATABASE_URL": database_url(),
        "REDIS_URL": broker.url,
        "GRAPH_BASE_URL_SIMULATOR": meta.sim.url,
        "MEDIA_FOLDER": str(tmp_path / "media"),
    }
    made = Crew(tmp_path, env)
    made.start()
    try:
        yield made
    finally:
        made.stop()
