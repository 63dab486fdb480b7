"""Columns of values as one SQL parameter list: how a batch reaches PostgreSQL in one statement."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection


def rows(statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Run a statement and fetch what it returns; [] for one that returns nothing."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def columns(records: Iterable[Sequence[Any]], width: int) -> list[list[Any]]:
    """[(a, b), (c, d)] → [[a, c], [b, d]], for `unnest(%s::text[], …)`; `width` serves when there are none."""
    turned = [list(column) for column in zip(*records, strict=True)]
    return turned or [[] for _ in range(width)]
