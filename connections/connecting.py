"""A number's details: written down, corrected, and taken away again.

What is not proven can be corrected freely. A proven number is a fact: its ids, app and environment stay, and its
token is replaced (see `tokens`). A number's environment never changes once it has conversations; the database says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, ProtectedError

from workspaces import audit
from workspaces.audit import Action
from workspaces.models import User, Workspace

from .models import Connection, MetaApp

KNOWN = "This workspace has a number with this Phone Number ID already."
MOVED = "This number has conversations, and a conversation cannot change its environment: connect it as a new number."
PROVEN = "This number was proven meanwhile, so its details stay as they are."
ELSEWHERE = "Enter the token: the one that is stored is of another environment, and is not sent to this one."
GONE = "This app is no longer at hand for this workspace. Choose another one."


class NotConnectedError(Exception):
    """The details cannot be kept; `field` says which is in the way, and the message why."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


@dataclass(frozen=True, slots=True)
class Details:
    """What somebody says of a number. An empty token: the one that is stored stays."""

    name: str
    meta_app: MetaApp
    phone_number_id: str
    waba_id: str
    environment: str
    access_token: str = field(default="", repr=False)

    @property
    def columns(self) -> dict[str, str]:
        return {
            "name": self.name,
            "phone_number_id": self.phone_number_id,
            "waba_id": self.waba_id,
            "environment": self.environment,
        }

    @property
    def told(self) -> dict[str, str]:
        """What the audit trail keeps of them."""
        return {**self.columns, "app_id": self.meta_app.app_id}


def details_of(connection: Connection) -> Details:
    """As they stand, without the token."""
    given = [getattr(connection, name) for name in ("name", "meta_app", "phone_number_id", "waba_id", "environment")]
    return Details(*given)


def add(workspace: Workspace, details: Details, *, by: User | None = None) -> Connection:
    """A new number, not ready: nothing is proven of it yet, and it reserves nothing. Raises NotConnectedError."""
    made = Connection(workspace=workspace, meta_app=details.meta_app, access_token=details.access_token)
    for name, value in details.columns.items():
        setattr(made, name, value)
    try:
        with transaction.atomic():
            made.save()
            audit.record(workspace.pk, by, Action.CONNECTION_SAVED, details.name, after=details.told, about=made.pk)
    except IntegrityError as error:
        raise refusal(error) from error
    return made


def swap(connection: Connection, *, by: User | None = None) -> None:
    """Phone Number ID and WABA ID change places. Raises NotConnectedError."""
    stands = details_of(connection)
    correct(connection, replace(stands, phone_number_id=stands.waba_id, waba_id=stands.phone_number_id), by=by)


def correct(connection: Connection, details: Details, *, by: User | None = None) -> None:
    """Other details for a number that is not proven. Raises NotConnectedError."""
    _must_not_take_the_token_elsewhere(connection, details)
    before = details_of(connection).told
    values: dict[str, Any] = {**details.columns, "meta_app": details.meta_app, "revision": F("revision") + 1}
    if details.access_token:
        values["access_token"] = details.access_token
    try:
        with transaction.atomic():
            if not Connection.objects.filter(pk=connection.pk, proven_at=None).update(**values):
                raise NotConnectedError("", PROVEN)
            _note(connection, by, details.name, before=before, after=details.told)
    except IntegrityError as error:
        raise refusal(error) from error
    connection.refresh_from_db()


def _must_not_take_the_token_elsewhere(connection: Connection, details: Details) -> None:
    """A stored token was given for one server. Whoever moves the number to another one gives its token, too."""
    servers = settings.GRAPH_BASE_URLS
    if not details.access_token and servers[connection.environment] != servers[details.environment]:
        raise NotConnectedError("access_token", ELSEWHERE)


def refusal(error: IntegrityError) -> NotConnectedError:
    """What a constraint that refused the details means to whoever gave them."""
    if _constraint(error) == "a_conversation_keeps_its_environment":
        return NotConnectedError("environment", MOVED)
    if _constraint(error) == "app_is_own_or_lent":
        return NotConnectedError("meta_app", GONE)
    return NotConnectedError("phone_number_id", KNOWN)


def _constraint(error: IntegrityError) -> str:
    """Which constraint of the database said no."""
    said = getattr(error.__cause__, "diag", None)
    return str(getattr(said, "constraint_name", "") or "")


@transaction.atomic
def rename(connection: Connection, name: str, *, by: User | None = None) -> bool:
    """Another name for a number, ready or not. False if it had it already."""
    if not Connection.objects.filter(pk=connection.pk).exclude(name=name).update(name=name):
        return False
    _note(connection, by, name, before={"name": connection.name}, after={"name": name})
    return True


@transaction.atomic
def remove(connection: Connection, *, by: User | None = None) -> bool:
    """Take away a number that was never proven. False when it is proven, or has conversations: those are kept."""
    try:
        with transaction.atomic():
            # Loaded without its token, which may be the reason why it is taken away: no key opens it.
            unproven = Connection.objects.filter(pk=connection.pk, proven_at=None)
            gone, _ = unproven.defer("access_token").delete()
    except ProtectedError:
        return False
    if gone:
        _note(connection, by, connection.name, before=details_of(connection).told, after={"removed": True})
    return bool(gone)


def _note(
    connection: Connection, by: User | None, name: str, *, before: Mapping[str, object], after: Mapping[str, object]
) -> None:
    """A line in the trail, of what differs."""
    told = {key: value for key, value in after.items() if before.get(key) != value}
    was = {key: before[key] for key in told if key in before}
    action = Action.CONNECTION_CHANGED
    audit.record(connection.workspace_id, by, action, name, before=was, after=told, about=connection.pk)
