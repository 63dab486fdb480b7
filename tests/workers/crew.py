"""Real workers, as production starts them, on a Redis of their own: to be killed, stopped and starved."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from django.db import connection as database

from gigaviz import embedded
from gigaviz.demo import programs
from gigaviz.embedded import Engine
from gigaviz.embedded.places import settle
from gigaviz.running import Program

ROOT = Path(__file__).resolve().parent.parent.parent
SECONDS_TO_END = 30


class Crew:
    """The two workers and the clock. Their output goes to a file each in `folder`."""

    def __init__(self, folder: Path, env: Mapping[str, str]) -> None:
        self.folder = folder
        self._programs = {program.name: program for program in programs.workers(env)}
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, *names: str) -> None:
        """Start these, or all."""
        for name in names or self._programs:
            self._running[name] = self._spawn(self._programs[name])

    def kill(self, name: str) -> None:
        """kill -9, as the kernel does when memory runs out."""
        worker = self._running.pop(name)
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait(SECONDS_TO_END)

    def ask_to_stop(self, name: str) -> subprocess.Popen[bytes]:
        worker = self._running.pop(name)
        worker.send_signal(signal.SIGTERM)
        return worker

    def is_running(self, name: str) -> bool:
        return self._running[name].poll() is None

    def stop(self) -> None:
        for name in list(self._running):
            self.kill(name)

    def said(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text()

    def _spawn(self, program: Program) -> subprocess.Popen[bytes]:
        with (self.folder / f"{program.name}.log").open("ab") as log:
            return subprocess.Popen(
                program.argv,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=ROOT,
                env={**os.environ, **program.env},
                start_new_session=True,
            )


@contextmanager
def valkey(folder: Path) -> Iterator[Engine]:
    """A Valkey of our own, which a test may stop, start and freeze."""
    folder.mkdir(parents=True, exist_ok=True)
    server = embedded.servers(folder)[1]
    engine = Engine(server, settle(folder, print))
    engine.start()
    try:
        yield engine
    finally:
        if engine.pid is not None:
            os.kill(engine.pid, signal.SIGCONT)
        engine.stop()


def database_url() -> str:
    """The suite's own database, as the workers are told of it."""
    head, _, options = os.environ["DATABASE_URL"].partition("?")
    name = database.settings_dict["NAME"]
    return f"{head.rpartition('/')[0]}/{name}{'?' if options else ''}{options}"
