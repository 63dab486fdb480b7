"""The parser against anything: never an exception, everything storable in PostgreSQL, nothing lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import fields, is_dataclass, replace
from datetime import datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.cast import PAYLOADS, payload
from webhooks import reading
from webhooks.items import Item, Message, Parsed
from webhooks.payload import ALONGSIDE, parse

FILES = sorted(file.stem for file in PAYLOADS.glob("*.json"))
# One of each type of JSON, and of each kind of oddity that a type allows, as it would stand in a body.
ODDITIES = [
    "null", "true", "false", "0", "-1", "7", "1e400", "-1e400", "NaN", "Infinity", "1.5", "100000000000000000",
    "-62167219200", "9" * 5000, "9" * 4200, '""', '"x"', '"\\u0000"', '"\\ud800"', '"\\udc00\\ud800"', '"\\uffff"',
    '"1"', f'"{"9" * 5000}"', f'"{"x" * 70_000}"', "[]", "[null]", "[[]]", "[7]", '["x"]', "[{}]", "{}", '{"x": {}}',
    '{"\\u0000": "\\ud800"}', '{"id": 1, "type": 2}', "[" * 600 + "]" * 600, '{"a":' * 600 + "1" + "}" * 600,
]  # fmt: skip
NEIGHBOURS: list[Any] = [None, 7, "x", [], {}, [[]], {"id": {}}]
MARK = "\ue000here\ue000"
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of everything in a document."""
    yield path
    if isinstance(value, dict | list):
        for key, child in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(child, (*path, key))


def replaced(document: Any, path: tuple[Any, ...], by: Any) -> Any:
    if not path:
        return by
    document = deepcopy(document)
    inside = document
    for key in path[:-1]:
        inside = inside[key]
    inside[path[-1]] = by
    return document


def without(document: Any, path: tuple[Any, ...]) -> Any:
    document = deepcopy(document)
    inside = document
    for key in path[:-1]:
        inside = inside[key]
    del inside[path[-1]]
    return document


def leaves(value: Any) -> Iterator[Any]:
    """Everything that a document says; a null says nothing."""
    todo = [value]
    while todo:
        one = todo.pop()
        if isinstance(one, dict):
            todo += one.values()
        elif isinstance(one, list):
            todo += one
        elif one is not None:
            yield one


def must_be_kept(document: Any) -> Iterator[Any]:
    """What the items of a document have to account for: its entries, save what only says whom and what they are for."""
    for entry in listed(document.get("entry")):
        if not isinstance(entry, dict) or not entry.get("changes"):
            yield entry
            continue
        for change in listed(entry["changes"]):
            if isinstance(change, dict) and isinstance(change.get("value"), dict):
                yield {key: value for key, value in change["value"].items() if key not in ALONGSIDE}
            else:
                yield change


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def check(body: bytes) -> Parsed:
    """Parse, and hold what comes out against all that the parser promises."""
    parsed = parse(body)
    assert parsed.items or parsed.problem
    assert_storable(parsed.problem)
    for item in parsed.items:
        assert isinstance(item, Item)
        assert_storable(item)
        assert item.raw.isascii()
    try:
        document = reading.loads(body)
    except (ValueError, RecursionError):
        return parsed
    if isinstance(document, dict):
        kept = "".join(item.raw for item in parsed.items)
        for part in must_be_kept(document):
            for leaf in leaves(part):
                assert reading.WRITE(leaf) in kept
    return parsed


def assert_storable(value: Any) -> None:
    """PostgreSQL takes this: text without U+0000 and lone surrogates, JSON in jsonb's limits, times of this era."""
    if is_dataclass(value):
        for field in fields(value):
            assert_storable(getattr(value, field.name))
    elif isinstance(value, str):
        assert type(value) is str
        assert not reading.UNSTORABLE.search(value)
    elif isinstance(value, dict):
        written = json.dumps(value, allow_nan=False)
        assert "\\u0000" not in written
        for key, child in value.items():
            assert_storable(key)
            assert_storable(child)
    elif isinstance(value, list | tuple):
        for child in value:
            assert_storable(child)
    elif isinstance(value, datetime):
        assert 2009 <= value.year <= 2100
    elif type(value) is int:
        assert abs(value) <= 10**100
    else:
        assert value is None or isinstance(value, bool | float)


@pytest.mark.parametrize("name", FILES)
def test_any_type_in_any_field_is_read_without_loss(name):
    document = json.loads(payload(f"{name}.json"))
    for path in places(document):
        template = json.dumps(replaced(document, path, MARK))
        for oddity in ODDITIES:
            check(template.replace(json.dumps(MARK), oddity).encode())


@pytest.mark.parametrize("name", FILES)
def test_any_field_may_be_missing(name):
    document = json.loads(payload(f"{name}.json"))
    for path in places(document):
        if path:
            check(json.dumps(without(document, path)).encode())


@pytest.mark.parametrize("name", FILES)
def test_what_one_element_says_wrongly_costs_its_neighbours_nothing(name):
    """A good message after an odd change, entry or element is read as if it stood alone."""
    document = json.loads(payload(f"{name}.json"))
    good = json.loads(payload("bsuid_only.json"))["entry"][0]
    (alone,) = parse(payload("bsuid_only.json")).items
    for path in places(document["entry"]):
        for oddity in NEIGHBOURS:
            mixed = {"entry": [*listed(replaced(document["entry"], path, oddity)), good]}
            last = parse(json.dumps(mixed).encode()).items[-1]
            assert replace(last, path=alone.path) == alone
            assert last.path.startswith(f"entry[{len(mixed['entry']) - 1}]")


@pytest.mark.parametrize("name", FILES)
def test_a_truncated_body_is_no_json(name):
    body = payload(f"{name}.json").strip()
    for length in range(0, len(body), 7):
        assert check(body[:length]).problem


@given(st.sampled_from(FILES), st.data())
def test_a_body_with_bytes_that_are_not_utf_8_is_read(name, data):
    body = payload(f"{name}.json")
    at = data.draw(st.integers(0, len(body)))
    check(body[:at] + data.draw(st.binary(min_size=1, max_size=4)) + body[at:])


@given(anything)
def test_any_json_is_read(document):
    check(json.dumps(document).encode())


@given(st.sampled_from(FILES), anything, st.data())
def test_any_json_in_any_field_is_read(name, value, data):
    document = json.loads(payload(f"{name}.json"))
    path = data.draw(st.sampled_from(list(places(document))))
    check(json.dumps(replaced(document, path, value)).encode())


@given(st.binary())
@example(b"\xef\xbb\xbf{}")
@example(b"\xff\xfe{\x00")
@example(b"{\x00\x00\x00}\x00\x00\x00")
def test_any_bytes_are_read(body):
    check(body)


@pytest.mark.parametrize("depth", [10, 100, 400, 800, 900, 950, 990, 1000, 5000, 100_000])
@pytest.mark.parametrize(("start", "end"), [("[", "]"), ('{"a":', "}")])
def test_any_depth_is_kept_or_called_too_deep(depth, start, end):
    nested = (start * depth + "1" + end * depth).encode()
    body = payload("text.json").replace(b'"Hi, is the blue one in stock?"', nested)
    parsed = parse(body)
    if parsed.items:
        assert nested.decode() in parsed.items[0].raw
        check(body)
    else:
        assert "nested too deeply" in parsed.problem


def test_a_huge_number_a_nan_and_an_infinity_stand_as_words_in_the_fragment():
    body = payload("location.json").replace(b"-6.2088", b"1e400").replace(b"106.8456", b"NaN")
    (message,) = check(body).items
    assert isinstance(message, Message)
    location = json.loads(message.raw)["location"]
    assert (location["latitude"], location["longitude"]) == ("1e400", "NaN")
    assert message.details["location"]["latitude"] == "1e400"
