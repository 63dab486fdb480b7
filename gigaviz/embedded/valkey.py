"""The embedded Valkey: on a free port of 127.0.0.1, behind a random password.

A port rather than a Unix socket, because one redis:// URL then serves Celery and redis-py alike, and because a broker
that hangs can be played by anything that listens. Nothing is kept on disk: what Valkey holds are hints, the truth is
PostgreSQL's.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
from pathlib import Path

import psutil
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from gigaviz.embedded.places import EmbeddedError, Places, private_folder
from gigaviz.embedded.server import Server
from gigaviz.ports import free_port, is_free

TRIES = 5


class Valkey(Server):
    """Valkey in a folder. Its port and password stay the same from start to start, as long as the port is free."""

    name = "Valkey"
    program = "valkey-server"
    asks = ((signal.SIGTERM, 20.0),)

    def __init__(self, folder: Path, home: Path) -> None:
        super().__init__(folder)
        self.data = home / "valkey"
        self.settings_file = self.data / "valkey.conf"
        settings = self._read()
        self.port = int(settings.get("port", 0))
        self.password = settings.get("requirepass", "") or secrets.token_urlsafe(24)
        self._has_run = False

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    @property
    def mark(self) -> str:
        return str(self.settings_file)

    def argv(self, places: Places) -> list[str]:
        return [str(places.valkey), str(self.settings_file)]

    def is_current(self, process: psutil.Process, places: Places) -> bool:
        return super().is_current(process, places) and self._read() == self._settings()

    def answers(self) -> bool:
        once = Retry(NoBackoff(), 0)
        client = redis.Redis(port=self.port, password=self.password, socket_timeout=1, retry=once)
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
        finally:
            client.close()

    def prepare(self, places: Places) -> None:
        private_folder(self.data, places.account)
        if not self._has_run and not (self.port and is_free(self.port)):
            self.port = free_port()
        handle = os.open(self.settings_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.writelines(f"{name} {value}\n" for name, value in self._settings().items())
        if places.account is not None:
            os.chown(self.settings_file, places.account.uid, places.account.gid)

    def start(self, places: Places) -> None:
        for left in reversed(range(TRIES)):
            try:
                super().start(places)
                break
            except EmbeddedError:
                # Between choosing a port and using it, another program may have taken it. Clients know a running one.
                if self._has_run or not left or is_free(self.port):
                    raise
        self._has_run = True

    def _settings(self) -> dict[str, str]:
        return {
            "bind": "127.0.0.1",
            "port": str(self.port),
            "protected-mode": "yes",
            "requirepass": self.password,
            "daemonize": "no",
            "save": '""',
            "appendonly": "no",
            "dir": json.dumps(str(self.data), ensure_ascii=False),
            # The command is how we recognise it.
            "set-proc-title": "no",
        }

    def _read(self) -> dict[str, str]:
        try:
            lines = self.settings_file.read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return {}
        return dict(line.split(" ", 1) for line in lines)
