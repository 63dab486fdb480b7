"""What a country is called: from the table beside the host's time zones, so that no list of ours grows old."""

from __future__ import annotations

import zoneinfo
from functools import cache
from pathlib import Path

WORLD = "international"  # what +800 and the like are, by the UN's code for all of it


def country_name(code: str) -> str:
    """In English; the code itself where it is no country's, or the host has no such table."""
    return WORLD if code == "001" else _names().get(code, code)


@cache
def _names() -> dict[str, str]:
    tables = [Path(folder) / "iso3166.tab" for folder in zoneinfo.TZPATH]
    table = next((one for one in tables if one.is_file()), None)
    lines = table.read_text(encoding="utf-8").splitlines() if table else []
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    return {row[0]: row[1] for row in rows if len(row) > 1}
