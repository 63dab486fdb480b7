"""The supervisor: programs are restarted, stopped whole and in order, and found again after a kill -9."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import time
from pathlib import Path

import psutil
import pytest

from gigaviz.ports import free_port, is_free
from gigaviz.processes import alive
from gigaviz.running import AlreadyRunning, Program, Supervisor, supervised
from tests.gigaviz.conftest import processes_in, soon

WAIT = "import time; time.sleep(600)"
# Starts a child of its own and ignores the request to end, as does the child.
STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)", sys.argv[1]])
print("ready", flush=True)
time.sleep(600)
"""
# What the demo does: starts programs and looks after them until Ctrl-C.
SUPERVISE = """
import json, sys
from pathlib import Path
from gigaviz.interrupts import stopping_once
from gigaviz.processes import alive
from gigaviz.running import Program, supervised

folder, said = Path(sys.argv[1]), []
try:
    with stopping_once(), supervised(folder, say=said.append) as supervisor:
        for name in ("first", "second"):
            program = [sys.executable, "-c", sys.argv[2], str(folder)]
            supervisor.start(Program(name, program, seconds_to_end=float(sys.argv[3])))
        print(json.dumps(said), flush=True)
        supervisor.run()
except KeyboardInterrupt:
    sys.exit(130)
"""


def program(folder: Path, code: str = WAIT, name: str = "web", **options) -> Program:
    return Program(name, [sys.executable, "-c", code, str(folder)], **options)


def only_process_in(folder: Path) -> psutil.Process:
    assert soon(lambda: len(processes_in(folder)) == 1)
    (process,) = processes_in(folder)
    return process


def test_a_program_runs_in_a_session_of_its_own_with_its_output_in_a_log(place):
    with supervised(place) as supervisor:
        code = f"import os; print(os.environ['WORD'], os.getsid(0) == os.getpid(), flush=True); {WAIT}"
        supervisor.start(program(place, code, env={"WORD": "hello"}))
        assert soon(lambda: (place / "logs" / "web.log").read_text() == "hello True\n")
    assert processes_in(place) == []


def test_one_that_dies_is_started_again_and_said(place):
    said: list[str] = []
    with supervised(place, say=said.append) as supervisor:
        supervisor.start(program(place))
        first = only_process_in(place)
        first.kill()
        assert soon(lambda: looked(supervisor) and said)
        assert only_process_in(place).pid != first.pid
    log = place.resolve() / "logs" / "web.log"
    assert said == [f"web was killed by SIGKILL and is started again now; its log is {log}.1."]


def looked(supervisor: Supervisor) -> bool:
    supervisor.look()
    return True


def test_one_that_dies_at_once_is_given_more_and_more_time(place):
    said: list[str] = []
    with supervised(place, say=said.append) as supervisor:
        supervisor.start(program(place, "raise SystemExit(3)"))
        assert soon(lambda: looked(supervisor) and len(said) == 3)
    assert [sentence.partition(";")[0] for sentence in said] == [
        "web ended with status 3 and is started again now",
        "web ended with status 3 and is started again in 1 s",
        "web ended with status 3 and is started again in 3 s",
    ]


def test_what_a_dead_program_started_is_stopped_before_it_is_started_again(place):
    said: list[str] = []
    with supervised(place, say=said.append) as supervisor:
        supervisor.start(program(place, STUBBORN, seconds_to_end=0.1))
        assert soon(lambda: len(processes_in(place)) == 2)
        leader = min(processes_in(place), key=lambda process: process.create_time())
        child = leader.children()[0]
        leader.kill()
        assert soon(lambda: looked(supervisor) and said)
        assert not alive(child)


def test_stopping_ends_programs_that_do_not_want_to_and_their_children(place):
    with supervised(place) as supervisor:
        supervisor.start(program(place, STUBBORN, seconds_to_end=0.1))
        assert soon(lambda: len(processes_in(place)) == 2)
    assert processes_in(place) == []


def test_programs_are_stopped_the_last_started_first(place):
    note = f"""
import os, signal, sys, time
def end(*_):
    open(os.path.join(sys.argv[1], "order"), "a").write(os.environ["NAME"])
    sys.exit()
signal.signal(signal.SIGTERM, end)
print("ready", flush=True)
{WAIT}
"""
    with supervised(place) as supervisor:
        for name in "abc":
            supervisor.start(program(place, note, name, env={"NAME": name}))
        assert soon(lambda: all((place / "logs" / f"{name}.log").read_text() for name in "abc"))
    assert (place / "order").read_text() == "cba"


def test_ctrl_c_stops_all_and_a_second_one_changes_nothing(place, begin):
    supervisor = begin(SUPERVISE, place, STUBBORN, "0.5")
    assert supervisor.says() == []
    assert soon(lambda: len(processes_in(place)) == 5)
    os.killpg(supervisor.child.pid, signal.SIGINT)
    assert soon(lambda: len(processes_in(place)) < 5)
    assert supervisor.ctrl_c() == 130
    assert processes_in(place) == []


def test_what_a_killed_supervisor_left_is_stopped_by_the_next(place, begin):
    killed = begin(SUPERVISE, place, WAIT, "5")
    killed.says()
    killed.kill()
    left = processes_in(place)
    assert len(left) == 2
    again = begin(SUPERVISE, place, WAIT, "5")
    assert again.says() == ["Stopped 2 programs left over from a run that was killed."]
    assert not any(alive(process) for process in left)
    assert again.ctrl_c() == 130
    assert processes_in(place) == []


def test_children_of_a_program_that_died_with_its_supervisor_are_stopped_too(place, begin, monkeypatch):
    monkeypatch.setattr("gigaviz.running.SECONDS_FOR_LEFTOVERS", 0.1)
    killed = begin(SUPERVISE, place, STUBBORN, "0.1")
    killed.says()
    assert soon(lambda: len(processes_in(place)) == 5)
    killed.kill()
    for process in processes_in(place):
        if process.children():
            process.kill()
    assert soon(lambda: len(processes_in(place)) == 2)
    with supervised(place):
        assert processes_in(place) == []


def test_a_stale_pid_file_never_leads_to_a_stranger(place, begin):
    stranger = begin(f"print('{{}}', flush=True); {WAIT}")
    stranger.says()
    stale = {"pid": stranger.child.pid, "born": time.time() - 3600, "argv": ["web"], "cwd": str(Path.cwd())}
    (place / "pids").mkdir()
    (place / "pids" / "web.pid").write_text(json.dumps(stale))
    with supervised(place, say=pytest.fail):
        assert stranger.child.poll() is None
    assert not (place / "pids" / "web.pid").exists()


def test_two_supervisors_do_not_share_a_folder(place):
    with supervised(place) as supervisor:
        supervisor.start(program(place))
        with pytest.raises(AlreadyRunning, match="stop that one first"), supervised(place):
            pass
        assert only_process_in(place).is_running()


def test_a_preferred_port_is_chosen_only_while_it_is_free(place):
    port = free_port()
    assert free_port(port) == port
    with socket.create_server(("127.0.0.1", port)):
        assert not is_free(port)
        assert free_port(port) not in (0, port)
