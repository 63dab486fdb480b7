"""Opt-outs as CSV: a file read line by line, each good or told why not; and everybody who is opted out, written.

Columns are number (or BSUID), scope and reason, in this order, or in any under a line that names them. What is written
can be read again.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC

from connections import whitelist
from connections.whitelist import Identity
from optouts.models import ConsentEvent
from workspaces.audit_export import Echo, harmless

from .opt_out_forms import REASON_LIMIT
from .opt_outs import Row

MOST_BYTES = 2_000_000
MOST_LINES = 10_000
COLUMNS = ("number", "scope", "reason")
ALSO_CALLED = {"phone": "number", "phone number": "number", "bsuid": "number", "person": "number", "why": "reason"}
SCOPES = {"": "all", "all": "all", "all messages": "all", "marketing": "marketing"}
WRITTEN = (*COLUMNS, "name", "since (UTC)", "source")


class UnreadableFileError(Exception):
    """Nothing of the file can be read; the message says why, for whoever chose it."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line as numbered in the file, from 1, and whose opt-out it is; or the reason why it is nobody's."""

    number: int
    written: str
    identity: Identity | None = None
    scope: str = ""
    reason: str = ""
    fault: str = ""
    repeats: int | None = None


def read(content: bytes, country: str, reason: str) -> list[Line]:
    """Every line that is not empty. `reason` is that of lines which give none of their own."""
    found: list[Line] = []
    first: dict[tuple[Identity | None, str], int] = {}
    columns: tuple[str, ...] = COLUMNS
    for number, cells in _rows(_text(content)):
        if not found and columns is COLUMNS and (named := _named(cells)):
            columns = named
            continue
        line = _line(number, dict(zip(columns, cells, strict=False)), country, reason)
        if not line.fault:
            key = (line.identity, line.scope)
            line = Line(number, line.written, *key, line.reason, repeats=first.get(key))
            first.setdefault(key, number)
        found.append(line)
        if len(found) > MOST_LINES:
            raise UnreadableFileError(f"It has more than {MOST_LINES:,} lines. Split it: nothing was imported.")
    return found


def _text(content: bytes) -> str:
    if len(content) > MOST_BYTES:
        raise UnreadableFileError(f"It is larger than {MOST_BYTES // 1_000_000} MB. Split it: nothing was imported.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableFileError("It is not in UTF-8. Save it as “CSV UTF-8” and try again.") from error


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each row that is not empty, with the number of the line it begins in."""
    head = text.partition("\n")[0]
    delimiter = max((",", ";", "\t"), key=head.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    begins = 1
    try:
        for row in rows:
            cells = [cell.strip() for cell in row]
            if any(cells):
                yield begins, cells
            begins = rows.line_num + 1
    except csv.Error as error:
        raise UnreadableFileError(f"It is no CSV file from line {begins} on: nothing was imported.") from error


def _named(cells: Iterable[str]) -> tuple[str, ...]:
    """What each column holds, where this line says so."""
    called = [cell.casefold() for cell in cells]
    named = tuple(ALSO_CALLED.get(one, one) for one in called)
    return named if "number" in named else ()


def _line(number: int, cells: dict[str, str], country: str, otherwise: str) -> Line:
    # An apostrophe keeps a spreadsheet from taking a number with a plus for a formula.
    written = cells.get("number", "").removeprefix("'")
    scope, reason = SCOPES.get(cells.get("scope", "").casefold()), cells.get("reason", "").removeprefix("'")
    try:
        if not written:
            raise whitelist.UnreadableError("It names nobody.")
        identity = whitelist.read(written, country)
    except whitelist.UnreadableError as error:
        return Line(number, written, fault=str(error))
    if scope is None:
        return Line(number, written, fault="Its scope is neither “all” nor “marketing”.")
    if len(reason) > REASON_LIMIT:
        return Line(number, written, fault=f"Its reason is longer than {REASON_LIMIT} characters.")
    if "\x00" in reason:
        return Line(number, written, fault="Its reason holds a character that cannot be stored (U+0000).")
    return Line(number, written, identity, scope, reason or otherwise)


def lines_of(rows: Iterable[Row]) -> Iterator[str]:
    """Everybody who is opted out, as lines of CSV."""
    writer = csv.writer(Echo())
    yield writer.writerow(WRITTEN)
    for row in rows:
        if row.opt_out is not None:
            yield writer.writerow([harmless(cell) for cell in _cells(row, row.opt_out)])


def _cells(row: Row, event: ConsentEvent) -> tuple[str, ...]:
    number = f"+{event.value}" if event.kind == "phone" else event.value
    contact = row.speaker.contact
    name = row.speaker.name if contact and (contact.name.strip() or contact.username) else ""
    since = event.provider_at.astimezone(UTC).isoformat(timespec="seconds")
    return number, event.scope, event.quote, name, since, event.get_source_display()
