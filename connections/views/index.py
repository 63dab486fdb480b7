"""The workspace's Meta apps and numbers, each leading to its own page."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from connections import meta_apps, sharing
from workspaces.access import Ability, MemberRequest, member

from . import number


@require_safe
@member(Ability.MANAGE_CONNECTIONS)
def index(request: MemberRequest) -> HttpResponse:
    # A secret that does not decrypt raises where it is loaded, and no list needs one.
    context = {
        "apps": request.workspace.meta_apps.defer(*meta_apps.SECRETS).order_by("name", "pk"),
        "borrowed": sharing.borrowed(request.workspace),
        "offers": sharing.offers_to(request.workspace, timezone.now()),
        "numbers": number.rows(request.workspace),
    }
    return render(request, "connections/index.html", context)
