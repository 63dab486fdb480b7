"""Folders that any account can reach, and programs in processes of their own that a test may kill."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from gigaviz.processes import Account, alive, as_account, wait_until
from tests.gigaviz import lent
from tests.gigaviz.lent import Python

Begin = Callable[..., "Begun"]

# Starts engines, says where they are, and keeps them until a signal comes, as the demo does.
HOLD_ENGINES = """
import json, os, signal, sys
from pathlib import Path
from gigaviz import embedded
from gigaviz.interrupts import stopping_once

said = []
try:
    with stopping_once(), embedded.engines(Path(sys.argv[1]), say=said.append) as running:
        print(json.dumps({"database": running.database_url, "redis": running.redis_url, "said": said,
                          "postgres": running.postgres.pid, "valkey": running.valkey.pid}), flush=True)
        while True:
            signal.pause()
except KeyboardInterrupt:
    sys.exit(130)
"""


class Begun:
    """A Python program that leads a process group of its own, like a command in a terminal."""

    def __init__(self, python: Python, code: str, *arguments: str, account: Account | None = None) -> None:
        self.child = subprocess.Popen(
            [python.program, "-c", code, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=python.project,
            env=python.environment(),
            start_new_session=True,
            **as_account(account),
        )

    def says(self) -> Any:
        """The next line it prints, decoded."""
        assert self.child.stdout is not None
        line = self.child.stdout.readline()
        assert line, self.child.communicate()[1]
        return json.loads(line)

    def ctrl_c(self) -> int:
        """What a terminal does: SIGINT to the whole group. Returns the exit status."""
        os.killpg(self.child.pid, signal.SIGINT)
        return self.ends()

    def kill(self) -> None:
        self.child.kill()
        self.ends()

    def ends(self) -> int:
        self.child.communicate(timeout=60)
        return self.child.returncode


@pytest.fixture(scope="session")
def their_python() -> Iterator[Python]:
    """The Python and the project as an ordinary user has them: copies, where root keeps ours to itself."""
    account, ours = lent.ordinary_account(), Python()
    if not ours.why_not(account):
        yield ours
        return
    with open_folder() as folder:
        copy = lent.copy(folder)
        why_not = copy.why_not(account)
        assert not why_not, f"No ordinary user can run this Python, not even a copy of it: {why_not}"
        yield copy


@pytest.fixture
def begin(their_python: Python) -> Iterator[Begin]:
    """Starts a Python program; one that still runs after the test is killed."""
    begun: list[Begun] = []

    def start(code: str, *arguments: str | Path, account: Account | None = None) -> Begun:
        python = Python() if account is None else their_python
        begun.append(Begun(python, code, *map(str, arguments), account=account))
        return begun[-1]

    yield start
    for program in begun:
        if program.child.poll() is None:
            program.kill()
        for stream in (program.child.stdout, program.child.stderr):
            assert stream is not None
            stream.close()


@pytest.fixture
def hold_engines(begin: Begin) -> Begin:
    """Starts a program that holds the engines of a folder."""
    return lambda folder, **options: begin(HOLD_ENGINES, folder, **options)


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder with a space in its path that every account can enter; nothing runs in it after the test."""
    with open_folder() as folder:
        yield folder


@contextmanager
def open_folder() -> Iterator[Path]:
    """What `place` promises, for as long as a `with` block."""
    parent = Path(tempfile.mkdtemp(prefix="giga viz "))
    parent.chmod(0o755)
    # Under a strict one, root's engines would go elsewhere; where they do, a test of its own looks.
    umask = os.umask(0o022)
    try:
        yield parent
    finally:
        os.umask(umask)
        for process in processes_in(parent):
            process.kill()
        shutil.rmtree(parent)


@pytest.fixture
def user(place: Path) -> Account | None:
    """An ordinary user who owns `place`: ourselves, or for root “nobody”."""
    account = lent.ordinary_account()
    if account is not None:
        os.chown(place, account.uid, account.gid)
    return account


def processes_in(folder: Path) -> list[psutil.Process]:
    """Living processes that work in `folder` or were started on it."""
    found = []
    for process in psutil.process_iter():
        try:
            words = " ".join(process.cmdline())
            if (str(folder) in words or process.cwd().startswith(str(folder))) and alive(process):
                found.append(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found


def soon(true: Callable[[], object], seconds: float = 20) -> bool:
    """Whether it becomes true before the deadline."""
    return wait_until(lambda: bool(true()), seconds)
