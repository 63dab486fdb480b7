"""Closing and reopening a conversation."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from inbox import ownership
from inbox.forms import ClosureForm
from inbox.freshness import fresh
from workspaces.access import Ability, MemberRequest, member

from . import header
from .finding import conversation_of


@require_POST
@member(Ability.REPLY)
@fresh
def closure(request: MemberRequest, conversation_id: int) -> HttpResponse:
    conversation = conversation_of(request, conversation_id)
    form = ClosureForm(request.POST)
    if not form.is_valid():
        return header.answer(request, conversation, "Nothing was changed: this form is broken.", status=422)
    verb = ownership.close if form.cleaned_data["act"] == "close" else ownership.reopen
    shown = form.cleaned_data["shown_owner"]
    change = verb(conversation, shown_owner=shown, by=request.user, now=timezone.now())
    return header.answer(request, conversation, change.refusal, status=200 if change.is_made else 409)
