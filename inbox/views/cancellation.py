"""Taking back a message that has not left yet."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from inbox import sending, thread_lines
from inbox.freshness import fresh
from workspaces.access import Ability, MemberRequest, member

from .finding import message_of


@require_POST
@member(Ability.REPLY)
@fresh
def cancellation(request: MemberRequest, message_id: int) -> HttpResponse:
    """The bubble as it is now: cancelled, or with the word that says why it was too late for that."""
    message = message_of(request, message_id)
    is_taken_back = sending.cancel(message.pk)
    return bubble(request, message.conversation_id, message_id, status=200 if is_taken_back else 409)


def bubble(request: MemberRequest, conversation_id: int, message_id: int, status: int = 200) -> HttpResponse:
    conversation = request.workspace.conversations.select_related("contact").get(pk=conversation_id)
    line = thread_lines.one(conversation, request.workspace, message_id)
    context = {
        "workspace": request.workspace,
        "membership": request.membership,
        "conversation": conversation,
        "m": line,
        "line": line,
    }
    return render(request, "inbox/_message.html", context, status=status)
