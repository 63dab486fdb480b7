"""The messages of a conversation and what was done to it, oldest first."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from inbox import change_markers, thread_lines
from inbox.act_lines import Line
from inbox.freshness import polled, seen_before
from inbox.models import Conversation
from workspaces.access import MemberRequest, member

from .finding import conversation_of, led_on


@gzip_page
@require_safe
@member()
@polled
def thread(request: MemberRequest, conversation_id: int) -> HttpResponse:
    """Without `seen` the newest page, or with `before` the one before it; with `seen` only what changed since.

    `from` is the key of the first line that the page shows.
    """
    seen = seen_before(request)
    may_be_same = seen and not change_markers.are_news(request.workspace, seen)
    if may_be_same and thread_lines.has_changed(request.workspace, conversation_id, seen) is False:
        return HttpResponse(status=204)
    chosen = conversation_of(request, conversation_id)
    if gone := led_on(request, chosen, conversation_id):
        return gone
    if not seen or chosen.pk != conversation_id:  # of one that went into another, a page has not seen the other
        return render(request, "inbox/_thread.html", context(request, chosen))
    if seen < (chosen.thinned or 0):
        return render(request, "inbox/_thread.html", context(request, chosen) | {"is_update": True, "is_whole": True})
    changes = thread_lines.since(chosen, request.workspace, seen, request.GET.get("from", ""))
    if changes.upto is not None:
        request.workspace.clock.version = changes.upto  # never saved: this answer shows no more, and says so
    return render(request, "inbox/_thread.html", _facts(request, chosen, changes.lines) | {"is_update": True})


def context(request: MemberRequest, conversation: Conversation) -> dict[str, Any]:
    before = request.GET.get("before", "")
    page = thread_lines.newest(conversation, request.workspace, before)
    facts = {"earlier": page.earlier, "from": page.earlier, "is_earlier": bool(before)}
    return _facts(request, conversation, page.lines) | facts


def _facts(request: MemberRequest, conversation: Conversation, lines: list[Line]) -> dict[str, Any]:
    # The clock was read before the lines were, so whoever answers this position has been shown all up to it.
    version = request.workspace.clock.version
    return {
        "workspace": request.workspace,
        "membership": request.membership,
        "conversation": conversation,
        "lines": lines,
        "seen": version,
        "position": version,
    }
