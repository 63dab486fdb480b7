"""The embedded PostgreSQL: on a Unix socket only, where the kernel itself says who is connecting."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import psutil
import psycopg

from gigaviz.embedded.places import EmbeddedError, Places, private_folder
from gigaviz.embedded.server import Server
from gigaviz.processes import as_account

PORT = 5432  # only a part of the socket's file name; nothing listens on a port
SOCKET = f".s.PGSQL.{PORT}"
OWNER = "postgres"
# The product gets an ordinary role: what needs a superuser shall fail here, not first in production.
ROLE = DATABASE = "gigaviz"
LOCALE = ["--encoding=UTF8", "--locale=C.UTF-8"]
# The same order and letter classes from PostgreSQL itself, for systems whose C library lacks C.UTF-8.
BUILTIN_LOCALE = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "fsync": "on",
    "synchronous_commit": "on",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # A statement or a detail in the log would show customers' words and numbers.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}


class PostgreSQL(Server):
    """PostgreSQL in a folder. Reached by this operating system user alone (peer authentication), without a password."""

    name = "PostgreSQL"
    program = "postgres"
    # A fast shutdown, then an immediate one.
    asks = ((signal.SIGINT, 60.0), (signal.SIGQUIT, 10.0))

    def __init__(self, folder: Path, home: Path, sockets: Path) -> None:
        super().__init__(folder)
        self.data = home / "postgres"
        self.sockets = sockets
        self.owner_url = self._url(OWNER, "postgres")

    @property
    def url(self) -> str:
        return self._url(ROLE, DATABASE)

    @property
    def mark(self) -> str:
        return str(self.data)

    def argv(self, places: Places) -> list[str]:
        settings = SETTINGS | {"unix_socket_directories": str(self.sockets)}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [str(places.postgres / "postgres"), "-D", str(self.data), *options]

    def answers(self) -> bool:
        try:
            with psycopg.connect(self.owner_url, connect_timeout=2) as connection:
                row = connection.execute("SHOW data_directory").fetchone()
        except psycopg.OperationalError:
            return False
        return row is not None and Path(row[0]) == self.data

    def prepare(self, places: Places) -> None:
        private_folder(self.sockets, places.account)
        if not self.data.exists():
            self._make_data(places)
        private_folder(self.data, places.account)
        self._admit_us()
        for lock in (self.data / "postmaster.pid", self.sockets / (SOCKET + ".lock")):
            _drop_if_reused(lock)

    def start(self, places: Places) -> None:
        super().start(places)
        with psycopg.connect(self.owner_url, autocommit=True) as connection:
            if not connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [ROLE]).rowcount:
                connection.execute(f"CREATE ROLE {ROLE} LOGIN CREATEDB")
            if not connection.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE]).rowcount:
                connection.execute(f"CREATE DATABASE {DATABASE} OWNER {ROLE}")

    def may_try_again(self) -> bool:
        # After a kill -9 the processes of the server end a moment after it.
        return "is still in use" in self._last_lines()

    def stop(self) -> bool:
        was_running = super().stop()
        if self.sockets.is_dir():
            for name in (SOCKET, SOCKET + ".lock"):
                (self.sockets / name).unlink(missing_ok=True)
            self.sockets.rmdir()
        return was_running

    def _url(self, role: str, database: str) -> str:
        # The host is an option because not every reader of URLs decodes %2F in a host name.
        return f"postgresql://{role}@:{PORT}/{database}?host={self.sockets}"

    def _make_data(self, places: Places) -> None:
        """Make the data folder in one step: an interrupted initdb leaves only a draft, which the next start deletes."""
        for draft in self.data.parent.glob("postgres-draft-*"):
            shutil.rmtree(draft, ignore_errors=True)
        draft = private_folder(Path(tempfile.mkdtemp(prefix="postgres-draft-", dir=self.data.parent)), places.account)
        done = _initdb(draft, LOCALE, places)
        if "invalid locale name" in done.stderr:
            done = _initdb(draft, BUILTIN_LOCALE, places)
        if done.returncode:
            raise EmbeddedError(f"PostgreSQL's initdb failed:\n{done.stderr.strip()}")
        draft.rename(self.data)

    def _admit_us(self) -> None:
        user = pwd.getpwuid(os.geteuid()).pw_name
        lines = "".join(f'us "{user}" {role}\n' for role in (OWNER, ROLE))
        (self.data / "pg_ident.conf").write_text(lines, encoding="utf-8")
        (self.data / "pg_hba.conf").write_text(f"local all {OWNER},{ROLE} peer map=us\n", encoding="utf-8")


def _initdb(data: Path, locale: list[str], places: Places) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            str(places.postgres / "initdb"),
            f"--pgdata={data}",
            f"--username={OWNER}",
            "--auth=peer",
            "--no-instructions",
            *locale,
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd=places.home,
        env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"},
        start_new_session=True,
        **as_account(places.account),
    )


def _drop_if_reused(lock: Path) -> None:
    """Delete a lock file of a server that is gone if its number now belongs to another process.

    PostgreSQL would take that process for itself and refuse to start. Called only when no server of this folder runs.
    """
    try:
        pid = int(lock.read_text(encoding="utf-8").split(maxsplit=1)[0])
    except (FileNotFoundError, ValueError, IndexError):
        return
    if psutil.pid_exists(pid):
        lock.unlink()
