"""Second factors: who has one, and asking everybody in a workspace to have one."""

from __future__ import annotations

from collections.abc import Iterable

from allauth.mfa.models import Authenticator
from django.db import transaction

from . import audit
from .clock import tick
from .models import User, Workspace
from .refusal import RefusedError

# Recovery codes alone are none: they stand in for one of these.
KINDS = {Authenticator.Type.TOTP.value: "Authenticator app", Authenticator.Type.WEBAUTHN.value: "Passkey"}


def is_set_up(user: User) -> bool:
    return bool(Authenticator.objects.filter(user=user, type__in=KINDS).exists())


def factors_of(users: Iterable[int]) -> dict[int, list[str]]:
    """What each of these people has, in words."""
    found: dict[int, list[str]] = {}
    held = Authenticator.objects.filter(user_id__in=users, type__in=KINDS).order_by("user_id", "type")
    for user_id, kind in held.values_list("user_id", "type").distinct():
        found.setdefault(user_id, []).append(KINDS[kind])
    return found


@transaction.atomic
def ask_everybody(workspace: Workspace, *, needed: bool, by: User) -> bool:
    """Open nothing of this workspace to a member without a second factor, or again everything. False if it was so."""
    if needed and not is_set_up(by):
        raise RefusedError("Set up a second factor for yourself first: else you would be the first left outside.")
    changed = Workspace.objects.filter(pk=workspace.pk).exclude(needs_second_factor=needed)
    if not changed.update(needs_second_factor=needed):
        return False
    before, after = {"is_required": not needed}, {"is_required": needed}
    audit.record(workspace.pk, by, audit.Action.MFA_REQUIRED, workspace.name, before=before, after=after)
    tick([workspace.pk])
    return True
