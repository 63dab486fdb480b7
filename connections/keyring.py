"""Every secret that the database keeps, and whether FIELD_KEYS opens it: asked before somebody needs one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from allauth.mfa.models import Authenticator
from cryptography.fernet import InvalidToken
from django.apps import apps
from django.conf import settings
from django.db import ProgrammingError, connection, transaction
from django.db.models import Model

from workspaces.accounts import TOKEN

from .fields import EncryptedTextField, fernet

FACTOR = re.compile(rf"\b{TOKEN}[\w-]+=*")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of secrets: how many it holds, and how many of them none of FIELD_KEYS opens."""

    name: str
    kept: int
    closed: int


def columns() -> list[Column]:
    """Every column that holds a secret. One that a migration has yet to make holds none."""
    return [*(_looked_at(model, field) for model, field in fields()), _second_factors()]


def fields() -> Iterator[tuple[type[Model], EncryptedTextField]]:
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, EncryptedTextField):
                yield model, field


def _looked_at(model: type[Model], field: EncryptedTextField) -> Column:
    kept = [value for value in _read(model, field.attname) if value]
    return _counted(f"{field.verbose_name} of {model._meta.verbose_name}", kept)


def _second_factors() -> Column:
    """Which lie inside JSON, each beside what is no secret."""
    found = [text for data in _read(Authenticator, "data") for text in FACTOR.findall(data)]
    return _counted("second factors of members", found)


def _read(model: type[Model], column: str) -> list[str]:
    quoted = connection.ops.quote_name
    try:
        # As text, past the field itself, which raises at the first that it cannot open.
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SELECT {quoted(column)}::text FROM {quoted(model._meta.db_table)}")  # noqa: S608
            return [str(value) for (value,) in cursor]
    except ProgrammingError:
        return []


def _counted(name: str, kept: list[str]) -> Column:
    return Column(name, len(kept), sum(not _opens(value) for value in kept))


def _opens(value: str) -> bool:
    try:
        fernet(tuple(settings.FIELD_KEYS)).decrypt(value.encode())
    except InvalidToken:
        return False
    return True
