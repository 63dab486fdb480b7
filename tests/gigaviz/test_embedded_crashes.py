"""Whatever was killed, and whenever: the next start works, and a stop leaves no process."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time

import psutil
import psycopg
import pytest

from gigaviz import embedded
from tests.gigaviz.conftest import processes_in, soon
from tests.gigaviz.test_embedded import ask_postgres, ping, tell_postgres


@pytest.mark.parametrize("who", ["ourselves", "an ordinary user"])
def test_servers_left_by_a_killed_parent_are_adopted_and_ctrl_c_then_leaves_none(place, hold_engines, user, who):
    account = user if who == "an ordinary user" else None
    killed = hold_engines(place / "run", account=account)
    before = killed.says()
    killed.kill()
    again = hold_engines(place / "run", account=account)
    assert again.says() == before, "the same servers at the same addresses"
    assert again.ctrl_c() == 130
    assert processes_in(place) == []


def test_when_everything_is_killed_what_was_committed_is_there_again(place, hold_engines):
    killed = hold_engines(place / "run")
    was = killed.says()
    tell_postgres(was["database"], "CREATE TABLE note AS SELECT 'kept' AS word")
    killed.kill()
    for name in ("postgres", "valkey"):
        psutil.Process(was[name]).kill()
    with embedded.engines(place / "run") as running:
        assert ask_postgres(running.database_url, "SELECT word FROM note") == "kept"
        assert ping(running.redis_url)
    assert processes_in(place) == []


def test_servers_are_found_again_without_their_pid_files(place, hold_engines):
    killed = hold_engines(place / "run")
    before = killed.says()
    killed.kill()
    for path in (place / "run").glob("*.pid"):
        path.unlink()
    with embedded.engines(place / "run") as running:
        assert (running.postgres.pid, running.valkey.pid) == (before["postgres"], before["valkey"])
    assert processes_in(place) == []


def test_a_frozen_server_is_not_adopted(place, hold_engines, monkeypatch):
    monkeypatch.setattr("gigaviz.embedded.server.SECONDS_TO_ANSWER", 1.5)
    killed = hold_engines(place / "run")
    before = killed.says()
    killed.kill()
    psutil.Process(before["valkey"]).suspend()
    with embedded.engines(place / "run") as running:
        assert running.valkey.pid != before["valkey"]
        assert ping(running.redis_url)


def test_ctrl_c_while_starting_leaves_no_process(place, hold_engines):
    program = hold_engines(place / "run")
    assert soon(lambda: (place / "run" / "postgres.pid").exists())
    assert program.ctrl_c() == 130
    assert processes_in(place) == []


def test_a_second_ctrl_c_while_stopping_changes_nothing(place, hold_engines):
    program = hold_engines(place / "run")
    said = program.says()
    connection = psycopg.connect(said["database"])
    program.child.send_signal(2)
    assert soon(lambda: not psutil.pid_exists(said["valkey"]))
    assert program.ctrl_c() == 130
    assert processes_in(place) == []
    connection.close()


@pytest.fixture
def stranger():
    """A living process that has nothing to do with us."""
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    yield child
    child.communicate(b"\n")


def test_a_stale_pid_file_never_leads_us_to_a_stranger(place, stranger):
    with embedded.engines(place / "run"):
        pass
    stale = {"pid": stranger.pid, "born": time.time() - 3600, "argv": ["postgres"], "cwd": "/"}
    for name in ("postgres", "valkey-server"):
        (place / "run" / f"{name}.pid").write_text(json.dumps(stale))
    # PostgreSQL itself would take the stranger for itself, and refuse to start.
    (place / "run" / "postgres" / "postmaster.pid").write_text(f"{stranger.pid}\n{place}/run/postgres\n")
    assert not embedded.stop(place / "run")
    with embedded.engines(place / "run") as running:
        assert stranger.pid not in (running.postgres.pid, running.valkey.pid)
    assert stranger.poll() is None


@pytest.mark.parametrize("words", ["", "{", "[]", '{"pid": "x"}', "12345"])
def test_an_unreadable_pid_file_is_no_pid_file(place, words):
    (place / "run").mkdir()
    (place / "run" / "valkey-server.pid").write_text(words)
    assert not embedded.stop(place / "run")


def test_a_port_taken_meanwhile_is_not_assumed(place):
    with embedded.engines(place / "run") as running:
        port = int(running.redis_url.rpartition(":")[2].split("/")[0])
    with socket.create_server(("127.0.0.1", port)), embedded.engines(place / "run") as running:
        assert f":{port}/" not in running.redis_url
        assert ping(running.redis_url)
