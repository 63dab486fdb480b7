"""What the documentation says of the simulator is all there is."""

from __future__ import annotations

import re
from pathlib import Path

from simulator.control.api import TABLE
from simulator.faults import CALL_KINDS, WEBHOOK_KINDS

PAGE = (Path(__file__).parents[2] / "docs" / "simulator.md").read_text(encoding="utf-8")


def test_the_control_api_lists_itself_whole(sim):
    told = sim.http.get("/_sim/").text
    named = [f"{method} /_sim{re.sub(r'{.*?}', 'ID', path)}" for method, path, _ in TABLE]
    assert [one for one in named if " ".join(one.split()) not in " ".join(told.split())] == []


def test_the_page_names_every_fault():
    assert [kind for kind in CALL_KINDS + WEBHOOK_KINDS if f"| `{kind}` |" not in PAGE] == []


def test_a_control_that_is_not_there_says_where_to_look(sim):
    answer = sim.http.put("/_sim/reset", json={})
    assert answer.status_code == 404
    assert "/_sim/ lists what there is" in answer.json()["error"]
