"""Secrets at rest: a text column that only exists encrypted in the database."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models


class UndecryptableSecretError(Exception):
    """A stored secret cannot be read with any of FIELD_KEYS. The ciphertext is never handed out in its place."""


@cache
def fernet(keys: tuple[str, ...]) -> MultiFernet:
    if not keys:
        raise ImproperlyConfigured("FIELD_KEYS is not set: secrets cannot be stored or read.")
    return MultiFernet([Fernet(key) for key in keys])


if TYPE_CHECKING:
    TextField = models.TextField[str, str]
else:
    TextField = models.TextField


class EncryptedTextField(TextField):
    """Text encrypted with the newest of FIELD_KEYS, and readable with any of them.

    Reading a value that none of the keys opens raises `UndecryptableSecretError` when the row is loaded.
    """

    def get_prep_value(self, value: Any) -> Any:
        if not value:
            return ""
        return fernet(tuple(settings.FIELD_KEYS)).encrypt(str(value).encode()).decode()

    def from_db_value(self, value: str | None, *_: Any) -> str:
        if not value:
            return ""
        try:
            return fernet(tuple(settings.FIELD_KEYS)).decrypt(value.encode()).decode()
        except InvalidToken as error:
            raise UndecryptableSecretError(f"{self.model.__name__}.{self.name} does not decrypt.") from error


def readable(row: models.Model, field: str) -> str | None:
    """The secret in this column, or None where none of FIELD_KEYS opens it.

    Load the row with the column deferred: otherwise the row itself cannot be loaded then.
    """
    try:
        return str(getattr(row, field))
    except UndecryptableSecretError:
        return None
