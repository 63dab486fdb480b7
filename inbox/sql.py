"""Columns of values as one SQL parameter list: how a batch reaches PostgreSQL in one statement."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection
from psycopg.types.array import ListBinaryDumper


def rows(statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Run a statement and fetch what it returns; [] for one that returns nothing."""
    if any(isinstance(value, list) for value in values):
        with _batch_cursor() as batch:
            batch.execute(statement, values, binary=True)
            return batch.fetchall() if batch.description else []
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


@contextmanager
def _batch_cursor() -> Iterator[psycopg.Cursor[tuple[Any, ...]]]:
    """psycopg's own cursor, on Django's connection: values travel beside the statement, lists and
    results in binary.

    Django's writes every value into the statement as quoted text, which costs a batch of receipts more time here
    than reading their JSON does.
    """
    connection.ensure_connection()
    connection.validate_no_broken_transaction()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        cursor.adapters.register_dumper(list, ListBinaryDumper)
        yield cursor


def columns(records: Iterable[Sequence[Any]], width: int) -> list[list[Any]]:
    """[(a, b), (c, d)] → [[a, c], [b, d]], for `unnest(%s::text[], …)`; `width` serves when there are none."""
    turned = [list(column) for column in zip(*records, strict=True)]
    return turned or [[] for _ in range(width)]
