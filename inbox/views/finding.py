"""Where every read starts: at the workspace that the member came by. What is not in it does not exist.

No screen fetches an access token: none needs it, and one that does not decrypt must not take the inbox down.
"""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from inbox.models import Conversation, Message
from workspaces.access import MemberRequest

NEVER_FETCHED = "connection__access_token"


def conversation_of(request: MemberRequest, conversation_id: int) -> Conversation:
    """The conversation of this id, or the one that it went into."""
    whole = request.workspace.conversations.select_related("contact", "owner", "connection", "reply_to")
    whole = whole.defer(NEVER_FETCHED)
    return whole.filter(pk=conversation_id).first() or get_object_or_404(whole, formers=conversation_id)


def address_of(request: MemberRequest, conversation: Conversation, former_id: int) -> str:
    """The page of a conversation for whoever comes from the one that went into it, whose draft comes along."""
    return f"{reverse('inbox:conversation', args=[request.workspace.slug, conversation.pk])}?former={former_id}"


def led_on(request: MemberRequest, conversation: Conversation, asked_id: int) -> HttpResponse | None:
    """What an open page of a conversation that went into another is told: that it is gone, and where to; else None.

    A part of the other one would be shown beside what is left of this one.
    """
    if conversation.pk == asked_id or "HX-Request" not in request.headers:
        return None
    return HttpResponse(status=410, headers={"X-Gigaviz-Moved": address_of(request, conversation, asked_id)})


def message_of(request: MemberRequest, message_id: int) -> Message:
    whole = request.workspace.messages.select_related("conversation__contact", "connection", "author", "media")
    return get_object_or_404(whole.defer(NEVER_FETCHED), pk=message_id)
