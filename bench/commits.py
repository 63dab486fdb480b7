"""Commits per second in one workspace, with its clock row raised in each and without: what the promise costs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from . import town, volume
from .ground import Ground
from .report import Figure, interleave

WRITERS = 8


def measure(ground: Ground, *, rounds: int, seconds: float) -> list[Figure]:
    """Each writer closes and opens conversations of its own, so that only the clock can make them wait."""
    place = town.build("commits", "100000000000014")
    reader = town.member(place, "commits")
    first = volume.fill(place, reader.user_id, WRITERS, 1).conversation + 1

    def rate(has_clock: bool) -> Callable[[], float]:
        return lambda: _run(place.workspace_id, first, has_clock=has_clock, seconds=seconds)

    found = interleave(rounds, {"without": rate(False), "with": rate(True)})
    note = f"floor: the same without the clock row; {WRITERS} writers, each in conversations of its own"
    return [Figure("commits of one workspace", found["with"], "/s", found["without"], note=note)]


def _run(workspace_id: int, first: int, *, has_clock: bool, seconds: float) -> float:
    done = [0] * WRITERS
    start = threading.Barrier(WRITERS + 1)

    def write(number: int) -> None:
        from django.db import connections

        start.wait()
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            _commit(workspace_id, first + number, has_clock)
            done[number] += 1
        connections.close_all()

    writers = [threading.Thread(target=write, args=(number,)) for number in range(WRITERS)]
    for writer in writers:
        writer.start()
    start.wait()
    started = time.perf_counter()
    for writer in writers:
        writer.join()
    return sum(done) / (time.perf_counter() - started)


def _commit(workspace_id: int, conversation: int, has_clock: bool) -> None:
    from django.db import transaction

    from inbox import versions
    from inbox.sql import rows

    with transaction.atomic():
        rows("UPDATE inbox_conversation SET closed_at = now() WHERE id = %s", [conversation])
        if has_clock:
            versions.stamp(conversations={workspace_id: [conversation]})
        else:
            rows("UPDATE inbox_conversation SET version = version + 1 WHERE id = ANY(%s)", [[conversation]])
