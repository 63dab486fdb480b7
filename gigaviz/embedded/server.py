"""What PostgreSQL and Valkey have in common: one server process, found again, started, waited for and stopped."""

from __future__ import annotations

import os
import signal
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path

import psutil

from gigaviz.embedded.places import EmbeddedError, Places
from gigaviz.processes import PidFile, alive, running, spawn, stop

# After a crash a server first reads its log again.
SECONDS_TO_ANSWER = 60.0


class Server(ABC):
    """One embedded server of a folder. `start` and `stop` may be called any number of times."""

    name: str
    program: str  # as the operating system names it
    asks: Sequence[tuple[signal.Signals, float]]

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / f"{self.program}.log"
        self._pid_file = PidFile(folder / f"{self.program}.pid")

    @property
    @abstractmethod
    def url(self) -> str:
        """Where clients reach it, for the product's settings."""

    @property
    @abstractmethod
    def mark(self) -> str:
        """The argument of the server that no other process has."""

    @abstractmethod
    def argv(self, places: Places) -> list[str]:
        """The command that runs the server, with its settings of today."""

    @abstractmethod
    def answers(self) -> bool:
        """Whether a client that speaks its protocol gets an answer, from this very server."""

    @abstractmethod
    def prepare(self, places: Places) -> None:
        """Make everything the command needs."""

    def is_current(self, process: psutil.Process, places: Places) -> bool:
        """Whether a server left over by an earlier start is the one that this start would make."""
        try:
            return bool(process.cmdline() == self.argv(places))
        except psutil.NoSuchProcess:
            return False

    def process(self) -> psutil.Process | None:
        """The server's process, by its pid file or, where that was lost, by its command."""
        found = self._pid_file.leader()
        if found is None and (found := running(self.program, self.mark)) is not None:
            self._pid_file.write(found)
        return found

    def start(self, places: Places) -> None:
        """Return when the server answers, one left over by an earlier start included.

        Raises EmbeddedError when it does not within 60 s.
        """
        left = self.process()
        if left is not None and self.is_current(left, places) and self._comes_up(left, _deadline()):
            return
        self.stop()
        self.prepare(places)
        deadline = _deadline()
        while not self._comes_up(self._spawn(places), deadline):
            if time.monotonic() > deadline or not self.may_try_again():
                self.stop()
                raise EmbeddedError(f"{self.name} does not start; the last lines of {self.log}:\n{self._last_lines()}")
            time.sleep(0.2)

    def may_try_again(self) -> bool:
        """Whether a server that ended while starting ended for a reason that passes."""
        return False

    def stop(self) -> bool:
        """Stop the server, by force if it does not end within 60 s. Returns whether it was running."""
        left = self.process()
        if left is not None:
            stop([left], self.asks)
        self._pid_file.forget()
        return left is not None

    def _spawn(self, places: Places) -> psutil.Process | None:
        environment = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
        # Without a locale, macOS starts threads inside PostgreSQL, which then refuses to run.
        environment |= {"LC_ALL": "C", "TZ": "UTC"}
        account = places.account
        spawn(self.argv(places), self._pid_file, log=self.log, cwd=places.home, env=environment, account=account)
        return self._pid_file.leader()

    def _comes_up(self, process: psutil.Process | None, deadline: float) -> bool:
        """Whether the process answers before the deadline. Asks at once, and no longer once the process has ended."""
        while process is not None and alive(process):
            if self.answers():
                return True
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return False

    def _last_lines(self) -> str:
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines() if self.log.exists() else []
        return "\n".join(lines[-8:])


def _deadline() -> float:
    return time.monotonic() + SECONDS_TO_ANSWER
