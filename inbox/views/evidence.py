"""The evidence behind one message."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from inbox import evidence as proof
from inbox.marks import failure_of, mark_of
from workspaces.access import MemberRequest, member

from .finding import message_of


@require_safe
@member()
def evidence(request: MemberRequest, message_id: int) -> HttpResponse:
    message = message_of(request, message_id)
    context = {
        "workspace": request.workspace,
        "membership": request.membership,
        "message": message,
        "mark": mark_of(message),
        "failure": failure_of(message),
        "steps": proof.steps_of(message),
        "entries": proof.timeline_of(message),
    }
    return render(request, "inbox/_evidence.html", context)
