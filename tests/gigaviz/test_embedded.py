"""PostgreSQL and Valkey from wheels: where they run, who reaches them, who shares them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from gigaviz import embedded
from gigaviz.embedded import places
from gigaviz.processes import as_account
from tests.gigaviz.conftest import open_folder, processes_in
from tests.gigaviz.lent import PROJECT


@pytest.fixture(scope="module")
def running() -> Iterator[embedded.Engines]:
    """Engines for tests that only look at them."""
    with open_folder() as folder, embedded.engines(folder / "run") as running:
        yield running


def ask_postgres(url: str, question: str) -> str:
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(question).fetchone()
    return "" if row is None else str(row[0])


def tell_postgres(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)


def ping(url: str) -> bool:
    with redis.Redis.from_url(url) as client:
        return bool(client.ping())


def command(*words: str | Path) -> subprocess.CompletedProcess:
    argv = [sys.executable, "-m", "gigaviz.embedded", *map(str, words)]
    return subprocess.run(argv, cwd=PROJECT, capture_output=True, text=True, check=False)


def test_both_servers_answer_in_a_path_with_a_space_and_stop_leaves_no_process(place):
    with embedded.engines(place / "run") as running:
        assert ask_postgres(running.database_url, "SELECT current_user") == "gigaviz"
        assert ping(running.redis_url)
        for engine in (running.postgres, running.valkey):
            assert os.getsid(engine.pid or 0) == engine.pid, "a Ctrl-C in our terminal must not reach it"
            assert psutil.Process(engine.pid).uids().real != 0
    assert processes_in(place) == []


def test_an_ordinary_user_starts_and_stops_them(place, user, hold_engines):
    program = hold_engines(place / "run", account=user)
    said = program.says()
    assert said["said"] == []
    owner = os.geteuid() if user is None else user.uid
    assert owner != 0
    assert {psutil.Process(said[name]).uids().real for name in ("postgres", "valkey")} == {owner}
    assert program.ctrl_c() == 130
    assert processes_in(place) == []


def test_what_was_written_is_there_after_a_stop_and_a_start(place):
    with embedded.engines(place / "run") as running:
        tell_postgres(running.database_url, "CREATE TABLE note AS SELECT 'kept' AS word")
        first_url = running.redis_url
    with embedded.engines(place / "run") as running:
        assert ask_postgres(running.database_url, "SELECT word FROM note") == "kept"
        assert running.redis_url == first_url


def test_the_cluster_sorts_as_in_production_and_never_trades_safety_for_speed(running):
    url = running.database_url
    order = "SELECT datcollate, datlocprovider::text, datlocale FROM pg_database WHERE datname = 'gigaviz'"
    with psycopg.connect(url) as connection:
        # The second is PostgreSQL's own C.UTF-8, for systems whose C library has none.
        assert connection.execute(order).fetchone() in [("C.UTF-8", "c", None), ("C", "b", "C.UTF-8")]
    assert ask_postgres(url, "SHOW server_encoding") == "UTF8"
    assert ask_postgres(url, "SHOW fsync") == ask_postgres(url, "SHOW synchronous_commit") == "on"


def test_customers_words_do_not_reach_the_log_of_postgresql(running):
    tell_postgres(running.database_url, "CREATE TABLE person (phone text UNIQUE)")
    tell_postgres(running.database_url, "INSERT INTO person VALUES ('+6281200000001')")
    with pytest.raises(psycopg.errors.UniqueViolation):
        tell_postgres(running.database_url, "INSERT INTO person VALUES ('+6281200000001')")
    log = (running.folder / "postgres.log").read_text()
    assert "duplicate key" in log
    assert "6281200000001" not in log


def test_nobody_else_on_the_machine_gets_in(running, user, their_python):
    listening = {c.laddr.ip for c in psutil.Process(running.postgres.pid).net_connections("inet")}
    assert listening == set(), "PostgreSQL listens on its socket only"
    assert {c.laddr.ip for c in psutil.Process(running.valkey.pid).net_connections("inet")} == {"127.0.0.1"}
    with pytest.raises(redis.AuthenticationError):
        ping(running.redis_url.replace(":" + running.redis_url.split(":")[2].split("@")[0], ":guess"))
    sockets = Path(running.database_url.split("host=")[1])
    assert sockets.stat().st_mode & 0o077 == 0
    if user is not None:
        attempt = "import sys, psycopg\ntry: psycopg.connect(sys.argv[1])\nexcept psycopg.OperationalError: sys.exit(7)"
        # The stranger, and even the account that the servers themselves run under.
        for account in (user, places.unprivileged_account()):
            argv = [their_python.program, "-c", attempt, running.database_url]
            env = their_python.environment()
            done = subprocess.run(argv, cwd="/", env=env, capture_output=True, check=False, **as_account(account))
            assert done.returncode == 7, done.stderr


def test_two_folders_side_by_side_do_not_meet(place):
    with embedded.engines(place / "one") as one, embedded.engines(place / "two") as two:
        tell_postgres(one.database_url, "CREATE TABLE only_in_one ()")
        assert ask_postgres(two.database_url, "SELECT to_regclass('only_in_one') IS NULL") == "True"
        assert one.redis_url != two.redis_url
        one.stop()
        assert ping(two.redis_url)
        assert processes_in(place / "one") == []


def test_users_of_one_folder_share_its_servers_and_the_last_to_leave_stops_them(place):
    first = embedded.start(place / "run")
    second = embedded.start(place / "run")
    assert (first.postgres.pid, first.valkey.pid) == (second.postgres.pid, second.valkey.pid)
    first.stop()
    assert ping(second.redis_url)
    second.stop()
    assert processes_in(place) == []


def test_each_server_can_be_stopped_and_started_alone_on_the_same_address(running):
    for engine, is_up in ((running.valkey, ping), (running.postgres, lambda url: ask_postgres(url, "SELECT 1"))):
        engine.stop()
        assert engine.pid is None
        with pytest.raises((redis.ConnectionError, psycopg.OperationalError)):
            is_up(engine.url)
        engine.start()
        assert is_up(engine.url)


def test_a_path_longer_than_a_socket_may_have_works(place):
    with embedded.engines(place / ("long" * 30) / ("longer" * 20)) as running:
        assert ask_postgres(running.database_url, "SELECT 1") == "1"


def test_a_path_too_long_for_postgresql_is_refused_in_a_sentence(place):
    with pytest.raises(embedded.EmbeddedError, match="longer than 900 bytes"):
        embedded.start(place.joinpath(*["deep" * 50] * 5))
    assert processes_in(place) == []


def test_as_root_what_the_servers_account_cannot_reach_is_put_elsewhere_and_said(place, monkeypatch):
    system = place / "system"
    closed = place / "closed"
    system.mkdir()
    closed.mkdir(mode=0o700)
    monkeypatch.setattr(places, "SYSTEM_FOLDERS", [system])
    (closed / "venv").symlink_to(places.installed_packages()[0].parent)
    packages = [closed / "venv" / package.name for package in places.installed_packages()]
    monkeypatch.setattr(places, "installed_packages", lambda: packages)
    said: list[str] = []
    for _ in range(2):
        with embedded.engines(closed / "run", say=said.append) as running:
            assert ask_postgres(running.database_url, "SELECT 1") == "1"
    assert processes_in(place) == []
    as_root = os.geteuid() == 0
    assert (closed / "run" / "postgres").exists() != as_root
    assert [str(system) in sentence for sentence in said] == [True, True] * as_root
    assert closed.stat().st_mode & 0o777 == 0o700, "a folder of somebody else keeps its rights"


def test_a_failed_start_says_why_and_leaves_nothing_running(place):
    with embedded.engines(place / "run"):
        pass
    (place / "run" / "postgres" / "PG_VERSION").write_text("9\n")
    with pytest.raises(embedded.EmbeddedError, match="incompatible with server"):
        embedded.start(place / "run")
    assert processes_in(place) == []


def test_the_command_line_starts_shows_and_stops(place):
    run = place / "run"
    assert command("status", run).returncode == 3
    started = command("start", run)
    addresses = dict(line.split("=", 1) for line in started.stdout.splitlines())
    assert ping(addresses["REDIS_URL"])
    assert command("status", run).stdout.count("and answers.") == 2
    assert command("stop", run).stdout == "Stopped.\n"
    assert processes_in(place) == []
