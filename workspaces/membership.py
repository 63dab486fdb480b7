"""Who belongs to a workspace, and as what: giving a role, changing it, removing somebody, leaving.

There is always an owner, whoever acts at the same moment: all of it happens under one lock of the workspace. Only
owners make, change or remove owners. Each change is written down and reaches every open screen of the workspace.
"""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from . import audit, departures
from .access import ABILITIES, Ability, may
from .clock import tick
from .models import Invitation, Membership, Role, User, Workspace
from .refusal import RefusedError


@transaction.atomic
def give_role(workspace: Workspace, user: User, role: str, *, by: User | None = None) -> bool:
    """Make `user` a member with this role. Returns False if they were exactly that already, and nothing changed."""
    one_at_a_time(workspace)
    membership, is_new = Membership.objects.get_or_create(workspace=workspace, user=user, defaults={"role": role})
    if not is_new:
        return _set_role(membership, role, by)
    audit.record(workspace.pk, by, audit.Action.MEMBER_ADDED, user.email, after={"role": role})
    tick([workspace.pk])
    return True


@transaction.atomic
def change_role(workspace: Workspace, membership_id: int, role: str, *, by: User) -> Membership | None:
    """Returns the member as changed, or None where there is no such member (any more)."""
    one_at_a_time(workspace)
    membership = _found(workspace, membership_id)
    if membership is None:
        return None
    _must_be_allowed(workspace, by, {membership.role, role})
    _set_role(membership, role, by)
    return membership


@transaction.atomic
def remove(workspace: Workspace, membership_id: int, *, by: User) -> Membership | None:
    """Returns whom it removed, or None where there is no such member (any more)."""
    one_at_a_time(workspace)
    membership = _found(workspace, membership_id)
    if membership is None:
        return None
    _must_be_allowed(workspace, by, {membership.role})
    _end(membership, by, audit.Action.MEMBER_REMOVED, f"{by} removed {membership.user} from the workspace")
    return membership


@transaction.atomic
def leave(workspace: Workspace, user: User) -> None:
    one_at_a_time(workspace)
    membership = workspace.memberships.select_related("user", "workspace").filter(user=user).first()
    if membership is not None:
        _end(membership, user, audit.Action.MEMBER_LEFT, f"{user} left the workspace")


def one_at_a_time(workspace: Workspace) -> None:
    """Wait for whoever changes the members of this workspace. Nobody who only writes below it waits for us."""
    Workspace.objects.select_for_update(no_key=True).get(pk=workspace.pk)


def _found(workspace: Workspace, membership_id: int) -> Membership | None:
    return workspace.memberships.select_related("user", "workspace").filter(pk=membership_id).first()


def _must_be_allowed(workspace: Workspace, by: User, roles: set[str]) -> None:
    """Asked under the lock: who acts may have been demoted since their request came in."""
    actor = workspace.memberships.select_related("user").filter(user=by).first()
    needed = Ability.MANAGE_OWNERS if Role.OWNER in roles else Ability.MANAGE_MEMBERS
    if actor is None or not may(actor, needed):
        raise PermissionDenied(f"You may not {needed}.")


def _set_role(membership: Membership, role: str, by: User | None) -> bool:
    before, workspace_id, user = membership.role, membership.workspace_id, membership.user
    if before == role:
        return False
    if role != Role.OWNER:
        _must_leave_an_owner(membership)
    membership.role = role
    membership.save(update_fields=["role"])
    was, now = {"role": before}, {"role": role}
    audit.record(workspace_id, by, audit.Action.ROLE_CHANGED, user.email, before=was, after=now)
    _withdraw_what_they_may_not_give(workspace_id, user, membership, by)
    if Ability.REPLY in ABILITIES[before] - ABILITIES[role]:
        departures.say_farewell(workspace_id, user, because=f"{user} may no longer reply", by=by)
    tick([workspace_id])
    return True


def _end(membership: Membership, by: User, action: audit.Action, because: str) -> None:
    _must_leave_an_owner(membership)
    workspace_id, user = membership.workspace_id, membership.user
    Membership.objects.filter(pk=membership.pk).delete()
    audit.record(workspace_id, by, action, user.email, before={"role": membership.role})
    if action == audit.Action.MEMBER_REMOVED:
        _withdraw_what_they_may_not_give(workspace_id, user, None, by)
    departures.say_farewell(workspace_id, user, because=because, by=by)
    tick([workspace_id])


def invites(role: str) -> Ability:
    """What it takes to invite somebody as this role, and to withdraw such an invitation."""
    return Ability.MANAGE_OWNERS if role == Role.OWNER else Ability.MANAGE_MEMBERS


def _withdraw_what_they_may_not_give(workspace_id: int, user: User, now: Membership | None, by: User | None) -> None:
    """Else whoever is removed or demoted comes back by an invitation that they sent to another address of theirs."""
    sent = Invitation.objects.filter(workspace_id=workspace_id, invited_by=user, accepted_at=None, withdrawn_at=None)
    for invitation in sent.select_for_update(no_key=True).order_by("pk"):
        if now is not None and may(now, invites(invitation.role)):
            continue
        invitation.withdrawn_at, invitation.withdrawn_by = timezone.now(), by
        invitation.save(update_fields=["withdrawn_at", "withdrawn_by"])
        role = {"role": invitation.role}
        audit.record(workspace_id, by, audit.Action.INVITATION_WITHDRAWN, invitation.email, before=role)


def _must_leave_an_owner(membership: Membership) -> None:
    if membership.role != Role.OWNER:
        return
    owners = Membership.objects.filter(workspace_id=membership.workspace_id, role=Role.OWNER, user__is_active=True)
    if not owners.exclude(pk=membership.pk).exists():
        raise RefusedError(
            f"{membership.user} is the last owner of {membership.workspace}. Make somebody else an owner first."
        )
