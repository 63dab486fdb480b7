"""Inviting people, sending an invitation again, withdrawing it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from workspaces import invitations as rules
from workspaces.access import Ability, MemberRequest, member
from workspaces.forms import InvitationForm
from workspaces.letters import send_invitation
from workspaces.models import Invitation
from workspaces.refusal import RefusedError

from . import members


@require_POST
@member(Ability.MANAGE_MEMBERS)
def invitations(request: MemberRequest) -> HttpResponse:
    form = InvitationForm(request.POST, by=request.membership)
    if not form.is_valid():
        return members.page(request, form, status=422)
    said = form.cleaned_data
    try:
        invitation, token = rules.invite(
            request.workspace, email=said["email"], role=said["role"], by=request.membership
        )
    except RefusedError as refusal:
        form.add_error("email", str(refusal))
        return members.page(request, form, status=422)
    return _send(request, invitation, token)


@require_POST
@member(Ability.MANAGE_MEMBERS)
def letter(request: MemberRequest, invitation_id: int) -> HttpResponse:
    """Send an invitation again, with a new link."""
    invitation = _found(request, invitation_id)
    try:
        token = rules.renew(invitation, by=request.membership)
    except RefusedError as refusal:
        messages.error(request, str(refusal))
        return redirect("workspaces:members", request.workspace.slug)
    invitation.refresh_from_db()
    return _send(request, invitation, token)


@require_POST
@member(Ability.MANAGE_MEMBERS)
def withdrawal(request: MemberRequest, invitation_id: int) -> HttpResponse:
    invitation = _found(request, invitation_id)
    try:
        rules.withdraw(invitation, by=request.membership)
    except RefusedError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"The invitation of {invitation.email} is withdrawn; its link no longer works.")
    return redirect("workspaces:members", request.workspace.slug)


def _found(request: MemberRequest, invitation_id: int) -> Invitation:
    return get_object_or_404(request.workspace.invitations.select_related("workspace", "invited_by"), pk=invitation_id)


def _send(request: MemberRequest, invitation: Invitation, token: str) -> HttpResponse:
    """After the commit, as a provider takes its time: whatever becomes of the e-mail, the invitation stands."""
    if reason := send_invitation(invitation, token):
        messages.error(request, f"The invitation of {invitation.email} is kept, but was not sent. {reason}")
    else:
        messages.success(request, f"An invitation is on its way to {invitation.email}.")
    return redirect("workspaces:members", request.workspace.slug)
