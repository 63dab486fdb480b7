"""The processes of a running Gigaviz, as production has them: web, two workers and the clock; and the simulator."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from gigaviz.running import Program


def web(env: Mapping[str, str], port: int) -> Program:
    options = ["--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    threads = ["--blocking-threads", "16", "--backlog", "1024", "--no-ws", "--log-level", "warning"]
    return Program("web", [sys.executable, "-m", "granian", *options, *threads, "gigaviz.wsgi:application"], env)


def worker(env: Mapping[str, str], queue: str, threads: int) -> Program:
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "WARNING"]
    options = ["-Q", queue, "-n", f"{queue}@%h", "--pool", "threads", "--concurrency", str(threads), *quiet]
    return Program(queue, [sys.executable, "-m", "celery", "-A", "gigaviz.celery", "worker", *options], env)


def clock(env: Mapping[str, str]) -> Program:
    return Program("clock", [sys.executable, "-m", "celery", "-A", "gigaviz.celery", "beat", "-l", "WARNING"], env)


def workers(env: Mapping[str, str]) -> list[Program]:
    return [worker(env, "ingest", 2), worker(env, "sending", 8), clock(env)]


def simulator(env: Mapping[str, str], port: int, config: Path) -> Program:
    return Program("simulator", [sys.executable, "-m", "simulator", "--port", str(port), "--config", str(config)], env)
