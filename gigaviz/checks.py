"""What must be right before we start, as system checks: each says what is wrong and how to mend it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cryptography.fernet import Fernet
from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as Caution
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connection
from django.utils.module_loading import import_string

# Through JSON, as the column's name depends on PostgreSQL's version.
COLLATION = """
SELECT datcollate, pg_encoding_to_char(encoding), datlocprovider,
    COALESCE(to_jsonb(pg_database) ->> 'datlocale', to_jsonb(pg_database) ->> 'daticulocale')
FROM pg_database WHERE datname = current_database()
"""


@register(Tags.security)
def servers_are_named(app_configs: Sequence[AppConfig] | None = None, **_: Any) -> list[CheckMessage]:
    """No defaults: a guess would reach somebody else's server, or none, and say so only when it is too late."""
    found: list[CheckMessage] = []
    if not settings.DATABASE_URL:
        hint = "Name PostgreSQL in .env, for example postgresql://gigaviz:password@db/gigaviz."
        found.append(Error("DATABASE_URL is not set.", hint=hint, id="gigaviz.E006"))
    if not settings.REDIS_URL:
        hint = "Name Redis or Valkey in .env, for example redis://redis:6379/0."
        found.append(Error("REDIS_URL is not set.", hint=hint, id="gigaviz.E007"))
    return found


@register(Tags.security)
def secrets_are_set(app_configs: Sequence[AppConfig] | None = None, **_: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    try:
        is_signed = bool(settings.SECRET_KEY)
    except ImproperlyConfigured:
        is_signed = False
    if not is_signed:
        hint = 'Put a long random text into .env: python -c "import secrets; print(secrets.token_urlsafe(50))".'
        found.append(Error("SECRET_KEY is not set.", hint=hint, id="gigaviz.E001"))
    if not settings.FIELD_KEYS:
        hint = "Run `python manage.py new_field_key`, put the key into .env, and keep a copy with your backups."
        found.append(Error("FIELD_KEYS is not set: secrets could not be stored.", hint=hint, id="gigaviz.E002"))
    for key in settings.FIELD_KEYS:
        try:
            Fernet(key)
        except ValueError:
            hint = "Each is 32 bytes in URL-safe base64; `python manage.py new_field_key` makes one."
            found.append(Error("One of FIELD_KEYS is not a key.", hint=hint, id="gigaviz.E003"))
    return found


@register(Tags.security)
def e_mail_can_leave(app_configs: Sequence[AppConfig] | None = None, **_: Any) -> list[CheckMessage]:
    try:
        import_string(settings.EMAIL_BACKEND)
    except ImportError:
        hint = "Name one that Anymail knows, for example anymail+postmark://?server_token=…, or smtp+tls://…"
        return [Error("EMAIL_URL names no e-mail provider.", hint=hint, id="gigaviz.E010")]
    return []


@register(Tags.database)
def database_sorts_as_we_do(
    app_configs: Sequence[AppConfig] | None = None, databases: Sequence[str] | None = None, **_: Any
) -> list[CheckMessage]:
    """Text must sort the same everywhere, or an index made on one machine is wrong on another."""
    if not databases:
        return []
    try:
        with connection.cursor() as cursor:
            cursor.execute(COLLATION)
            collation, encoding, provider, locale = cursor.fetchone()
    except OperationalError:
        hint = "Check DATABASE_URL, and that PostgreSQL is running."
        return [Error("PostgreSQL does not answer.", hint=hint, id="gigaviz.E004")]
    if provider == "b":  # PostgreSQL's own locales, where the system has no C.UTF-8
        collation = locale
    if encoding == "UTF8" and collation in {"C.UTF-8", "C.utf8"}:
        return []
    hint = "Create it with: CREATE DATABASE … TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'."
    return [Error(f"The database is {encoding}, {collation}; it must be UTF8, C.UTF-8.", hint=hint, id="gigaviz.E005")]


@register(Tags.database)
def secrets_can_be_read(
    app_configs: Sequence[AppConfig] | None = None, databases: Sequence[str] | None = None, **_: Any
) -> list[CheckMessage]:
    """A database restored beside other keys looks whole until somebody sends, or Meta knocks."""
    if not databases or not settings.FIELD_KEYS:
        return []
    # Here, as a web server asks the checks above before there are models to load.
    from connections import keyring

    try:
        columns = keyring.columns()
    except (OperationalError, ValueError):  # no database, or no key: other checks say so
        return []
    total, closed = sum(column.kept for column in columns), sum(column.closed for column in columns)
    if not closed:
        return []
    where = ", ".join(f"{column.name}: {column.closed} of {column.kept}" for column in columns if column.closed)
    hint = (
        "Put the keys that were in use when they were stored into FIELD_KEYS, behind the newest. If those are lost, "
        "enter each app secret and access token again."
    )
    if closed == total:
        said = f"FIELD_KEYS opens none of the stored secrets ({where}): nothing can be sent, and Meta is answered 503."
        return [Error(said, hint=hint, id="gigaviz.E008")]
    said = f"FIELD_KEYS does not open {closed} of the stored secrets ({where})."
    return [Caution(said, hint=hint, id="gigaviz.W009")]
