"""The next batch, parsed while PostgreSQL works on this one.

Parsing is pure and a stored body never changes, so it may be done before the event is taken; where another drain is
quicker to take it, that was done for nothing. No thread: it is done where this one would only wait for an answer, so
that nobody ever waits for the parser.
"""

from __future__ import annotations

import select
from collections import deque
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from functools import partial
from typing import Any

from django.db import connection
from psycopg.waiting import Wait

from webhooks.items import Parsed
from webhooks.payload import parse

from .sql import rows

Key = tuple[date, int]

NEXT = """
SELECT day, id, body FROM (
    SELECT day, id, body, sum(octet_length(body)) OVER (ORDER BY received_at, id) AS total FROM (
        SELECT day, id, body, received_at FROM webhooks_webhookevent WHERE state = 'waiting'
            AND (received_at, id) > (SELECT * FROM unnest(%s::timestamptz[], %s::bigint[]))
        ORDER BY received_at, id LIMIT %s
    ) next
) measured WHERE total <= %s
"""


class Lookahead:
    """Bodies that one drain expects to take next, and what it knows of them already."""

    def __init__(self) -> None:
        self._bodies: deque[tuple[Key, bytes]] = deque()
        self._parsed: dict[Key, Parsed] = {}

    def fetch(self, after: tuple[datetime, int], most: int, most_bytes: int) -> None:
        """Note the bodies that wait behind this event, instead of those noted before."""
        found = rows(NEXT, [[after[0]], [after[1]], most, most_bytes])
        self._bodies = deque(((day, event), body) for day, event, body in found)
        self._parsed.clear()

    def parsed(self, key: Key, body: bytes) -> Parsed:
        """What this body says. Where that is not known yet, it is found here and now."""
        return self._parsed.pop(key, None) or parse(body)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """While this is open, each wait of Django's connection is used."""
        connection.ensure_connection()
        wrapped = connection.connection
        wait = wrapped.wait
        wrapped.wait = lambda gen, *args, **options: wait(self._used(gen, wrapped.fileno()), *args, **options)
        try:
            yield
        finally:
            del wrapped.wait

    def _used(self, waiting: Generator[Any, Any, Any], fileno: int) -> Generator[Any, Any, Any]:
        """The same steps of psycopg's, with work between a question and its answer."""
        has_answer = partial(select.select, [fileno], [], [], 0)
        given = None
        while True:
            try:
                wanted = waiting.send(given)
            except StopIteration as end:
                return end.value
            # Not while the question is still being sent, as that would not go on meanwhile.
            while wanted == Wait.R and self._bodies and not has_answer()[0]:
                key, body = self._bodies.popleft()
                self._parsed[key] = parse(body)
            given = yield wanted
