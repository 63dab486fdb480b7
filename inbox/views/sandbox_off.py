"""The second step of switching sandbox mode off: what it would mean, before it does."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from connections import sandbox
from inbox import reach
from workspaces.access import Ability, MemberRequest, member


@require_safe
@member(Ability.MANAGE_SANDBOX)
def confirmation(request: MemberRequest) -> HttpResponse:
    workspace = request.workspace
    context = {
        "is_on": sandbox.is_on(workspace.pk),
        "held_back": reach.held_back(workspace.pk),
        "seen": sandbox.mark(sandbox.last_switch(workspace.pk)),
    }
    return render(request, "sandbox/off.html", context)
