"""The audit trail: who changed what, from what to what, and when."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from workspaces import audit_export, audit_search
from workspaces.access import Ability, MemberRequest, member
from workspaces.audit_search import AuditFilter
from workspaces.audit_words import differences, sentence_of


@require_safe
@member(Ability.SEE_AUDIT)
def trail(request: MemberRequest) -> HttpResponse:
    form = AuditFilter(request.workspace, request.GET)
    if not form.is_valid():
        return render(request, "workspaces/audit.html", {"form": form}, status=422)
    found = audit_search.page(audit_search.entries(request.workspace, form.cleaned_data), request.GET.get("before", ""))
    context: dict[str, Any] = {
        "form": form,
        "entries": [(entry, sentence_of(entry), differences(entry)) for entry in found.entries],
        "asked": _asked(request),
        "next": _asked(request, before=found.next) if found.next else "",
        "is_later_page": bool(request.GET.get("before")),
    }
    return render(request, "workspaces/audit.html", context)


@require_safe
@member(Ability.SEE_AUDIT)
def export(request: MemberRequest) -> HttpResponseBase:
    form = AuditFilter(request.workspace, request.GET)
    if not form.is_valid():
        return render(request, "workspaces/audit.html", {"form": form}, status=422)
    found = audit_search.entries(request.workspace, form.cleaned_data)
    name = f"audit-{request.workspace.slug}-{timezone.now():%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(audit_export.lines_of(found), content_type="text/csv; charset=utf-8", headers=headers)


def _asked(request: MemberRequest, **more: str) -> str:
    """The filter as an address carries it."""
    query = request.GET.copy()
    query.pop("before", None)
    for name, value in more.items():
        query[name] = value
    return query.urlencode()
