"""The evidence behind one message."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from inbox import evidence as proof
from inbox import reaper
from inbox.causes import causes_of
from inbox.marks import failure_of, mark_of
from inbox.models import Word
from workspaces.access import MemberRequest, member

from .finding import message_of

OPEN_WORDS = frozenset({Word.QUEUED, Word.SENDING, Word.UNCONFIRMED})


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
        "entries": proof.timeline_of(message, causes_of(message.connection, [message]).get(message.pk)),
        # Whoever waits for a word wants to know that somebody still looks.
        "is_open": message.is_outgoing and message.word in OPEN_WORDS,
        "reaper_ran_at": reaper.last_run(),
    }
    return render(request, "inbox/_evidence.html", context)
