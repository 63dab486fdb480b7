"""Webhooks accepted and stored, by one web process: requests answered 200 per second, each a row on disk."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import UTC, datetime

from gigaviz.demo import programs

from . import town
from .ground import Ground, settle_down
from .load import Load, fire, request
from .report import Figure, interleave
from .town import Town

LINES = 32
SECONDS = 10.0
_numbers = itertools.count(1)


def measure(ground: Ground, *, rounds: int, requests: int) -> list[Figure]:
    place = town.build("webhooks", "100000000000011")
    _make_floor_table()
    floors, ours, view = _serve(ground, place)
    path = f"/webhooks/meta/{place.public_id}/"
    loads: dict[str, list[Load]] = {}

    def rate(name: str, port: int, table: str, path: str) -> Callable[[], float]:
        def measured() -> float:
            prepared = [_post(place, path) for _ in range(requests)]
            before = _count(table) if table else 0
            load = fire(port, prepared, lines=LINES, seconds=SECONDS)
            assert set(load.statuses) == {200}, load.statuses
            assert not table or _count(table) - before == load.statuses[200], "An answered body was not stored."
            loads.setdefault(name, []).append(load)
            settle_down()
            return load.rate

        return measured

    measures = {name: rate(name, port, "bench_event", path) for name, port in floors.items()}
    measures["ours"] = rate("ours", ours, "webhooks_webhookevent", path)
    measures["view"] = rate("view", view, "", "/webhooks/meta/bench/")
    for warm in measures.values():
        warm()
    loads.clear()
    found = interleave(rounds, measures)
    return _figures(found, loads, list(floors))


def _figures(found: dict[str, float], loads: dict[str, list[Load]], floors: list[str]) -> list[Figure]:
    best = max(floors, key=lambda name: found[name])
    last = loads["ours"][-1]
    note = (
        f"p99 {last.latency(0.99) * 1000:.0f} ms at {LINES} connections; client used {last.client_share:.0%} of a core"
    )
    others = [Figure(f"other floor: {name}", found[name], "/s") for name in floors if name != best]
    return [
        Figure("webhook accepted and stored", found["ours"], "/s", found[best], 0.55, f"floor: {best}; {note}"),
        *others,
        Figure("a bare Django view that stores nothing", found["view"], "/s"),
    ]


def _serve(ground: Ground, place: Town) -> tuple[dict[str, int], int, int]:
    env = {"BENCH_SECRET": town.APP_SECRET, "BENCH_META_APP": str(place.meta_app_id)}
    asgi = ["granian", "--interface", "asgi", "--port", "{port}", "--no-ws", "--http", "1"]
    uvicorn = ["uvicorn", "--port", "{port}", "--log-level", "warning", "--no-access-log"]
    floors = {
        "granian, raw ASGI": ground.serve("floor-granian", [*asgi, "bench.floors.door:app"], env),
        "uvicorn, raw ASGI": ground.serve("floor-uvicorn", [*uvicorn, "bench.floors.door:app"], env),
    }
    wsgi = ["granian", "--interface", "wsgi", "--port", "{port}", "--no-ws", "--http", "1", "--blocking-threads"]
    ours = ground.serve_program(programs.web, "web-door")
    own = {"DJANGO_SETTINGS_MODULE": "bench.floors.django_settings"}
    view = ground.serve("floor-view", [*wsgi, "8", "bench.floors.django_view:application"], own)
    return floors, ours, view


def _make_floor_table() -> None:
    from inbox.sql import rows

    rows("CREATE TABLE bench_event (LIKE webhooks_webhookevent INCLUDING ALL) PARTITION BY RANGE (day)")
    rows("ALTER TABLE bench_event ADD FOREIGN KEY (meta_app_id) REFERENCES connections_metaapp (id) ON DELETE CASCADE")
    rows("CREATE TABLE bench_event_all PARTITION OF bench_event DEFAULT")


def _count(table: str) -> int:
    from inbox.sql import rows

    return int(rows(f"SELECT count(*) FROM {table}")[0][0])


def _post(place: Town, path: str) -> bytes:
    number = next(_numbers)
    wamid = f"wamid.HBgNNjI4MTEwMDAwMDAwMRUCABEYEj{number:020d}AA=="
    said = town.status(wamid, "delivered", datetime.now(UTC), f"{number:032x}.1", f"62811{number:08d}")
    content = town.body(place, [said])
    return request("POST", path, content, X_Hub_Signature_256=town.signature(content), User_Agent="facebookexternalua")
