"""Polls of an unchanged screen, beside a signed-in view that does nothing; by the product's own web server."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gigaviz.demo import programs

from . import town, volume
from .ground import Ground, settle_down
from .load import Load, fire, request
from .report import Figure, interleave
from .town import Reader

LINES = 8
SECONDS = 10.0
PEOPLE, EACH = 300, 12
MOST_QUERIES = 2
MOST_BYTES = 1024
EMPTY = "/bench/empty/"


@dataclass(frozen=True)
class Poll:
    """An address and how many queries more than an empty view it may need."""

    name: str
    path: str
    queries: int = MOST_QUERIES


def measure(ground: Ground, *, rounds: int, requests: int) -> list[Figure]:
    place = town.build("poll", "100000000000013")
    reader = town.member(place, "poll")
    filled = volume.fill(place, reader.user_id, PEOPLE, EACH)
    port = ground.serve_program(programs.web, "web-poll")
    polls = _polls(filled.conversation + 1, PEOPLE * EACH)
    needed = {poll.name: _queries(reader, poll.path) - _queries(reader, EMPTY) for poll in polls}
    for poll in polls:
        assert needed[poll.name] <= poll.queries, f"The {poll.name} needs {needed[poll.name]} queries more."
    loads: dict[str, Load] = {}

    def rate(name: str, path: str) -> Callable[[], float]:
        def measured() -> float:
            load = loads[name] = fire(port, [_get(reader, path)] * requests, lines=LINES, seconds=SECONDS)
            assert set(load.statuses) == {204}, f"The {name} was answered {load.statuses}."
            assert load.largest < MOST_BYTES, f"The answer to the {name} has {load.largest} bytes."
            settle_down()
            return load.rate

        return measured

    measures = {"empty": rate("empty view", EMPTY)} | {poll.name: rate(poll.name, poll.path) for poll in polls}
    for warm in measures.values():
        warm()
    found = interleave(rounds, measures)
    return [
        Figure(
            f"unchanged {poll.name}",
            found[poll.name],
            "/s",
            found["empty"],
            0.5,
            f"{needed[poll.name]} queries more, {loads[poll.name].largest} bytes with headers",
        )
        for poll in polls
    ]


def _polls(conversation: int, version: int) -> list[Poll]:
    """The last one has not seen the workspace's newest change, which was in another conversation."""
    base, seen = "/w/poll/inbox/", f"seen={version}"
    return [
        Poll("list poll", f"{base}list/?{seen}&view=open"),
        Poll("thread poll", f"{base}{conversation}/thread/?{seen}"),
        Poll("verdict poll", f"{base}{conversation}/verdict/?{seen}"),
        Poll("thread poll while others change", f"{base}{conversation + 50}/thread/?seen={version - 1}", 3),
    ]


def _get(reader: Reader, path: str) -> bytes:
    return request("GET", path, Cookie=reader.cookie, HX_Request="true")


def _queries(reader: Reader, path: str) -> int:
    """How many queries an answer takes, as the page's next poll would find it."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = town.client(reader)
    client.get(path)  # what is looked up once in some seconds is known now
    with CaptureQueriesContext(connection) as caught:
        assert client.get(path).status_code == 204, path
    return len(caught)
