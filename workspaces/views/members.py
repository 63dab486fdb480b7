"""Who belongs to the workspace."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from workspaces.access import MemberRequest, member


@require_safe
@member()
def members(request: MemberRequest) -> HttpResponse:
    rows = request.workspace.memberships.select_related("user").order_by("user__name", "pk")
    return render(request, "workspaces/members.html", {"members": rows})
