"""A running Gigaviz in a folder of its own: engines, simulator, web, workers, clock. The demo's, and the tests'."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import psycopg
from psycopg import sql

from gigaviz import embedded
from gigaviz.running import Supervisor

from . import programs
from .places import Member, Shop

ROOT = Path(__file__).resolve().parent.parent.parent
SECONDS_TO_START = 60
# A management command with its arguments, and environment variables for it alone.
Order = tuple[list[str], dict[str, str]]
FIELDS = (
    "messages,user_preferences,user_id_update,history,message_template_status_update,message_template_quality_update,"
    "message_template_components_update,template_category_update"
)
PREPARING: list[Order] = [
    (["migrate", "--verbosity", "0"], {}),
    (["createcachetable"], {}),
    (["collectstatic", "--noinput", "--verbosity", "0"], {}),
]


class HouseError(Exception):
    """Something that is needed did not come up; the message says what, and where to look."""


@dataclass
class House:
    folder: Path
    engines: embedded.Engines
    supervisor: Supervisor
    port: int
    simulator_port: int
    kept: Mapping[str, str] = field(repr=False)
    pace: Mapping[str, Any] = field(default_factory=dict)
    database: str = "gigaviz_demo"
    say: Callable[[str], None] = print

    @property
    def inbox_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def simulator_url(self) -> str:
        return f"http://127.0.0.1:{self.simulator_port}"

    @property
    def database_url(self) -> str:
        """The engines' server, a database of this house: `postgresql://user@host:port/NAME?…`."""
        head, _, options = self.engines.database_url.partition("?")
        return f"{head.rpartition('/')[0]}/{self.database}{'?' if options else ''}{options}"

    @property
    def env(self) -> dict[str, str]:
        return {
            "SECRET_KEY": self.kept["SECRET_KEY"],
            "FIELD_KEYS": self.kept["FIELD_KEYS"],
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.engines.redis_url,
            "PUBLIC_URL": f"http://localhost:{self.port}",
            "ALLOWED_HOSTS": "localhost,127.0.0.1",
            "CSRF_TRUSTED_ORIGINS": f"http://localhost:{self.port},{self.inbox_url}",
            "GRAPH_BASE_URL_SIMULATOR": self.simulator_url,
            "MEDIA_FOLDER": str(self.folder / "media"),
            "STATIC_FOLDER": str(self.folder / "static"),
            "GIGAVIZ_PASSWORD": self.kept["PASSWORD"],
            "EMAIL_URL": "consolemail://",
        }

    def open(self, shops: Sequence[Shop], members: Sequence[Member]) -> None:
        """Bring everything up, with these workspaces connected and subscribed. Raises HouseError."""
        self.fresh_database()
        self.open_simulator(shops)
        self.manage(*PREPARING)
        for program in (programs.web(self.env, self.port), *programs.workers(self.env)):
            self.supervisor.start(program)
        self.wait_for(f"{self.inbox_url}/accounts/login/")
        # Only now: when the callback is entered, Meta shakes hands with it.
        self.manage(*(order for shop in shops for order in _connecting(shop)), *map(_joining, members))

    def fresh_database(self) -> None:
        """The simulator remembers nothing of an earlier run, so neither may the inbox."""
        with psycopg.connect(self.engines.database_url, autocommit=True) as connection:
            name = sql.Identifier(self.database)
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
            made = "CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'"
            connection.execute(sql.SQL(made).format(name))

    def open_simulator(self, shops: Sequence[Shop]) -> None:
        config = self.folder / "simulator.json"
        config.touch(mode=0o600)
        config.write_text(json.dumps({"numbers": [shop.simulated() for shop in shops], "pace": dict(self.pace)}))
        self.supervisor.start(programs.simulator({}, self.simulator_port, config))
        self.wait_for(f"{self.simulator_url}/healthz")

    def manage(self, *orders: Order) -> list[str]:
        """Run management commands one after another and return what each said. Raises HouseError if one failed."""
        command = [sys.executable, "-m", "gigaviz.demo.commands"]
        told = json.dumps([{"argv": argv, "env": env} for argv, env in orders])
        env = {**os.environ, **self.env}
        done = subprocess.run(  # noqa: S603
            command, cwd=ROOT, env=env, input=told, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise HouseError(f"A management command failed:\n{done.stdout}{done.stderr}")
        said: list[str] = json.loads(done.stdout)
        return said

    def wait_for(self, url: str) -> None:
        deadline = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < deadline:
            self.supervisor.look()
            try:
                with urlopen(url, timeout=2):  # noqa: S310 - our own address
                    return
            except (URLError, OSError):
                time.sleep(0.1)
        raise HouseError(f"Nothing answers at {url}; the logs are in {self.supervisor.logs}.")


def _connecting(shop: Shop) -> list[Order]:
    """A workspace and its number, connected as an admin would do it."""
    secrets = {"APP_SECRET": shop.app_secret, "ACCESS_TOKEN": shop.access_token, "VERIFY_TOKEN": shop.verify_token}
    ids = ["--app-id", shop.app_id, "--phone-number-id", shop.phone_number_id, "--waba-id", shop.waba_id]
    named = ["--workspace", shop.slug, "--name", shop.name, "--environment", "simulator"]
    orders: list[Order] = [
        (["create_workspace", "--name", shop.name, "--slug", shop.slug, "--country", "ID"], {}),
        (["add_connection", *named, *ids, "--subscribe", "--set-callback"], secrets),
    ]
    if not shop.is_sandboxed:
        orders.append((["set_sandbox", "--workspace", shop.slug, "off"], {}))
    return orders


def _joining(member: Member) -> Order:
    named = ["--email", member.email, "--name", member.name, "--role", member.role]
    return ["add_member", "--workspace", member.workspace, *named], {}
