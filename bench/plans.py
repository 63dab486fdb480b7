"""Query plans at volume: every statement of a screen or a sweep, explained as it ran, in a small and a big workspace.

Each statement is explained (and what it changed undone) just before it runs, so what is shown is what the product
sent, with its own values. A plan that reads a big table whole, or far more for the big workspace than for the small
one, is marked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

import psycopg

from . import town, volume
from .ground import Ground
from .town import Reader, Town
from .volume import Volume

# Blocks of 8 kB. Whatever reads fewer is fast, whatever it grew from.
MANY_BLOCKS = 2000
MOST_GROWTH = 4.0
WHOLE_TABLE = 5000
EXPLAIN = "EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) "
EXPLAINED = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")


@dataclass
class Step:
    """What one act cost: its statements, the blocks they touched, and the node that touched the most of them."""

    statements: int = 0
    blocks: int = 0
    milliseconds: float = 0.0
    worst: str = ""
    worst_blocks: int = -1
    scans: set[str] = field(default_factory=set)

    def note(self, said: dict[str, Any]) -> None:
        self.statements += 1
        self.milliseconds += said["Planning Time"] + said["Execution Time"]
        top = said["Plan"]
        self.blocks += _blocks(top)
        for node in _nodes(top):
            own = _blocks(node) - sum(_blocks(child) for child in node.get("Plans", []))
            if own > self.worst_blocks:
                self.worst, self.worst_blocks = _named(node), own
            read = (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]
            if node["Node Type"] == "Seq Scan" and read > WHOLE_TABLE:
                self.scans.add(node["Relation Name"])


def _blocks(node: dict[str, Any]) -> int:
    return int(node.get("Shared Hit Blocks", 0)) + int(node.get("Shared Read Blocks", 0))


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", []):
        yield from _nodes(child)


def _named(node: dict[str, Any]) -> str:
    where = node.get("Index Name") or node.get("Relation Name") or ""
    removed = node.get("Rows Removed by Filter", 0)
    return f"{node['Node Type']} {where}".strip() + (f", {removed:,.0f} rows thrown away" if removed else "")


@dataclass(frozen=True)
class Place:
    """A workspace, its volume, and a member signed in."""

    town: Town
    reader: Reader
    filled: Volume


Act = Callable[[Place], object]


def show(ground: Ground, *, people: int, each: int) -> str:
    small = _fill("small", "100000000000021", min(1000, people), each)
    big = _fill("big", "100000000000022", people, each)
    with _explained() as explain:
        lines = [_line(name, explain(small, act), explain(big, act)) for name, act in _steps()]
        with volume.backlog(small.town, big.town):
            name = f"freshness, {volume.BACKLOG:,} events of each wait"
            lines.append(_line(name, explain(small, _poll_behind), explain(big, _poll_behind)))
    head = "| what | statements | blocks, small | blocks, big | ms, big | worst node | |\n" + "| --- " * 7 + "|"
    title = f"{people:,} conversations and {people * each:,} messages, beside {small.filled.people:,} conversations"
    return "\n".join([title, "", head, *lines])


def _line(name: str, small: Step, big: Step) -> str:
    marks = [f"reads {table} whole" for table in sorted(big.scans)]
    if big.blocks > MANY_BLOCKS and big.blocks > small.blocks * MOST_GROWTH:
        marks.append("grows with the table")
    worst = f"{big.worst} ({big.worst_blocks:,})"
    said = " and ".join(f"**{mark}**" for mark in marks)
    counts = f"{big.statements} | {small.blocks:,} | {big.blocks:,} | {big.milliseconds:.1f}"
    return f"| {name} | {counts} | {worst} | {said} |"


def _fill(slug: str, number: str, people: int, each: int) -> Place:
    place = town.build(slug, number)
    reader = town.member(place, slug)
    return Place(place, reader, volume.fill(place, reader.user_id, people, each))


@contextmanager
def _explained() -> Iterator[Callable[[Place, Act], Step]]:
    """Explain what an act sends; an act runs once before, so that what is looked up once in some seconds is known."""
    steps: list[Step] = []
    execute = psycopg.Cursor.execute

    def explaining(cursor: Any, query: Any, values: Any = None, **options: Any) -> Any:
        if steps and isinstance(query, str) and query.lstrip().upper().startswith(EXPLAINED):
            with cursor.connection.transaction(force_rollback=True):
                execute(cursor, EXPLAIN + query, values)
                steps[-1].note(cursor.fetchone()[0][0])
        return execute(cursor, query, values, **options)

    def explain(place: Place, act: Act) -> Step:
        steps.clear()
        act(place)
        steps.append(Step())
        act(place)
        return steps[0]

    with patch.object(psycopg.Cursor, "execute", explaining):
        yield explain


def _steps() -> list[tuple[str, Act]]:
    return [*_screens(), *_polls(), *_sweeps()]


def _screens() -> list[tuple[str, Act]]:
    views = ("mine", "unassigned", "open", "closed", "all")
    searches = {
        "a common name": "dewi",
        "two letters": "de",
        "a rare name": "lestari 777",
        "a number": "0811 0000 0777",
        "part of a number": "0777",
        "two digits": "77",
        "a username": "@user775",
        "a BSUID": "ID.777",
    }
    return [
        *((f"list, {view}", _get(f"list/?view={view}")) for view in views),
        *((f"list, {view}, page after", _after(view)) for view in ("open", "all")),
        *((f"search for {what}", _get(f"list/?view=all&q={words}")) for what, words in searches.items()),
        ("conversation, whole page", _get("{first}/")),
        ("thread", _get("{first}/thread/")),
        ("evidence of a message", _get("messages/{message}/evidence/")),
        ("panel", _get("{first}/panel/")),
    ]


def _polls() -> list[tuple[str, Act]]:
    return [
        ("poll, nothing changed (freshness)", _get("list/?seen={version}")),
        ("thread poll, others changed (has_changed)", _get("{old}/thread/?seen={before}")),
        ("thread poll, changed (since)", _get("{first}/thread/?seen={seen}")),
        ("verdict poll, changed", _get("{first}/verdict/?seen={before}")),
        ("header poll, changed", _get("{first}/header/?seen={before}")),
    ]


def _sweeps() -> list[tuple[str, Act]]:
    from inbox import drain, media, reaper, sending

    return [
        ("sweep", lambda place: drain.sweep()),
        ("drain of ten messages", _drained(_messages)),
        ("drain of ten receipts", _drained(_receipts)),
        ("dispatcher", lambda place: sending.dispatch()),
        ("files due", lambda place: media.due()),
        ("reaper", lambda place: reaper.reap()),
    ]


def _get(path: str) -> Act:
    def act(place: Place) -> object:
        filled = place.filled
        version = town.version(place.town)
        named = path.format(
            first=filled.conversation + 1,
            old=filled.conversation + filled.people // 2,
            message=filled.message + filled.people * (filled.each - 1) + 1,
            version=version,
            before=version - 1,
            seen=max(filled.people * (filled.each - 1), 1),
        )
        response = town.client(place.reader).get(f"/w/{place.reader.slug}/inbox/{named}")
        assert response.status_code in {200, 204}, (named, response.status_code)
        return response

    return act


def _after(view: str) -> Act:
    """The page whose rows are far down."""

    def act(place: Place) -> object:
        from inbox.models import Conversation
        from workspaces import keys

        last = Conversation.objects.get(pk=place.filled.conversation + place.filled.people // 2)
        assert last.last_at is not None
        return _get(f"list/?view={view}&before={keys.write(last.last_at, last.pk)}")(place)

    return act


def _poll_behind(place: Place) -> object:
    from inbox import freshness

    return freshness.behind(place.town.workspace_id)


_numbers = iter(range(10**9))


def _drained(bodies: Callable[[Place], list[bytes]]) -> Act:
    def act(place: Place) -> object:
        from inbox import drain
        from webhooks import log

        for body in bodies(place):
            log.store(place.town.meta_app_id, body)
        return drain.drain()

    return act


def _messages(place: Place) -> list[bytes]:
    from django.utils import timezone

    return [town.said(place.town, next(_numbers), timezone.now()) for _ in range(10)]


def _receipts(place: Place) -> list[bytes]:
    from django.utils import timezone

    wamids = [volume.wamid(place.town, number, place.filled.each) for number in range(1, 11)]
    token = volume.token(place.town, 1, place.filled.each)
    at = timezone.now()
    return [town.body(place.town, [town.status(wamid, "read", at, f"{token}.1", "62811")]) for wamid in wamids]
