"""The inbox: the list, and beside it the chosen conversation."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from inbox import freshness
from inbox.freshness import fresh
from workspaces import keys
from workspaces.access import MemberRequest, member

from . import header, listing, panel, replies, thread, verdict
from .finding import address_of, conversation_of


@gzip_page
@require_safe
@member()
@fresh
def index(request: MemberRequest) -> HttpResponse:
    return render(request, "inbox/index.html", listing.context(request) | freshness.marks(request))


@gzip_page
@require_safe
@member()
@fresh
def conversation(request: MemberRequest, conversation_id: int) -> HttpResponse:
    chosen = conversation_of(request, conversation_id)
    if chosen.pk != conversation_id:
        return redirect(address_of(request, chosen, conversation_id))
    context = listing.context(request, chosen.pk) | freshness.marks(request)
    context["former"] = keys.whole(request.GET.get("former", ""))
    for part in (header, thread, verdict, panel, replies):
        context |= part.context(request, chosen)
    return render(request, "inbox/index.html", context)
