"""The audit trail as CSV: all that a filter finds, row by row, however much it is."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import UTC
from typing import Any

from django.db.models import QuerySet

from .audit_words import sentence_of, who_of
from .models import AuditEntry

COLUMNS = ("time (UTC)", "who", "e-mail", "action", "target", "before", "after", "in words")
AT_ONCE = 2000


class Echo:
    """What the csv module writes into: it hands the line back."""

    def write(self, line: str) -> str:
        return line


def lines_of(found: QuerySet[AuditEntry]) -> Iterator[str]:
    writer = csv.writer(Echo())
    yield writer.writerow(COLUMNS)
    for entry in found.iterator(chunk_size=AT_ONCE):
        yield writer.writerow([harmless(cell) for cell in _cells(entry)])


def harmless(cell: str) -> str:
    """A spreadsheet would run a cell that begins like a formula: with an apostrophe before it, it shows it."""
    return f"'{cell}" if cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else cell


def _cells(entry: AuditEntry) -> tuple[str, ...]:
    return (
        entry.created_at.astimezone(UTC).isoformat(),
        who_of(entry),
        entry.actor.email if entry.actor else "",
        entry.action,
        entry.target,
        _json(entry.before),
        _json(entry.after),
        sentence_of(entry),
    )


def _json(values: dict[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False) if values else ""
