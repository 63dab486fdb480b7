"""One template: how it stands, why, and what it looks like."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from connections.message_templates import shown
from connections.message_templates.models import MessageTemplate
from workspaces.access import MemberRequest, member


@require_safe
@member()
def template(request: MemberRequest, template_id: int) -> HttpResponse:
    return render(request, "templates/template.html", {"one": shown_of(request, of(request, template_id))})


def of(request: MemberRequest, template_id: int) -> MessageTemplate:
    row: MessageTemplate | None = request.workspace.message_templates.filter(pk=template_id).first()
    if row is None:
        raise Http404
    return row


def shown_of(request: MemberRequest, row: MessageTemplate) -> shown.ShownTemplate:
    (one,) = shown.templates([row], shown.accounts(request.workspace, timezone.now()))
    return one
