"""One known difference between Meta's file and the live API, as something that can be applied and can go stale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from .closing import Schema

SCHEMAS = ("components", "schemas")
TEXT = {"type": "string"}


class StaleDeviation(Exception):  # noqa: N818 - the name is the finding
    """The file no longer says what a deviation says that it says."""


@dataclass(frozen=True, slots=True)
class Deviation:
    """Where (the operation or schema, and the JSON path in the file), what, why, and by whose public word.

    "add" puts a key where there is none; "replace" changes one; "remove" takes one away. Applied to a file in which
    that is already so, it raises StaleDeviation: then the line should go.
    """

    operation: str
    path: tuple[str, ...]
    what: Literal["add", "replace", "remove"]
    value: Any
    why: str
    source: str

    def apply(self, document: Schema) -> None:
        *parents, key = self.path
        place: Any = document
        try:
            for part in parents:
                place = place[int(part)] if isinstance(place, list) else place[part]
        except (KeyError, IndexError) as missing:
            raise StaleDeviation(f"{self}: the file has no {missing}") from missing
        if (key in place) == (self.what == "add") or (self.what == "replace" and place[key] == self.value):
            raise StaleDeviation(f"{self}: the file already agrees, or has changed")
        if self.what == "remove":
            del place[key]
        else:
            place[key] = self.value

    def __str__(self) -> str:
        return f"{self.operation} {'/'.join(self.path[-3:])}"


def change(
    operation: str,
    schema: str,
    *path: str,
    what: Literal["add", "replace", "remove"],
    to: Any = None,
    why: str,
    source: str,
) -> Deviation:
    return Deviation(operation, (*SCHEMAS, schema, *path), what, to, why, source)


def added(
    operation: str, schema: str, name: str, to: Any, why: str, source: str, within: tuple[str, ...] = ()
) -> Deviation:
    """A property that the file does not have."""
    return change(operation, schema, *within, "properties", name, what="add", to=to, why=why, source=source)
