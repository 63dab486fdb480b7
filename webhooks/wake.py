"""Hints to the workers, sent from a thread of its own: whoever hints is never held up, and never fails.

A hint says "look now"; the truth is in PostgreSQL, and sweeps look each second anyway. So a hint that cannot be
delivered is counted and forgotten, even when the broker accepts connections and never answers.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from typing import Any

import redis
from celery import current_app
from django.conf import settings
from kombu.exceptions import OperationalError
from redis.backoff import NoBackoff
from redis.retry import Retry

logger = logging.getLogger(__name__)

DRAIN_TASK = "inbox.drain"
PENDING_KEY = "gigaviz:drain:pending"
PENDING_MS = 2000
GAP_SECONDS = 0.05
TIMEOUT_SECONDS = 0.2
BACKLOG = 1000
BROKER_ERRORS = (OperationalError, redis.RedisError, OSError)


class Waker:
    """One per process. `drain()` and `publish()` only take a note; the thread does the talking."""

    def __init__(self) -> None:
        self.failures = 0
        self._notes: deque[tuple[str, tuple[Any, ...], str]] = deque(maxlen=BACKLOG)
        self._drain_wanted = False
        self._stir = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._client: redis.Redis | None = None
        self._broker: Any = None

    def drain(self) -> None:
        self._drain_wanted = True
        self._start()

    def publish(self, task: str, *args: Any, queue: str) -> None:
        self._notes.append((task, args, queue))
        self._start()

    def clear_mark(self) -> None:
        """For the drain, before it reads: whatever is stored from now on asks for a new hint."""
        try:
            self._redis().delete(PENDING_KEY)
        except BROKER_ERRORS:
            self.failures += 1

    def queued(self, queue: str) -> int:
        """How many hints wait for a worker; 0 when the broker cannot be asked."""
        try:
            return int(self._redis().llen(queue))
        except BROKER_ERRORS:
            self.failures += 1
            return 0

    def _start(self) -> None:
        if self._thread is None or not self._thread.is_alive():
            with self._lock:
                if self._thread is None or not self._thread.is_alive():
                    self._thread = threading.Thread(target=self._run, name="waker", daemon=True)
                    self._thread.start()
        if not self._stir.is_set():  # else the thread has still to read what was noted; to ask costs less than to set
            self._stir.set()

    def _run(self) -> None:
        pause = threading.Event()
        while True:
            self._stir.wait()
            self._stir.clear()
            self._say_what_is_noted()
            pause.wait(GAP_SECONDS)

    def _say_what_is_noted(self) -> None:
        try:
            if self._drain_wanted:
                self._drain_wanted = False
                if self._redis().set(PENDING_KEY, 1, nx=True, px=PENDING_MS):
                    self._send(DRAIN_TASK, (), "ingest")
            while self._notes:
                self._send(*self._notes.popleft())
        except BROKER_ERRORS as error:
            self.failures += 1
            self._notes.clear()
            self._broker = None
            logger.warning("A worker could not be woken (%s); the sweep will do it.", type(error).__name__)

    def _send(self, task: str, args: tuple[Any, ...], queue: str) -> None:
        if self._broker is None:
            limits = {
                "socket_timeout": TIMEOUT_SECONDS,
                "socket_connect_timeout": TIMEOUT_SECONDS,
                "max_retries": 0,  # kombu would try again for some seconds
            }
            self._broker = current_app.connection_for_write(transport_options=limits)
        current_app.send_task(task, args=args, queue=queue, connection=self._broker, retry=False, ignore_result=True)

    def _redis(self) -> redis.Redis:
        if self._client is None:
            self._client = redis.Redis.from_url(
                settings.REDIS_URL,
                socket_timeout=TIMEOUT_SECONDS,
                socket_connect_timeout=TIMEOUT_SECONDS,
                retry=Retry(NoBackoff(), 0),
            )
        return self._client


_waker = Waker()
wake_drain = _waker.drain
publish = _waker.publish
clear_mark = _waker.clear_mark
queued = _waker.queued


def failures() -> int:
    """How many hints this process could not deliver since it started."""
    return _waker.failures
