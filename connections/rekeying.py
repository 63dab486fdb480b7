"""Every secret written anew with the first of FIELD_KEYS, so that an old key can be taken away.

Safe while everything runs, and harmless to break off and repeat: a batch is one short transaction over locked rows, and
what the first key opens already is left alone. What no key opens stays as it is, and is named by its row.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Field, Model

from workspaces.accounts import TOKEN

from . import keyring
from .fields import fernet

BATCH = 100
Anew = Callable[[str], str]


@dataclass(slots=True)
class Tally:
    """A column: how many rows were written anew, how many had no need, and which hold what no key opens."""

    name: str
    written: int = 0
    current: int = 0
    unreadable: list[int] = field(default_factory=list)


def rekey() -> Iterator[Tally]:
    """One tally after the other, as they are done."""
    for model, column in keyring.fields():
        yield _column(model, column, _anew)
    data = Authenticator._meta.get_field("data")
    yield _column(Authenticator, data, _anew_inside)


def _column(model: type[Model], column: Field[Any, Any], anew: Anew) -> Tally:
    tally = Tally(f"{model._meta.label}.{column.name}")
    last: int | None = -(2**63)
    while last is not None:
        last = _batch(model, column, anew, tally, last)
    return tally


def _batch(model: type[Model], column: Field[Any, Any], anew: Anew, tally: Tally, after: int) -> int | None:
    """The next rows. Returns the key of the last one, or None when there are no more."""
    quoted = connection.ops.quote_name
    table, key, name = quoted(model._meta.db_table), quoted(str(model._meta.pk.column)), quoted(str(column.column))
    # As text, past the field itself: it raises at the first that it cannot open.
    read = f"SELECT {key}, {name}::text FROM {table} WHERE {key} > %s ORDER BY {key} LIMIT %s FOR NO KEY UPDATE"  # noqa: S608
    write = f"UPDATE {table} SET {name} = %s WHERE {key} = %s"  # noqa: S608
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(read, [after, BATCH])
        found = cursor.fetchall()
        for row, stored in found:
            try:
                value = anew(stored)
            except InvalidToken:
                tally.unreadable.append(row)
                continue
            if value == stored:
                tally.current += bool(stored)
            else:
                cursor.execute(write, [value, row])
                tally.written += 1
    return found[-1][0] if len(found) == BATCH else None


def _anew(stored: str) -> str:
    """The same secret under the first key; itself where it is under that already. Raises InvalidToken."""
    if not stored:
        return stored
    keys = tuple(settings.FIELD_KEYS)
    try:
        Fernet(keys[0]).decrypt(stored.encode())
    except InvalidToken:
        return fernet(keys).rotate(stored.encode()).decode()
    return stored


def _anew_inside(stored: str) -> str:
    """The JSON of a second factor, with the encrypted texts in it anew; what was kept in the clear stays."""
    data = json.loads(stored)
    fresh = _each(data)
    return stored if fresh == data else json.dumps(fresh)


def _each(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _each(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_each(one) for one in value]
    return _anew(value) if isinstance(value, str) and value.startswith(TOKEN) else value
