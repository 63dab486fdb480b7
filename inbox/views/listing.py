"""The list of conversations: a page of 50, by time, in one of five views."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.db.models import F, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from connections import sandbox
from inbox import rows, search
from inbox.freshness import polled
from inbox.models import Conversation
from workspaces import keys
from workspaces.access import MemberRequest, member

from .finding import NEVER_FETCHED

PAGE = 50
COUNTED = 100
VIEWS = {"mine": "Mine", "unassigned": "Unassigned", "open": "Open", "closed": "Closed", "all": "All"}
DEFAULT_VIEW = "open"


@gzip_page
@require_safe
@member()
@polled
def conversations(request: MemberRequest) -> HttpResponse:
    return render(request, "inbox/_list.html", context(request, keys.whole(request.GET.get("chosen", ""))))


def query_of(request: MemberRequest) -> str:
    """View and words, as the links of a page keep them."""
    view, q = request.GET.get("view", ""), request.GET.get("q", "").strip()[: search.LONGEST]
    return urlencode({"view": view if view in VIEWS else DEFAULT_VIEW} | ({"q": q} if q else {}))


def context(request: MemberRequest, chosen: int | None = None) -> dict[str, Any]:
    view = request.GET.get("view", "")
    view = view if view in VIEWS else DEFAULT_VIEW
    q = request.GET.get("q", "").strip()[: search.LONGEST]
    found = search.matching(_in_view(request, view), request.workspace.pk, q)
    page = list(_page(found, request.GET.get("before", "")))
    query, whitelist = query_of(request), sandbox.held_to(request.workspace.pk)
    shown = rows.rows_of(request.workspace, request.user, page[:PAGE], chosen=chosen, query=query, whitelist=whitelist)
    return {
        "workspace": request.workspace,
        "membership": request.membership,
        "views": [{"key": key, "label": label, "current": key == view} for key, label in VIEWS.items()],
        "view": view,
        "q": q,
        "query": query,
        "rows": shown,
        "is_sandboxed": whitelist is not None,
        "seen": request.workspace.clock.version,
        "before": request.GET.get("before", ""),
        "has_more": len(page) > PAGE,
        "older": _key(page[PAGE - 1]) if len(page) > PAGE else "",
        "chosen_id": chosen,
    }


def _in_view(request: MemberRequest, view: str) -> QuerySet[Conversation]:
    everything = request.workspace.conversations.filter(last_at__isnull=False)
    kept = {
        "mine": Q(owner_id=request.user.pk, closed_at=None),
        "unassigned": Q(owner=None, closed_at=None),
        "open": Q(closed_at=None),
        "closed": Q(closed_at__isnull=False),
        "all": Q(),
    }
    return everything.filter(kept[view])


def _page(found: QuerySet[Conversation], before: str) -> QuerySet[Conversation]:
    if end := keys.read(before, 1):
        at, (last,) = end
        found = found.filter(Q(last_at__lt=at) | Q(id__lt=last), last_at__lte=at)
    whole = found.select_related("contact", "owner", "connection").defer(NEVER_FETCHED)
    return whole.order_by(F("last_at").desc(nulls_last=True), "-id")[: PAGE + 1]


def _key(conversation: Conversation) -> str:
    assert conversation.last_at is not None
    return keys.write(conversation.last_at, conversation.pk)
