"""One template: how it stands, why, and what it looks like."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from connections.message_templates import allowed, draft, shown
from connections.message_templates.models import MessageTemplate
from workspaces.access import MemberRequest, member

from .polling import polled


@require_safe
@member()
def template(request: MemberRequest, template_id: int) -> HttpResponse:
    return render(request, "templates/template.html", context(request, of(request, template_id)))


@require_safe
@member()
@polled
def state(request: MemberRequest, template_id: int) -> HttpResponse:
    return render(request, "templates/_state.html", context(request, of(request, template_id)))


def context(request: MemberRequest, row: MessageTemplate) -> dict[str, Any]:
    now = timezone.now()
    _, is_made_elsewhere = draft.read(row.name, row.language, row.category, row.components)
    return {
        "one": shown_of(request, row),
        "why_not_edit": allowed.why_not_edit(row, now) or is_made_elsewhere,
        "why_not_delete": allowed.why_not_delete(row, every_language=False),
        "token": uuid.uuid4(),
        "seen": request.workspace.clock.version,
    }


def of(request: MemberRequest, template_id: int) -> MessageTemplate:
    row: MessageTemplate | None = request.workspace.message_templates.filter(pk=template_id).first()
    if row is None:
        raise Http404
    return row


def shown_of(request: MemberRequest, row: MessageTemplate) -> shown.ShownTemplate:
    (one,) = shown.templates([row], shown.accounts(request.workspace, timezone.now()))
    return one
