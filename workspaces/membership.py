"""Giving somebody a role. It is written down, and reaches every open screen of the workspace."""

from __future__ import annotations

from django.db import transaction

from . import audit
from .clock import tick
from .models import Membership, User, Workspace


@transaction.atomic
def give_role(workspace: Workspace, user: User, role: str, *, by: User | None = None) -> bool:
    """Make `user` a member with this role. Returns False if they were exactly that already, and nothing changed."""
    membership, is_new = Membership.objects.get_or_create(workspace=workspace, user=user, defaults={"role": role})
    before = {} if is_new else {"role": membership.role}
    if not is_new and not Membership.objects.filter(pk=membership.pk).exclude(role=role).update(role=role):
        return False
    audit.record(
        workspace.pk,
        by,
        audit.Action.MEMBER_ADDED if is_new else audit.Action.ROLE_CHANGED,
        user.email,
        before=before,
        after={"role": role},
    )
    tick([workspace.pk])
    return True
