"""Inviting somebody by e-mail, and joining: each link works once, for a week, and for the address invited only.

The token of a link is never kept, only its digest. Sending it again makes a new one, and the old link dies.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from . import audit
from .access import may
from .clock import tick
from .membership import give_role, invites, one_at_a_time
from .models import Invitation, Membership, User, Workspace
from .refusal import RefusedError

LIFETIME = timedelta(days=7)
# Whoever gets hold of an admin's session must not write to the whole world in the workspace's name.
MOST_AN_HOUR = 50


def open_ones(workspace: Workspace) -> QuerySet[Invitation]:
    """Those not answered yet, the expired among them: they can be sent again."""
    found = workspace.invitations.filter(accepted_at=None, withdrawn_at=None)
    return found.select_related("invited_by").order_by("-created_at", "-pk")


def may_handle(membership: Membership, role: str) -> bool:
    """Whether somebody may invite as this role, and send again or withdraw such an invitation."""
    return may(membership, invites(role))


@transaction.atomic
def invite(workspace: Workspace, *, email: str, role: str, by: Membership) -> tuple[Invitation, str]:
    """Write an invitation down; returns it with the token of its link, which is to be sent after the commit."""
    _must_still_be_allowed(workspace, role, by)
    _must_not_flood(workspace)
    if workspace.memberships.filter(user__email=email).exists():
        raise RefusedError("They are a member already: change their role in the list above.")
    token = secrets.token_urlsafe(32)
    invitation = Invitation(
        workspace=workspace,
        email=email,
        role=role,
        digest=_digest(token),
        invited_by=by.user,
        expires_at=timezone.now() + LIFETIME,
    )
    try:
        with transaction.atomic():
            invitation.save()
    except IntegrityError as error:
        sentence = "They are invited already: send that invitation again, or withdraw it first."
        raise RefusedError(sentence) from error
    audit.record(workspace.pk, by.user, audit.Action.MEMBER_INVITED, email, after={"role": role})
    return invitation, token


@transaction.atomic
def renew(invitation: Invitation, *, by: Membership) -> str:
    """A new link in place of the old one; returns its token."""
    _must_still_be_allowed(invitation.workspace, invitation.role, by)
    _must_not_flood(invitation.workspace)
    token = secrets.token_urlsafe(32)
    renewed = {"digest": _digest(token), "expires_at": timezone.now() + LIFETIME, "sent_at": None, "not_sent": ""}
    if not open_ones(invitation.workspace).filter(pk=invitation.pk).update(**renewed):
        raise RefusedError("That invitation was answered or withdrawn meanwhile, so nothing was sent.")
    audit.record(
        invitation.workspace_id,
        by.user,
        audit.Action.MEMBER_INVITED,
        invitation.email,
        after={"role": invitation.role, "sent_again": True},
    )
    return token


@transaction.atomic
def withdraw(invitation: Invitation, *, by: Membership) -> None:
    _must_still_be_allowed(invitation.workspace, invitation.role, by)
    withdrawn = {"withdrawn_at": timezone.now(), "withdrawn_by": by.user}
    if not open_ones(invitation.workspace).filter(pk=invitation.pk).update(**withdrawn):
        raise RefusedError("That invitation was answered or withdrawn meanwhile.")
    role = {"role": invitation.role}
    audit.record(invitation.workspace_id, by.user, audit.Action.INVITATION_WITHDRAWN, invitation.email, before=role)


def by_token(token: str) -> Invitation | None:
    """The invitation that a link opens: one that waits for an answer and has not expired."""
    return _working(token).select_related("workspace", "invited_by").first()


@transaction.atomic
def accept(token: str, user: User) -> Invitation | None:
    """Join. Only the address invited does; returns None where the link does not work (any more)."""
    found = by_token(token)
    if found is None:
        return None
    one_at_a_time(found.workspace)  # the workspace before its invitation, as whoever removes a member does
    invitation = _working(token).select_for_update(of=("self",)).select_related("workspace", "invited_by").first()
    if invitation is None or invitation.email != user.email:
        return None
    Invitation.objects.filter(pk=invitation.pk).update(accepted_at=timezone.now(), accepted_by=user)
    # Who was made a member by other means keeps the role they were given there.
    if not Membership.objects.filter(workspace=invitation.workspace, user=user).exists():
        give_role(invitation.workspace, user, invitation.role, by=user)
    tick([invitation.workspace_id])
    return invitation


@transaction.atomic
def accept_as_new(token: str, *, name: str, password: str) -> User | None:
    """Join with an account made here. None where the link does not work, or the address has an account by now."""
    invitation = by_token(token)
    if invitation is None:
        return None
    try:
        with transaction.atomic():
            user = User.objects.create_user(invitation.email, password, name=name)
    except IntegrityError:
        return None
    if accept(token, user) is None:
        transaction.set_rollback(True)
        return None
    return user


def _must_still_be_allowed(workspace: Workspace, role: str, by: Membership) -> None:
    """Asked under the lock: they may have been removed or demoted since their request came in."""
    one_at_a_time(workspace)
    now = Membership.objects.select_related("user").filter(pk=by.pk).first()
    if now is None or not may_handle(now, role):
        raise PermissionDenied(f"You may not {invites(role)}.")


def _must_not_flood(workspace: Workspace) -> None:
    since = timezone.now() - timedelta(hours=1)
    sent = workspace.audit_entries.filter(action=audit.Action.MEMBER_INVITED, created_at__gte=since)
    if sent.count() >= MOST_AN_HOUR:
        raise RefusedError(f"{MOST_AN_HOUR} invitations went out within the last hour. Wait a little, then go on.")


def _working(token: str) -> QuerySet[Invitation]:
    open_still = Invitation.objects.filter(accepted_at=None, withdrawn_at=None, expires_at__gt=timezone.now())
    return open_still.filter(digest=_digest(token))


def _digest(token: str) -> str:
    # The token is 256 random bits: nothing slower is needed to keep it from being guessed.
    return hashlib.sha256(token.encode()).hexdigest()
