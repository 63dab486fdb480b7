"""Who belongs to the workspace, and as what."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from workspaces import invitations, membership, second_factor
from workspaces.access import Ability, MemberRequest, may, member, table
from workspaces.forms import InvitationForm, RoleForm, roles_given_by
from workspaces.models import Membership, Role
from workspaces.refusal import RefusedError


@require_safe
@member()
def members(request: MemberRequest) -> HttpResponse:
    return page(request)


def page(request: MemberRequest, form: InvitationForm | None = None, status: int = 200) -> HttpResponse:
    rows = list(request.workspace.memberships.select_related("user").order_by("user__name", "pk"))
    factors = second_factor.factors_of(one.user_id for one in rows)
    invited = list(invitations.open_ones(request.workspace)) if may(request.membership, Ability.MANAGE_MEMBERS) else []
    context = {
        "members": [(one, factors.get(one.user_id, []), _may_change(request, one)) for one in rows],
        "invited": [(one, invitations.may_handle(request.membership, one.role)) for one in invited],
        "form": form or InvitationForm(by=request.membership),
        "roles": roles_given_by(request.membership),
        "table": table(),
        "all_roles": Role.labels,
    }
    return render(request, "workspaces/members.html", context, status=status)


def _may_change(request: MemberRequest, one: Membership) -> bool:
    return may(request.membership, Ability.MANAGE_OWNERS if one.role == Role.OWNER else Ability.MANAGE_MEMBERS)


@require_POST
@member(Ability.MANAGE_MEMBERS)
def role(request: MemberRequest, membership_id: int) -> HttpResponse:
    form = RoleForm(request.POST, by=request.membership)
    if not form.is_valid():
        messages.error(request, "That is no role you can give, so nothing was changed.")
        return page(request, status=422)
    try:
        changed = membership.change_role(request.workspace, membership_id, form.cleaned_data["role"], by=request.user)
    except RefusedError as refusal:
        messages.error(request, str(refusal))
    else:
        if changed is None:
            raise Http404
        messages.success(request, f"{changed.user} is {changed.get_role_display().lower()} now.")
    return redirect("workspaces:members", request.workspace.slug)


@require_POST
@member(Ability.MANAGE_MEMBERS)
def removal(request: MemberRequest, membership_id: int) -> HttpResponse:
    try:
        removed = membership.remove(request.workspace, membership_id, by=request.user)
    except RefusedError as refusal:
        messages.error(request, str(refusal))
    else:
        if removed is None:
            raise Http404
        messages.success(request, f"{removed.user} is no longer a member. Their conversations are open again.")
        if removed.user_id == request.user.pk:
            return redirect("account")
    return redirect("workspaces:members", request.workspace.slug)


@require_POST
@member()
def departure(request: MemberRequest) -> HttpResponse:
    """Leaving, which everybody may, except the last owner."""
    try:
        membership.leave(request.workspace, request.user)
    except RefusedError as refusal:
        messages.error(request, str(refusal))
        return redirect("workspaces:members", request.workspace.slug)
    messages.success(request, f"You left {request.workspace}. Your conversations there are open again.")
    return redirect("account")
