"""A simulator for the time of a `with` block: in a thread of this process, or as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from .app import application
from .client import Simulator
from .options import FAST
from .server import listen, server, url_of
from .settings import NumberSpec, Setup

SECONDS_TO_START = 20.0
LOOK = 0.02


@contextmanager
def running(
    port: int = 0,
    *,
    host: str = "127.0.0.1",
    numbers: list[dict[str, Any]] | None = None,
    pace: Mapping[str, Any] | None = None,
    own_process: bool = False,
) -> Iterator[Simulator]:
    """A simulator and its client. It is fast and without limits, unless `pace` says otherwise.

    `numbers` are as in the config file (see `settings.NumberSpec`). Raises TimeoutError when it does not start.
    """
    chosen = {**FAST, **(pace or {})}
    start = in_process if own_process else in_thread
    with start(host, port, numbers or [{}], chosen) as url, Simulator(url) as client:
        yield client


@contextmanager
def in_thread(host: str, port: int, numbers: list[dict[str, Any]], pace: dict[str, Any]) -> Iterator[str]:
    listening = listen(host, port)
    url = url_of(listening)
    setup = Setup([NumberSpec.read(one) for one in numbers], pace=pace, base_url=url)
    serving = server(application(setup))
    thread = threading.Thread(target=serving.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        wait_until_healthy(url, thread.is_alive)
        yield url
    finally:
        serving.should_exit = True
        thread.join(SECONDS_TO_START)
        listening.close()


@contextmanager
def in_process(host: str, port: int, numbers: list[dict[str, Any]], pace: dict[str, Any]) -> Iterator[str]:
    """As a person would start it, in a session of its own, told its set-up on its standard input."""
    import json

    with listen(host, port) as found:
        url = url_of(found)
    argv = [sys.executable, "-m", "simulator", "--host", host, "--port", url.rpartition(":")[2], "--config", "-"]
    folder = Path(__file__).resolve().parent.parent
    child = subprocess.Popen(  # noqa: S603
        argv, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, cwd=folder, env=dict(os.environ), start_new_session=True
    )
    try:
        assert child.stdin is not None
        with child.stdin as stdin:
            stdin.write(json.dumps({"numbers": numbers, "pace": pace}).encode())
        wait_until_healthy(url, lambda: child.poll() is None)
        yield url
    finally:
        child.terminate()
        child.wait(SECONDS_TO_START)


def wait_until_healthy(url: str, is_alive: Any) -> None:
    """Raises TimeoutError."""
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline and is_alive():
        try:
            if httpx.get(f"{url}/healthz", trust_env=False, timeout=1).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(LOOK)
    raise TimeoutError("The simulator did not start.")
