"""PostgreSQL and Valkey for the demo and the tests, in a folder of the project, from the programs in installed wheels.

The servers outlive a kill -9 of whoever started them; the next start in the same folder adopts them if they answer and
are what it would start, and restarts them otherwise. Several users of one folder share its servers, and the last to
leave stops them. Knows nothing of Django.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from gigaviz.embedded.places import EmbeddedError, Places, recorded_home, settle, socket_folder
from gigaviz.embedded.postgres import PostgreSQL
from gigaviz.embedded.server import Server
from gigaviz.embedded.valkey import Valkey
from gigaviz.interrupts import uninterrupted
from gigaviz.locks import Lock

__all__ = ["EmbeddedError", "Engine", "Engines", "engines", "servers", "start", "stop"]


@dataclass
class Engine:
    """One running server, which a test may stop and start alone, on the same address. No other user is asked."""

    server: Server
    places: Places = field(repr=False)

    @property
    def url(self) -> str:
        """Where clients reach it; Valkey's contains the password."""
        return self.server.url

    @property
    def pid(self) -> int | None:
        """The server's process, None when it is stopped."""
        process = self.server.process()
        return None if process is None else int(process.pid)

    def start(self) -> None:
        """Return when it answers. Raises EmbeddedError when it does not within 60 s."""
        with _alone(self.places.folder):
            self.server.start(self.places)

    def stop(self) -> None:
        """Return when its process has ended."""
        with _alone(self.places.folder):
            self.server.stop()


@dataclass
class Engines:
    """The running servers of one folder, shared with whoever else started them there."""

    folder: Path
    postgres: Engine
    valkey: Engine
    _use: Lock = field(repr=False)

    @property
    def database_url(self) -> str:
        """For DATABASE_URL: an ordinary role that owns its database and may create others."""
        return self.postgres.url

    @property
    def redis_url(self) -> str:
        """For REDIS_URL; it contains the password."""
        return self.valkey.url

    def stop(self) -> None:
        """Leave the servers, and stop them if nobody else uses them. Signals that come meanwhile wait for the end."""
        with uninterrupted(), _alone(self.folder):
            _leave(self.folder, self._use)


def start(folder: Path, *, say: Callable[[str], None] = print) -> Engines:
    """Start PostgreSQL and Valkey in `folder`, made if needed, or adopt those that run there.

    Returns when both answer, after at most 60 s each. Raises EmbeddedError with a sentence for a person; then nothing
    is left running that others do not use.
    """
    folder = folder.resolve()
    with _alone(folder):
        use = _use(folder)
        use.take(shared=True)
        try:
            places = settle(folder, say)
            postgres, valkey = servers(folder)
            for server in (postgres, valkey):
                server.start(places)
        except BaseException:
            with uninterrupted():
                _leave(folder, use)
            raise
    return Engines(folder, Engine(postgres, places), Engine(valkey, places), use)


def stop(folder: Path) -> bool:
    """Stop the servers of `folder`, whoever uses them. Returns whether any was running."""
    folder = folder.resolve()
    if not folder.is_dir():
        return False
    with _alone(folder):
        return _stop_servers(folder)


@contextmanager
def engines(folder: Path, *, say: Callable[[str], None] = print) -> Iterator[Engines]:
    """The servers of `folder`, for the time of a `with` block."""
    running = start(folder, say=say)
    try:
        yield running
    finally:
        running.stop()


def servers(folder: Path) -> tuple[PostgreSQL, Valkey]:
    """The two servers of `folder`, running or not."""
    home = recorded_home(folder)
    return PostgreSQL(folder, home, socket_folder(home)), Valkey(folder, home)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep other starts and stops in this folder waiting."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = Lock(folder / "start.lock")
        lock.take()
    except PermissionError as error:
        raise EmbeddedError(
            f"{error.filename} belongs to another account: run as that account, or delete it."
        ) from error
    try:
        yield
    finally:
        lock.release()


def _use(folder: Path) -> Lock:
    return Lock(folder / "in-use.lock")


def _leave(folder: Path, use: Lock) -> None:
    use.release()
    last = _use(folder)
    if last.take(wait=False):
        _stop_servers(folder)
        last.release()


def _stop_servers(folder: Path) -> bool:
    postgres, valkey = servers(folder)
    return any([valkey.stop(), postgres.stop()])
