"""Programs of the house, stopped or killed and started again."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from gigaviz.demo import programs
from gigaviz.demo.house import House
from gigaviz.processes import PidFile, wait_until
from gigaviz.running import Program


def program_named(house: House, name: str) -> Program:
    found = [programs.web(house.env, house.port), *programs.workers(house.env)]
    return next(one for one in found if one.name == name)


@contextmanager
def stopped(house: House, name: str, *, kill: bool = False) -> Iterator[None]:
    """Stop a program, politely or with kill -9, for the time of a `with` block; afterwards it answers again."""
    pid_file = PidFile(house.folder / "pids" / f"{name}.pid")
    leader = pid_file.leader()
    assert leader is not None, f"{name} does not run."
    if kill:
        os.killpg(leader.pid, signal.SIGKILL)
        assert wait_until(lambda: pid_file.leader() is None, 10)
    else:
        pid_file.stop([(signal.SIGTERM, 10.0)])
    try:
        yield
    finally:
        house.supervisor.start(program_named(house, name))
        if name == "web":
            house.wait_for(f"{house.inbox_url}/accounts/login/")


def running_again(house: House) -> None:
    for name in ("web", "ingest", "sending", "clock"):
        assert PidFile(house.folder / "pids" / f"{name}.pid").leader() is not None, f"{name} does not run."
