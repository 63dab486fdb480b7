"""Processes we start and must find again: recorded in a file, recognised before they are touched, stopped whole.

A pid alone proves nothing: numbers are reused, after a restart of the machine even in the same order. So a process
counts as ours only if it was born when the record says, or runs the recorded command in the recorded folder.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypedDict

import psutil

from gigaviz.interrupts import uninterrupted

# Linux counts births from a boot time that it rounds, and that moves by a second between two readings.
BIRTH_TOLERANCE = 2.0

# A Popen that nobody holds is reported as a leak, and its process would stay as a zombie.
_children: dict[int, subprocess.Popen[bytes]] = {}


@dataclass(frozen=True)
class Account:
    """An operating system account that servers run under."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True)
class Record:
    """What a pid file says about its process."""

    pid: int
    born: float
    argv: list[str]
    cwd: str


class PidFile:
    """The record of one process that leads a session of its own."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> Record | None:
        """What was written, however old; None without a readable record."""
        try:
            return Record(**json.loads(self.path.read_text(encoding="utf-8")))
        except (FileNotFoundError, ValueError, TypeError):
            return None

    def write(self, process: psutil.Process) -> None:
        """Record `process`, in one step: a reader sees the old record or the new one."""
        record = Record(process.pid, process.create_time(), process.cmdline(), process.cwd())
        draft = self.path.with_suffix(".draft")
        draft.write_text(json.dumps(asdict(record)), encoding="utf-8")
        draft.replace(self.path)

    def leader(self) -> psutil.Process | None:
        """The recorded process, if it lives and is really the one we started."""
        record = self.read()
        if record is None:
            return None
        try:
            process = psutil.Process(record.pid)
            same_birth = abs(process.create_time() - record.born) <= BIRTH_TOLERANCE
            same_work = process.cmdline() == record.argv and process.cwd() == record.cwd
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            return None
        return process if (same_birth or same_work) and alive(process) else None

    def left(self) -> list[psutil.Process]:
        """The leader, or if only the leader died, those of its session it left behind."""
        leader, record = self.leader(), self.read()
        if leader is not None:
            return [leader]
        if record is None or _lives(record.pid):
            return []
        return [process for process in _session(record.pid) if _folder_of(process) == record.cwd]

    def stop(self, asks: Sequence[tuple[signal.Signals, float]]) -> None:
        """Stop what the record names, and forget it."""
        stop(self.left(), asks)
        self.forget()

    def forget(self) -> None:
        """Delete the record: nothing of it runs any more."""
        self.path.unlink(missing_ok=True)


def spawn(
    argv: Sequence[str],
    pid_file: PidFile,
    *,
    log: Path,
    cwd: Path,
    env: Mapping[str, str],
    account: Account | None = None,
) -> subprocess.Popen[bytes]:
    """Start `argv` in a session of its own, its output in `log` (the log before it is kept as `.1`), and record it."""
    if log.exists():
        log.replace(log.with_name(log.name + ".1"))
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        with uninterrupted():
            child = subprocess.Popen(  # noqa: S603
                argv,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=cwd,
                env=dict(env),
                start_new_session=True,
                umask=0o077,
                **as_account(account),
            )
            _children[child.pid] = child
            try:
                pid_file.write(psutil.Process(child.pid))
            except psutil.Error:  # it ended at once; whoever waits for it will see that
                pid_file.forget()
    finally:
        os.close(output)
    return child


class _Identity(TypedDict):
    user: int | None
    group: int | None
    extra_groups: list[int] | None


def as_account(account: Account | None) -> _Identity:
    """The arguments that make `subprocess` run something under `account`; None stands for ourselves."""
    if account is None:
        return {"user": None, "group": None, "extra_groups": None}
    return {"user": account.uid, "group": account.gid, "extra_groups": []}


def running(program: str, argument: str) -> psutil.Process | None:
    """The oldest living process whose program has this name and whose arguments contain exactly this one."""
    found = []
    for process in psutil.process_iter():
        try:
            argv = process.cmdline()
            if argv and Path(argv[0]).name == program and argument in argv[1:] and alive(process):
                found.append((process.create_time(), process.pid, process))
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return min(found)[2] if found else None


def alive(process: psutil.Process) -> bool:
    """Whether it runs. A process that ended and waits for its parent to ask does not."""
    child = _children.get(process.pid)
    if child is not None and child.poll() is not None:
        del _children[process.pid]
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def stop(processes: Sequence[psutil.Process], asks: Sequence[tuple[signal.Signals, float]]) -> None:
    """Send each signal in turn and wait its seconds; then kill. Returns when they and all they started have ended."""
    family = _family(processes)
    for ask, seconds in asks:
        for process in processes:
            _signal(process, ask)
            _signal(process, signal.SIGCONT)  # a stopped process hears nothing else
        if wait_until(lambda: not any(map(alive, family)), seconds):
            return
    family = {*family, *_family(processes)}
    for process in family:
        _signal(process, signal.SIGKILL)
    wait_until(lambda: not any(map(alive, family)), 10)


def wait_until(true: Callable[[], bool], seconds: float) -> bool:
    """Ask again and again, for at most `seconds`. Returns the last answer."""
    deadline = time.monotonic() + seconds
    pause = 0.01
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
        pause = min(pause * 1.5, 0.2)
    return True


def _lives(pid: int) -> bool:
    try:
        return alive(psutil.Process(pid))
    except psutil.NoSuchProcess:
        return False


def _family(processes: Iterable[psutil.Process]) -> set[psutil.Process]:
    """These, all they started, and all in their sessions."""
    family = set(processes)
    for process in processes:
        try:
            family |= {*process.children(recursive=True), *_session(process.pid)}
        except psutil.NoSuchProcess:
            family |= set(_session(process.pid))
    return family


def _session(leader: int) -> list[psutil.Process]:
    found = []
    for pid in psutil.pids():
        try:
            if pid != leader and os.getsid(pid) == leader:
                found.append(psutil.Process(pid))
        except (ProcessLookupError, PermissionError, psutil.NoSuchProcess):
            continue
    return found


def _folder_of(process: psutil.Process) -> str | None:
    try:
        return str(process.cwd())
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return None


def _signal(process: psutil.Process, number: signal.Signals) -> None:
    try:
        process.send_signal(number)
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return
