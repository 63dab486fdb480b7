"""A small supervisor for the demo's own programs: starts them, restarts one that died, stops them all.

Each program has a session of its own, so Ctrl-C in the terminal reaches only us and we stop them in order. If we are
killed ourselves, the next supervisor in the same folder finds what was left and stops it first.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from gigaviz.interrupts import uninterrupted
from gigaviz.locks import Lock
from gigaviz.processes import PidFile, spawn, stop

SECONDS_BETWEEN_LOOKS = 0.2
# A program that lived this long has started well; one that did not is given more and more time.
SECONDS_OF_GOOD_LIFE = 30.0
LONGEST_PAUSE = 30.0
SECONDS_FOR_LEFTOVERS = 10.0


class AlreadyRunning(Exception):  # noqa: N818
    """Another supervisor works in this folder; the message says so to a person."""


@dataclass(frozen=True)
class Program:
    """One program to keep running. Its arguments are seen by every user of the machine: secrets go into `env`."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    seconds_to_end: float = 10.0


@dataclass
class _Run:
    program: Program
    child: subprocess.Popen[bytes]
    since: float
    failures: int = 0
    again_at: float | None = None


class Supervisor:
    """Keeps programs running in one folder; `supervised` makes one."""

    def __init__(self, folder: Path, say: Callable[[str], None]) -> None:
        self.logs = folder / "logs"
        self._pids = folder / "pids"
        self._say = say
        self._runs: dict[str, _Run] = {}
        for made in (self.logs, self._pids):
            made.mkdir(parents=True, exist_ok=True)

    def start(self, program: Program) -> None:
        """Start `program`, from now on restarted whenever it ends. Its output goes to `logs/<name>.log`."""
        self._runs[program.name] = _Run(program, self._spawn(program), time.monotonic())

    def look(self) -> None:
        """Restart what has ended, once: at first at once, then after growing pauses."""
        for run in self._runs.values():
            if run.again_at is None and run.child.poll() is not None:
                self._note_end(run)
            if run.again_at is not None and time.monotonic() >= run.again_at:
                run.child, run.since, run.again_at = self._spawn(run.program), time.monotonic(), None

    def run(self) -> None:
        """Look after the programs until a signal stops us."""
        while True:
            self.look()
            time.sleep(SECONDS_BETWEEN_LOOKS)

    def stop(self) -> None:
        """Stop all programs, the last started first, each with what it started itself. Signals wait for the end."""
        with uninterrupted():
            for name in reversed(list(self._runs)):
                self.end(name)

    def end(self, name: str) -> None:
        """Stop one program for good."""
        run = self._runs.pop(name)
        self._pid_file(name).stop([(signal.SIGTERM, run.program.seconds_to_end)])

    def stop_leftovers(self) -> None:
        """Stop what a supervisor that was killed left in this folder."""
        files = [PidFile(path) for path in sorted(self._pids.glob("*.pid"))]
        left = [file.left() for file in files]
        stop([process for processes in left for process in processes], [(signal.SIGTERM, SECONDS_FOR_LEFTOVERS)])
        for file in files:
            file.forget()
        if found := sum(map(bool, left)):
            self._say(f"Stopped {found} program{'s' * (found > 1)} left over from a run that was killed.")

    def _spawn(self, program: Program) -> subprocess.Popen[bytes]:
        environment = {**os.environ, **program.env}
        log = self.logs / f"{program.name}.log"
        return spawn(program.argv, self._pid_file(program.name), log=log, cwd=Path.cwd(), env=environment)

    def _note_end(self, run: _Run) -> None:
        run.failures = 0 if time.monotonic() - run.since > SECONDS_OF_GOOD_LIFE else run.failures + 1
        pause = min(2.0 ** (run.failures - 1) - 1, LONGEST_PAUSE) if run.failures else 0.0
        run.again_at = time.monotonic() + pause
        # What it started itself would hold its port.
        self._pid_file(run.program.name).stop([(signal.SIGTERM, run.program.seconds_to_end)])
        when = f"in {pause:.0f} s" if pause else "now"
        log = self.logs / f"{run.program.name}.log"
        self._say(f"{run.program.name} {_how(run.child.returncode)} and is started again {when}; its log is {log}.1.")

    def _pid_file(self, name: str) -> PidFile:
        return PidFile(self._pids / f"{name}.pid")


@contextmanager
def supervised(folder: Path, *, say: Callable[[str], None] = print) -> Iterator[Supervisor]:
    """A supervisor for the time of a `with` block; afterwards none of its programs is left.

    Raises AlreadyRunning if another one works in `folder`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = Lock(folder / "supervisor.lock")
    if not lock.take(wait=False):
        raise AlreadyRunning(f"Another one runs in {folder} already: stop that one first, with Ctrl-C where it runs.")
    supervisor = Supervisor(folder.resolve(), say)
    try:
        supervisor.stop_leftovers()
        yield supervisor
    finally:
        supervisor.stop()
        lock.release()


def _how(status: int) -> str:
    return f"was killed by {signal.Signals(-status).name}" if status < 0 else f"ended with status {status}"
