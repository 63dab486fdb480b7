"""Adding a Meta app and changing it. Each act leaves a line with everybody whose numbers are under the app."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from workspaces import audit
from workspaces.audit import Action
from workspaces.models import User, Workspace

from . import app_secrets, sharing
from .models import MetaApp

SECRETS = ("app_secret", "previous_secret", "verify_token")


@dataclass(frozen=True, slots=True)
class Described:
    """An app as somebody describes it. Without a secret the one it has stays."""

    name: str
    app_id: str
    is_simulated: bool
    app_secret: str = ""


def of(workspace: Workspace, app_id: int) -> MetaApp | None:
    """An app of this workspace's own, by our id. Its secrets are not loaded: see `fields.readable`."""
    return workspace.meta_apps.defer(*SECRETS).filter(pk=app_id).first()


@transaction.atomic
def add(
    workspace: Workspace, said: Described, *, by: User | None, checked_at: datetime | None, verify_token: str = ""
) -> MetaApp:
    """Raises IntegrityError when the workspace has an app with this id."""
    app = MetaApp.objects.create(
        owner=workspace,
        name=said.name,
        app_id=said.app_id,
        is_simulated=said.is_simulated,
        app_secret=said.app_secret,
        verify_token=verify_token or new_verify_token(),
        checked_at=checked_at,
    )
    audit.record(workspace.pk, by, Action.APP_ADDED, app.name, after=_facts(app))
    return app


@transaction.atomic
def change(app: MetaApp, said: Described, *, by: User | None, checked_at: datetime | None) -> MetaApp:
    """Raises IntegrityError when the workspace has another app with this id."""
    # No key and no owner: whoever writes below them holds a clock that we shall wait for, and would wait for us.
    locked = MetaApp.objects.select_for_update(no_key=True, of=("self",))
    kept = locked.select_related("owner").defer(*SECRETS).get(pk=app.pk)
    before = _facts(kept)
    is_replaced = bool(said.app_secret) and app_secrets.replace(kept, said.app_secret, checked_at=checked_at)
    if not is_replaced and (checked_at or (said.app_id, said.is_simulated) != (kept.app_id, kept.is_simulated)):
        kept.checked_at = checked_at
    kept.name, kept.app_id, kept.is_simulated = said.name, said.app_id, said.is_simulated
    changed = app_secrets.COLUMNS if is_replaced else ["checked_at"]
    kept.save(update_fields=["name", "app_id", "is_simulated", *changed])
    after = _facts(kept)
    if is_replaced:
        _note(kept, by, Action.APP_SECRET_REPLACED, {}, {"old_good_until": kept.previous_secret_until})
    if before != after:
        _note(kept, by, Action.APP_CHANGED, before, after)
    return kept


@transaction.atomic
def end_old_secret(app: MetaApp, *, by: User) -> bool:
    """From now on only the new secret is good; the door notices within seconds. False when there is no old one."""
    kept = MetaApp.objects.filter(pk=app.pk, previous_secret_until__isnull=False)
    if not kept.update(previous_secret="", previous_secret_until=None):
        return False
    _note(app, by, Action.OLD_APP_SECRET_ENDED, {}, {})
    return True


@transaction.atomic
def renew_verify_token(app: MetaApp, *, by: User) -> None:
    """Meta asks for it only when a callback is saved in its dashboard, so what is set up there works on."""
    MetaApp.objects.filter(pk=app.pk).update(verify_token=new_verify_token(), verify_token_renewed_at=timezone.now())
    audit.record(app.owner_id, by, Action.VERIFY_TOKEN_REPLACED, app.name)


def new_verify_token() -> str:
    return secrets.token_urlsafe(24)


def _facts(app: MetaApp) -> dict[str, Any]:
    return {
        "name": app.name,
        "app_id": app.app_id,
        "is_simulated": app.is_simulated,
        "is_checked": bool(app.checked_at),
    }


def _note(app: MetaApp, by: User | None, action: Action, before: dict[str, Any], after: dict[str, Any]) -> None:
    """A borrower's threads are concerned too; who did it is the owner's to know."""
    for workspace in sharing.sides(app):
        is_owner = workspace.pk == app.owner_id
        audit.record(
            workspace.pk,
            by if is_owner else None,
            action,
            app.name,
            before=before,
            after=after,
            about=app.pk,
            by_workspace="" if is_owner else app.owner.slug,
        )
