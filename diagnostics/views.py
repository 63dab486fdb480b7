"""What is true about webhooks right now. Ops and admins look here first."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from inbox import freshness, reaper
from webhooks import wake
from workspaces.access import Ability, MemberRequest, member

from . import events


@require_safe
@member(Ability.DIAGNOSE)
def index(request: MemberRequest) -> HttpResponse:
    context = {
        "workspace": request.workspace,
        "membership": request.membership,
        "last_received_at": events.last_received_at(request.workspace),
        "behind": freshness.behind(request.workspace.pk),
        "reaper_ran_at": reaper.last_run(),
        "apps": request.workspace.meta_apps.only("name", "handshake_at").order_by("name"),
        "hints_lost": wake.failures(),
        "odd": events.odd(request.workspace),
        "refused": events.refused(request.workspace),
        "shown": events.SHOWN,
        "now": timezone.now(),
    }
    return render(request, "diagnostics/index.html", context)


@require_safe
@member(Ability.DIAGNOSE)
def body(request: MemberRequest, day: date, event_id: int) -> HttpResponse:
    """The raw body as text, byte for byte but for what is no UTF-8, which is shown as escapes."""
    event = get_object_or_404(events.of_workspace(request.workspace), day=day, pk=event_id)
    if events.names_others(event, request.workspace):
        raise PermissionDenied("This body has to do with a number of another workspace, so it is not shown here.")
    text = bytes(event.body).decode("utf-8", errors="backslashreplace")
    response = HttpResponse(text, content_type="text/plain; charset=utf-8")
    response["X-Content-Type-Options"] = "nosniff"
    return response
