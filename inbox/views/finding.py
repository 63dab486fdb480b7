"""Where every read starts: at the workspace that the member came by. What is not in it does not exist.

No screen fetches an access token: none needs it, and one that does not decrypt must not take the inbox down.
"""

from __future__ import annotations

from django.shortcuts import get_object_or_404

from inbox.models import Conversation, Message
from workspaces.access import MemberRequest

NEVER_FETCHED = "connection__access_token"


def conversation_of(request: MemberRequest, conversation_id: int) -> Conversation:
    """The conversation of this id, or the one that it went into."""
    whole = request.workspace.conversations.select_related("contact", "owner", "connection", "reply_to")
    whole = whole.defer(NEVER_FETCHED)
    return whole.filter(pk=conversation_id).first() or get_object_or_404(whole, formers=conversation_id)


def message_of(request: MemberRequest, message_id: int) -> Message:
    whole = request.workspace.messages.select_related("conversation__contact", "author", "media")
    return get_object_or_404(whole, pk=message_id)
