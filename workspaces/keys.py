"""Where a page of rows ends: a time and the numbers that break ties, as a text that goes into an address."""

from __future__ import annotations

from datetime import UTC, datetime

BIGGEST = 2**63 - 1


def write(at: datetime, *numbers: int) -> str:
    # "Z" rather than "+00:00": a plus sign in an address is read as a space.
    return "~".join([at.astimezone(UTC).isoformat().replace("+00:00", "Z"), *map(str, numbers)])


def read(key: str, numbers: int) -> tuple[datetime, list[int]] | None:
    """The key's parts; None for a text that is no key of ours, which then means no limit."""
    at, *rest = key.split("~")
    values = [whole(one) for one in rest]
    try:
        time = datetime.fromisoformat(at)
    except ValueError:
        return None
    known = [value for value in values if value is not None]
    return (time, known) if time.tzinfo and len(known) == len(values) == numbers else None


def whole(text: str) -> int | None:
    """A number that a bigint column could hold, else None: addresses are typed by anybody."""
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        return None
    return value if (value := int(text)) <= BIGGEST else None
