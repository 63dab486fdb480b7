"""JSON read without trust: whatever stands in a field, something of the expected type comes out, or nothing."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import UTC, datetime
from typing import Any

# Meta's timestamps are unix seconds, mostly as strings. Anything outside of WhatsApp's lifetime is no time.
EARLIEST, LATEST = 1_230_768_000, 4_102_444_800
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
BSUID = re.compile(r"[A-Z]{2}\.[A-Za-z0-9.]{1,132}\Z")
DIGITS = re.compile(r"\+?([0-9]{1,32})\Z")
LONGEST_ID = 500


class HugeNumber(str):
    """An integer of more digits than Python converts, kept as its text."""


def loads(body: bytes) -> Any:
    """Parse JSON as leniently as can be without guessing. Raises ValueError or RecursionError for what is none."""
    try:
        return json.loads(body)
    except UnicodeDecodeError:
        return json.loads(body.decode("utf-8", "replace"))
    except ValueError as error:
        if isinstance(error, json.JSONDecodeError):
            raise
        return json.loads(body, parse_int=lambda digits: HugeNumber(digits) if len(digits) > 4000 else int(digits))


def text(value: Any) -> str:
    """A string that PostgreSQL can store; "" for anything that is no string."""
    if not isinstance(value, str):
        return ""
    return UNSTORABLE.sub("\ufffd", value) if UNSTORABLE.search(value) else value


def label(value: Any) -> str:
    """Like `text`, but numbers count: ids are strings in one place and integers in another."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return ""
    return text(str(value)) if not isinstance(value, int) or abs(value) < 10**40 else ""


def mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def sequence(value: Any) -> list[Any]:
    """A list; a single object where a list was due counts as a list of one."""
    if isinstance(value, list):
        return value
    return [value] if isinstance(value, dict) else []


def number(value: Any) -> int:
    """A whole number that fits a column; 0 for anything else."""
    if isinstance(value, bool):
        return 0
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
        return int(value)
    return value if isinstance(value, int) and abs(value) < 2**31 else 0


def moment(value: Any) -> datetime | None:
    if isinstance(value, str):
        seconds = int(value) if value.isascii() and value.isdigit() and len(value) < 12 else 0
    else:
        seconds = value if isinstance(value, int) and not isinstance(value, bool) else 0
    return datetime.fromtimestamp(seconds, UTC) if EARLIEST <= seconds <= LATEST else None


def phone(value: Any) -> str:
    found = DIGITS.match(label(value))
    return found[1] if found else ""


def bsuid(value: Any) -> str:
    given = text(value)
    return given if BSUID.match(given) else ""


def fragment(value: Any) -> str:
    """The exact JSON of a fragment, in ASCII: U+0000 and lone surrogates stay as their escapes."""
    try:
        return json.dumps(value, separators=(",", ":"))
    except (ValueError, RecursionError):
        return '"This fragment cannot be written as JSON again; the event has its bytes."'


def wamid(value: Any, raw: str) -> str:
    """Meta's message id, or "odd:" and a digest of the fragment where there is none that could be one."""
    given = value if isinstance(value, str) else ""
    if given and len(given) <= LONGEST_ID and not UNSTORABLE.search(given):
        return given
    return "odd:" + hashlib.sha256(raw.encode()).hexdigest()


def storable(value: Any, depth: int = 0) -> Any:
    """The same JSON with only what a jsonb column can hold."""
    if isinstance(value, str):
        return text(str(value))
    if isinstance(value, dict):
        return {text(key): storable(one, depth + 1) for key, one in value.items()} if depth < 20 else {}
    if isinstance(value, list):
        return [storable(one, depth + 1) for one in value] if depth < 20 else []
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return None
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > 10**100:
        return None
    return value
