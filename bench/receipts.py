"""Receipts applied by one drain, from the stored body to the word on the message; beside the least SQL that could."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from . import town, volume
from .ground import Ground
from .report import Figure, interleave
from .town import Town
from .volume import Volume

WORDS = ("sent", "delivered", "read")
BATCH = 500
# The floor knows the message already by its wamid, keeps the receipt, raises the word: two statements for a batch.
KEEP = """
INSERT INTO {prefix}_receipt (connection_id, wamid, status, provider_at, received_at, processed_at, callback_data,
    errors, raw)
SELECT %s, wamid, status, at, at, at, '', '[]', raw
FROM unnest(%s::text[], %s::text[], %s::timestamptz[], %s::text[]) new (wamid, status, at, raw)
ON CONFLICT DO NOTHING
"""
RAISE = """
UPDATE {prefix}_message message SET word = GREATEST(word, rank)
FROM unnest(%s::text[], %s::smallint[]) new (wamid, rank)
WHERE message.connection_id = %s AND message.wamid = new.wamid
"""
_seconds = itertools.count()
Status = dict[str, Any]


def measure(ground: Ground, *, rounds: int, receipts: int) -> list[Figure]:
    from inbox.drain import drain

    place = town.build("receipts", "100000000000012")
    reader = town.member(place, "receipts")
    filled = volume.fill(place, reader.user_id, receipts // len(WORDS), 2, word=5)
    _make_floor_tables(place)

    def drained(each: int) -> Callable[[], float]:
        def measured() -> float:
            statuses = list(_statuses(place, filled))
            before = _count(place)
            _store(place, statuses, each)
            started = time.perf_counter()
            drain()
            seconds = time.perf_counter() - started
            assert _count(place) - before == len(statuses), "A stored receipt was not applied."
            return len(statuses) / seconds

        return measured

    found = interleave(
        rounds,
        {
            "batched": lambda: _floor(place, list(_statuses(place, filled)), BATCH),
            "indexed": lambda: _floor(place, list(_statuses(place, filled)), BATCH, "indexed"),
            "alone": drained(1),
            "together": drained(10),
            "one by one": lambda: _floor(place, list(itertools.islice(_statuses(place, filled), 1000)), 1),
        },
    )
    floor = found["batched"]
    note = f"floor: two statements for {BATCH} receipts, known by wamid; one receipt per webhook"
    return [
        Figure("receipts applied by one drain", found["alone"], "/s", floor, 0.25, note),
        Figure("the same, ten receipts per webhook", found["together"], "/s", floor),
        Figure("the same floor on tables with all our indexes", found["indexed"], "/s", floor),
        Figure("the floor, one by one", found["one by one"], "/s"),
    ]


def _statuses(place: Town, filled: Volume) -> Iterator[Status]:
    """Sent, delivered and read for every message of ours; a second later each time, so that each one is new."""
    from django.utils import timezone

    at = timezone.now().replace(microsecond=0) - timedelta(days=2) + timedelta(seconds=next(_seconds) * 3)
    for order, word in enumerate(WORDS):
        for number in range(1, filled.people + 1):
            wamid, token = volume.wamid(place, number, 2), volume.token(place, number, 2)
            yield town.status(wamid, word, at + timedelta(seconds=order), f"{token}.1", f"62811{number:08d}")


def _store(place: Town, statuses: Sequence[Status], each: int) -> None:
    from webhooks import log

    bodies = [town.body(place, list(statuses[start : start + each])) for start in range(0, len(statuses), each)]
    now = datetime.now(UTC)
    for start in range(0, len(bodies), BATCH):
        log._write([log._Entry(place.meta_app_id, body, now) for body in bodies[start : start + BATCH]])


def _floor(place: Town, statuses: Sequence[Status], batch: int, prefix: str = "bench") -> float:
    import json

    from django.db import transaction

    from inbox.delivery import RECEIPT_WORDS
    from inbox.sql import rows

    prepared = [
        (s["id"], word, datetime.fromtimestamp(int(s["timestamp"]), UTC), json.dumps(s), RECEIPT_WORDS[word])
        for s in statuses
        for word in [s["status"]]
    ]
    started = time.perf_counter()
    for start in range(0, len(prepared), batch):
        wamids, words, times, raws, ranks = zip(*prepared[start : start + batch], strict=True)
        with transaction.atomic():
            rows(KEEP.format(prefix=prefix), [place.connection_id, list(wamids), list(words), list(times), list(raws)])
            rows(RAISE.format(prefix=prefix), [list(wamids), list(ranks), place.connection_id])
    return len(prepared) / (time.perf_counter() - started)


def _make_floor_tables(place: Town) -> None:
    from inbox.sql import rows

    for table in ("message", "receipt"):
        rows(f"CREATE TABLE bench_{table} (LIKE inbox_{table} INCLUDING DEFAULTS INCLUDING IDENTITY, PRIMARY KEY (id))")
        rows(
            f"CREATE TABLE indexed_{table} (LIKE inbox_{table} INCLUDING DEFAULTS INCLUDING IDENTITY INCLUDING INDEXES)"
        )
    rows("CREATE UNIQUE INDEX ON bench_message (connection_id, wamid)")
    rows("CREATE UNIQUE INDEX ON bench_receipt (connection_id, wamid, status, provider_at)")
    for copy in ("bench_message", "indexed_message"):
        rows(f"INSERT INTO {copy} SELECT * FROM inbox_message WHERE workspace_id = %s", [place.workspace_id])
        rows(f"VACUUM ANALYZE {copy}")


def _count(place: Town) -> int:
    from inbox.sql import rows

    counted = "SELECT count(*) FROM inbox_receipt WHERE connection_id = %s AND message_id IS NOT NULL"
    return int(rows(counted, [place.connection_id])[0][0])
