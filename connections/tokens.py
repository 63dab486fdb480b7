"""A token, replaced: the old one stays in use until the new one is proven. And when tokens end.

Promise: a new token that fails any check never takes the place of one that works; it is kept beside it, encrypted,
until it is good or somebody takes it away.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from workspaces import audit
from workspaces.audit import Action
from workspaces.models import User

from . import choice, meta_apps, proving
from .fields import UndecryptableSecretError
from .models import Connection, NewToken

# From then on everybody who can do something about it is told.
AHEAD = timedelta(days=14)


class Outcome(StrEnum):
    """What became of a new token. Overtaken: another took its place, or somebody took it away, meanwhile."""

    IN_USE = "in use"
    WAITS = "waits"
    OVERTAKEN = "overtaken"


def replace(connection: Connection, access_token: str, *, by: User | None = None) -> Outcome:
    """Keep a new token beside the one in use, and put it in its place once all the checks are good with it."""
    fresh: dict[str, Any] = {"access_token": access_token, "by": by, "at": timezone.now(), "checks": []}
    with transaction.atomic():
        # The one that waits may be of a key that was lost.
        NewToken.objects.defer("access_token").update_or_create(connection=connection, defaults=fresh)
        audit.record(
            connection.workspace_id,
            by,
            Action.CONNECTION_CHANGED,
            connection.name,
            after={"has_new_token": True},
            about=connection.pk,
        )
    return settle(connection, access_token, by=by)


def check_again(connection: Connection, *, by: User | None = None) -> Outcome | None:
    """The new token that waits, checked once more. None when there is none, or it cannot be decrypted."""
    try:
        waiting = NewToken.objects.filter(connection=connection).first()
    except UndecryptableSecretError:
        return None
    return settle(connection, waiting.access_token, by=by) if waiting else None


def settle(connection: Connection, access_token: str, *, by: User | None) -> Outcome:
    """Graph is asked outside of any transaction; then the token is put in place, unless another came meanwhile."""
    found, was = proving.examine(connection, access_token), choice.fingerprint(connection)
    with transaction.atomic():
        waiting = NewToken.objects.select_for_update().filter(connection=connection).first()
        if waiting is None or waiting.access_token != access_token:
            return Outcome.OVERTAKEN
        if not found.is_good:
            NewToken.objects.filter(pk=waiting.pk).update(checks=[one.as_json() for one in found.checks])
            return Outcome.WAITS
        same = Connection.objects.filter(pk=connection.pk, revision=connection.revision)
        ends = {"token_ends_at": found.token_ends_at, "data_access_ends_at": found.data_access_ends_at}
        if not same.update(access_token=access_token, revision=F("revision") + 1, **ends):
            return Outcome.WAITS
        waiting.delete()
        # The app's secrets are not needed any more, and one of them may not be readable.
        unread = [f"meta_app__{name}" for name in meta_apps.SECRETS]
        connection = Connection.objects.select_related("meta_app").defer(*unread).get(pk=connection.pk)
        audit.record(
            connection.workspace_id,
            by,
            Action.TOKEN_REPLACED,
            connection.name,
            before={"fingerprint": was},
            after={"fingerprint": choice.fingerprint(connection)},
            about=connection.pk,
        )
        proving.keep(connection, found, by=by)
    return Outcome.IN_USE


@transaction.atomic
def discard(connection: Connection, *, by: User | None = None) -> bool:
    """Take the new token away; the one in use stays. False when there is none."""
    gone, _ = NewToken.objects.filter(connection=connection).delete()
    if gone:
        audit.record(
            connection.workspace_id,
            by,
            Action.CONNECTION_CHANGED,
            connection.name,
            after={"has_new_token": False},
            about=connection.pk,
        )
    return bool(gone)


@dataclass(frozen=True, slots=True)
class Ending:
    """A token, or the access to data that it was given, that ends soon or has ended."""

    at: datetime
    is_over: bool
    sentence: str


def ending(connection: Connection, now: datetime) -> Ending | None:
    """What is to be told of the token's end: nothing until 14 days before it."""
    ends = [at for at in (connection.token_ends_at, connection.data_access_ends_at) if at is not None]
    if not ends or min(ends) > now + AHEAD:
        return None
    at = min(ends)
    what = "This number's access token" if at == connection.token_ends_at else "The data access of this number's token"
    if at <= now:
        return Ending(at, is_over=True, sentence=f"{what} ended on {at:%-d %B %Y}.")
    days = (at.date() - now.date()).days
    left = "today" if days == 0 else "tomorrow" if days == 1 else f"in {days} days"
    return Ending(at, is_over=False, sentence=f"{what} ends {left}, on {at:%-d %B %Y}.")
