"""Asking everybody for a second factor, and leading those to it who have none."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from workspaces import second_factor as rules
from workspaces.access import Ability, MemberRequest, member
from workspaces.refusal import RefusedError

from . import members


@require_safe
@member(without_second_factor=True)
def second_factor(request: MemberRequest) -> HttpResponse:
    """What stands in place of every page of a workspace until one is set up."""
    if not request.workspace.needs_second_factor or rules.is_set_up(request.user):
        return redirect("inbox:index", request.workspace.slug)
    others = request.user.workspaces.exclude(pk=request.workspace.pk).order_by("name")
    return render(request, "workspaces/second_factor.html", {"others": others})


@require_POST
@member(Ability.REQUIRE_SECOND_FACTOR)
def requirement(request: MemberRequest) -> HttpResponse:
    if (said := request.POST.get("needed")) not in {"yes", "no"}:
        messages.error(request, "Say whether everybody needs a second factor: nothing was changed.")
        return members.page(request, status=422)
    needed = said == "yes"
    try:
        rules.ask_everybody(request.workspace, needed=needed, by=request.user)
    except RefusedError as refusal:
        messages.error(request, str(refusal))
    else:
        what = "asks everybody for a second factor" if needed else "no longer asks for a second factor"
        messages.success(request, f"{request.workspace} {what} now.")
    return redirect("workspaces:members", request.workspace.slug)
