"""Where the figures are measured: engines, a database of its own, and the programs under load; all gone afterwards."""

from __future__ import annotations

import os
import secrets
import socket
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psutil
import psycopg
from cryptography.fernet import Fernet
from psycopg import sql

from gigaviz import embedded
from gigaviz.locks import Lock
from gigaviz.ports import free_port
from gigaviz.processes import PidFile, wait_until
from gigaviz.running import Program, Supervisor, supervised

FOLDER = Path(__file__).resolve().parent.parent / ".run" / "bench"
SECONDS_TO_ANSWER = 30.0
# Not WITH (FORCE): it fails where an autovacuum is at work, which only a superuser may end; DROP itself sends it away.
END = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND usename = current_user"


@dataclass(frozen=True)
class Ground:
    """A migrated database and running engines; `os.environ` names both, for us and for every program."""

    folder: Path
    programs: Supervisor

    def start(self, name: str, argv: Sequence[str], env: Mapping[str, str] | None = None) -> None:
        """Start a Python module with its arguments; it runs until the ground is left."""
        self.programs.start(Program(name, [sys.executable, "-m", *argv], env or {}))

    def serve(self, name: str, argv: Sequence[str], env: Mapping[str, str] | None = None) -> int:
        """Start a web server; `{port}` in its arguments becomes a free port, which is returned once it answers."""
        port = free_port()
        self.start(name, [part.format(port=port) for part in argv], env)
        if not wait_until(lambda: _answers(port), SECONDS_TO_ANSWER):
            raise RuntimeError(f"{name} does not answer; its log is in {self.folder / 'logs'}.")
        return port

    def serve_program(
        self,
        make: Callable[[Mapping[str, str], int], Program],
        name: str,
        env: Mapping[str, str] | None = None,
        port: int | None = None,
    ) -> int:
        """Start a web server just as the product does, under a name of ours."""
        port = port or free_port()
        self.programs.start(replace(make(env or {}, port), name=name))
        if not wait_until(lambda: _answers(port), SECONDS_TO_ANSWER):
            raise RuntimeError(f"{name} does not answer; its log is in {self.folder / 'logs'}.")
        return port

    def resident(self, name: str) -> int:
        """Bytes in memory of a program and all it has started; what they share counts for each."""
        total = 0
        for process in self.family(name):
            with suppress(psutil.Error):
                total += process.memory_info().rss
        return total

    def family(self, name: str) -> list[psutil.Process]:
        """The process of a program and all it has started."""
        leader = PidFile(self.folder / "pids" / f"{name}.pid").leader()
        return [] if leader is None else [leader, *leader.children(recursive=True)]


@contextmanager
def ground() -> Iterator[Ground]:
    """Engines, an empty migrated database, Django set up: for the time of a `with` block."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with Lock(FOLDER / "bench.lock"), _engines() as (database_url, redis_url):
        own_url = _database(database_url)
        os.environ |= {"DATABASE_URL": own_url, "REDIS_URL": redis_url, "DJANGO_SETTINGS_MODULE": "bench.settings"}
        os.environ.setdefault("SECRET_KEY", secrets.token_urlsafe(50))
        os.environ.setdefault("FIELD_KEYS", Fernet.generate_key().decode())
        os.environ["LOG_LEVEL"] = "ERROR"
        os.environ["MEDIA_FOLDER"] = str(FOLDER / "media")
        os.environ["STATIC_FOLDER"] = str(FOLDER / "static")
        try:
            _migrate()
            with supervised(FOLDER) as programs:
                yield Ground(FOLDER, programs)
        finally:
            _leave(database_url, own_url)


@contextmanager
def _engines() -> Iterator[tuple[str, str]]:
    given = os.environ.get("DATABASE_URL"), os.environ.get("REDIS_URL")
    if given[0] and given[1]:
        yield given[0], given[1]
        return
    with embedded.engines(FOLDER, say=lambda sentence: print(sentence, file=sys.stderr)) as running:
        yield given[0] or running.database_url, given[1] or running.redis_url


def _database(url: str) -> str:
    """Make an empty database beside the given one, replacing what a killed run has left."""
    parts = urlsplit(url)
    name = parts.path.strip("/") + "_bench"
    _drop(url, name)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return urlunsplit(parts._replace(path=f"/{name}"))


def _migrate() -> None:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    from webhooks.partitions import make_days

    make_days()


def _leave(url: str, own_url: str) -> None:
    from django.db import connections

    connections.close_all()
    _drop(url, urlsplit(own_url).path.strip("/"))


def _drop(url: str, name: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(END, [name])
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def settle_down(seconds: float = 0.3) -> None:
    """Let the work of one round (flushes, closing connections) end before the next begins."""
    time.sleep(seconds)
