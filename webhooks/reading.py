"""JSON read without trust: whatever stands in a field, something of the expected type comes out, or nothing."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from connections.bsuid import BSUID

# Meta's timestamps are unix seconds, mostly as strings. Anything outside of WhatsApp's lifetime is no time.
EARLIEST, LATEST = 1_230_768_000, 4_102_444_800
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
LONGEST_PHONE = 32
DIGITS = re.compile(rf"\+?([0-9]{{1,{LONGEST_PHONE}}})\Z")
BETWEEN_DIGITS = str.maketrans("", "", " ()-")
RECORD_ID = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")
LONGEST_ID = 500
DEEPEST_DETAIL = 20
LONGEST_INTEGER = 4000  # digits; Python itself converts a few more


class OddNumber(str):
    """A number that Python or JSON cannot hold (5,000 digits, 1e400, NaN), kept as its text."""


def _real(digits: str) -> Any:
    return found if math.isfinite(found := float(digits)) else OddNumber(digits)


def _whole(digits: str) -> Any:
    return int(digits) if len(digits) <= LONGEST_INTEGER else OddNumber(digits)


READER = json.JSONDecoder(parse_float=_real, parse_constant=OddNumber)
PATIENT_READER = json.JSONDecoder(parse_float=_real, parse_constant=OddNumber, parse_int=_whole)
WRITE = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


def loads(body: bytes) -> Any:
    """Parse JSON as leniently as can be without guessing. Raises ValueError or RecursionError for what is none."""
    document = _decoded(body)
    try:
        return READER.decode(document)
    except json.JSONDecodeError:
        raise
    except ValueError:  # an integer of more digits than Python converts
        return PATIENT_READER.decode(document)


def _decoded(body: bytes) -> str:
    try:
        return body.decode(json.detect_encoding(body), "surrogatepass")
    except UnicodeDecodeError:
        return body.decode("utf-8", "replace").removeprefix("\ufeff")


def text(value: Any) -> str:
    """A string that PostgreSQL can store; "" for anything that is no string."""
    if type(value) is not str:
        return ""
    if value.isascii() and "\x00" not in value:  # nearly always, and much cheaper to see
        return value
    return UNSTORABLE.sub("\ufffd", value)


def label(value: Any) -> str:
    """Like `text`, but whole numbers count: ids are strings in one place and integers in another."""
    if type(value) is int:
        return str(value) if abs(value) < 10**40 else ""
    return text(value)


def record_id(value: Any) -> str:
    """The id of one of Meta's records (a number, an account, a file); "" for what cannot be one."""
    found = label(value)
    return found if RECORD_ID.match(found) else ""


def mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def sequence(value: Any) -> list[Any]:
    """A list; a single object where a list was due counts as a list of one."""
    if isinstance(value, list):
        return value
    return [value] if isinstance(value, dict) else []


def number(value: Any) -> int | None:
    """A whole number that fits a column; None for anything else, as 0 is a number that Meta gives a meaning."""
    if type(value) is str:
        return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else None
    if type(value) is float and value.is_integer():
        value = int(value)
    return value if type(value) is int and abs(value) < 2**31 else None


def moment(value: Any) -> datetime | None:
    seconds = 0
    if type(value) is str:
        seconds = int(value) if value.isascii() and value.isdigit() and len(value) < 12 else 0
    elif type(value) is int or type(value) is float:
        seconds = int(value)
    return datetime.fromtimestamp(seconds, UTC) if EARLIEST <= seconds <= LATEST else None


def phone(value: Any) -> str:
    """The digits of a phone number, however it is spaced; "" for anything else."""
    if type(value) is str and value.isascii() and value.isdigit() and len(value) <= LONGEST_PHONE:
        return value
    found = DIGITS.match(label(value).translate(BETWEEN_DIGITS))
    return found[1] if found else ""


def bsuid(value: Any) -> str:
    return value if type(value) is str and BSUID.fullmatch(value) else ""


def fragment(value: Any) -> str:
    """The JSON of a fragment, in ASCII: U+0000 and lone surrogates stay as their escapes."""
    try:
        return WRITE(value)
    except RecursionError:
        return "".join(_written_flat(value))


def _written_flat(value: Any) -> Iterator[str]:
    """The same for what is nested deeper than a recursive writer can follow."""
    todo: list[Any] = [value]
    while todo:
        one = todo.pop()
        if isinstance(one, _Written):
            yield one
        elif isinstance(one, dict):
            parts = [(_Written(WRITE(key) + ":"), child) for key, child in one.items()]
            todo += reversed(_between("{", parts, "}"))
        elif isinstance(one, list):
            todo += reversed(_between("[", [(child,) for child in one], "]"))
        else:
            yield WRITE(one)


class _Written(str):
    """JSON already, among values still to be written."""


def _between(start: str, parts: list[tuple[Any, ...]], end: str) -> list[Any]:
    comma = _Written(",")
    separated = [one for part in parts for one in (comma, *part)]
    return [_Written(start), *separated[1:], _Written(end)]


def wamid(value: Any, raw: str) -> str:
    """Meta's message id, or "odd:" and a digest of the fragment where there is none that could be one."""
    if type(value) is str and 0 < len(value) <= LONGEST_ID and text(value) == value:
        return value
    return "odd:" + hashlib.sha256(raw.encode()).hexdigest()


def storable(value: Any, depth: int = 0) -> Any:
    """The same JSON with only what a jsonb column can hold; below DEEPEST_DETAIL it is cut off."""
    if isinstance(value, str):
        return text(str(value))
    if isinstance(value, dict):
        return {text(key): storable(one, depth + 1) for key, one in value.items()} if depth < DEEPEST_DETAIL else {}
    if isinstance(value, list):
        return [storable(one, depth + 1) for one in value] if depth < DEEPEST_DETAIL else []
    if type(value) is int and abs(value) > 10**100:
        return str(value)
    return value
