"""Every secret that the database keeps, and whether FIELD_KEYS opens it: asked before somebody needs one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cryptography.fernet import InvalidToken
from django.apps import apps
from django.conf import settings
from django.db import ProgrammingError, connection, transaction
from django.db.models import Model

from .fields import EncryptedTextField, fernet


@dataclass(frozen=True, slots=True)
class Column:
    """A column of secrets: how many it holds, and how many of them none of FIELD_KEYS opens."""

    name: str
    kept: int
    closed: int


def columns() -> list[Column]:
    """Every column that holds a secret. One that a migration has yet to make holds none."""
    return [_looked_at(model, field) for model, field in fields()]


def fields() -> Iterator[tuple[type[Model], EncryptedTextField]]:
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, EncryptedTextField):
                yield model, field


def _looked_at(model: type[Model], field: EncryptedTextField) -> Column:
    quoted = connection.ops.quote_name
    table, column = quoted(model._meta.db_table), quoted(field.attname)
    name = f"{field.verbose_name} of {model._meta.verbose_name}"
    try:
        # Past the field itself, which raises at the first that it cannot open.
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SELECT {column} FROM {table} WHERE {column} <> ''")  # noqa: S608
            kept = [str(value) for (value,) in cursor]
    except ProgrammingError:
        return Column(name, 0, 0)
    return Column(name, len(kept), sum(not _opens(value) for value in kept))


def _opens(value: str) -> bool:
    try:
        fernet(tuple(settings.FIELD_KEYS)).decrypt(value.encode())
    except InvalidToken:
        return False
    return True
