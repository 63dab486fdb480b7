"""Who a conversation is with, from which number to which identity, who answers it, and until when."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from inbox import address, names, ownership, window
from inbox.freshness import polled
from inbox.models import Conversation
from inbox.rows import owner_of
from workspaces.access import Ability, MemberRequest, may, member

from . import listing
from .finding import conversation_of, led_on


@require_safe
@member()
@polled
def header(request: MemberRequest, conversation_id: int) -> HttpResponse:
    chosen = conversation_of(request, conversation_id)
    if gone := led_on(request, chosen, conversation_id):
        return gone
    return render(request, "inbox/_header.html", context(request, chosen))


def answer(request: MemberRequest, conversation: Conversation, notice: str, status: int) -> HttpResponse:
    """The header as it stands now, after somebody tried to change it."""
    stands = conversation_of(request, conversation.pk)
    return render(request, "inbox/_header_answer.html", context(request, stands, notice), status=status)


def context(request: MemberRequest, conversation: Conversation, notice: str = "") -> dict[str, Any]:
    """`notice` is a sentence for whoever just pressed a button that changed nothing."""
    answers = may(request.membership, Ability.REPLY)
    is_closed = conversation.closed_at is not None
    held = list(conversation.contact.identities.all())
    is_mine = conversation.owner_id == request.user.pk
    return {
        "workspace": request.workspace,
        "membership": request.membership,
        "conversation": conversation,
        "seen": request.workspace.clock.version,
        "name": names.name_of(conversation.contact, held),
        "from_label": names.from_label(conversation.connection),
        "to_label": names.to_label(conversation.contact, address.choose(conversation, held)),
        "owner": owner_of(conversation, request.user),
        "shown_owner": conversation.owner_id or "",
        "state": conversation.state,
        "window_closes_at": window.closes_at(conversation.last_inbound_at),
        "can_take": answers and not is_closed and not is_mine,
        "can_release": answers and not is_closed and conversation.owner_id is not None,
        "can_close": answers and not is_closed,
        "can_reopen": answers and is_closed,
        "members": _members(request) if answers and not is_closed else [],
        "notice": notice,
        "query": listing.query_of(request),
    }


def _members(request: MemberRequest) -> list[dict[str, Any]]:
    found = [membership.user for membership in ownership.may_answer(request.workspace.pk)]
    return [{"id": user.pk, "name": str(user), "is_me": user.pk == request.user.pk} for user in found]
