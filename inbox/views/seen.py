"""How far a member has seen a conversation."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpResponse
from django.views.decorators.http import require_POST

from inbox.forms import SeenForm
from inbox.sql import rows
from inbox.unread import unread_since
from workspaces.access import MemberRequest, member
from workspaces.clock import tick

from .finding import conversation_of

# Nobody has seen further than the clock, whatever a page claims; and a late request does not undo a later one.
RAISE = """
INSERT INTO inbox_seen (conversation_id, user_id, version) VALUES (%s, %s, LEAST(%s, %s))
ON CONFLICT ON CONSTRAINT seen_is_one_row DO UPDATE SET version = GREATEST(inbox_seen.version, excluded.version)
WHERE inbox_seen.version < excluded.version
"""
# Whether something unread is read by this: then a screen changes.
SEEN = "(SELECT version FROM inbox_seen WHERE conversation_id = %s AND user_id = %s)"
READS = f"""
SELECT 1 FROM inbox_message WHERE conversation_id = %s AND arrival <= %s AND {unread_since(SEEN)} LIMIT 1
"""  # noqa: S608


@require_POST
@member()
def seen(request: MemberRequest, conversation_id: int) -> HttpResponse:
    conversation = conversation_of(request, conversation_id)
    form = SeenForm(request.POST)
    if not form.is_valid():
        return HttpResponse("A version is a whole number.", status=422)
    if conversation.pk != conversation_id:  # it went into another one, of which this says nothing
        return HttpResponse(status=204)
    version = form.cleaned_data["version"]
    with transaction.atomic():
        shows = rows(READS, [conversation.pk, version, conversation.pk, request.user.pk])
        rows(RAISE, [conversation.pk, request.user.pk, version, request.workspace.clock.version])
        if shows:
            tick([request.workspace.pk])
    return HttpResponse(status=204)
