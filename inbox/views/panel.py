"""Who the customer is: their identities, and what they said about being written to."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from inbox import address, names
from inbox.freshness import polled
from inbox.holdings import holdings_of
from inbox.models import Conversation, Identity
from optouts import ledger
from optouts.models import ConsentEvent
from workspaces.access import Ability, MemberRequest, may, member

from .finding import NEVER_FETCHED, conversation_of, led_on

CONSENT_SHOWN = 50


@require_safe
@member()
@polled
def panel(request: MemberRequest, conversation_id: int) -> HttpResponse:
    chosen = conversation_of(request, conversation_id)
    if gone := led_on(request, chosen, conversation_id):
        return gone
    return render(request, "inbox/_panel.html", context(request, chosen))


def context(request: MemberRequest, conversation: Conversation) -> dict[str, Any]:
    contact = conversation.contact
    held = list(contact.identities.order_by("kind", "pk"))
    used = address.choose(conversation, held)
    theirs = _holdings(conversation, held)
    standing = ledger.standing(request.workspace.pk, theirs)
    return {
        "workspace": request.workspace,
        "membership": request.membership,
        "conversation": conversation,
        "contact": contact,
        "contact_name": names.name_of(contact, held),
        "seen": request.workspace.clock.version,
        "identities": [
            {
                "kind": one.kind,
                "label": one.get_kind_display(),
                "value": names.address_of(one),
                "is_used": used is not None and one.pk == used.pk,
                "is_shared": one.is_shared,
                "retired_at": one.retired_at,
                "since": one.created_at,
            }
            for one in held
        ],
        "consent": standing,
        "consent_events": _consent(request, theirs),
        "lifts": (standing.everything or standing.marketing) if may(request.membership, Ability.LIFT_OPT_OUT) else None,
        "others": _others(request, conversation),
    }


def opt_out_of(request: MemberRequest, conversation: Conversation, event_id: int) -> ConsentEvent | None:
    """An opt-out of the person of a conversation, however much they said since; None for anybody else's."""
    events = request.workspace.consent_events.filter(pk=event_id, direction=ConsentEvent.Direction.OUT)
    said = ledger.theirs(events, _holdings(conversation, list(conversation.contact.identities.all())))
    return said[0] if said else None


def _holdings(conversation: Conversation, held: list[Identity]) -> set[ledger.Holding]:
    return holdings_of(conversation.workspace_id, {conversation.contact_id: held})[conversation.contact_id]


def _consent(request: MemberRequest, theirs: set[ledger.Holding]) -> list[ConsentEvent]:
    """What this person said last, newest first."""
    events = request.workspace.consent_events.filter(value__in=[one.value for one in theirs])
    found = events.select_related("actor", "lifts").defer("raw", "lifts__raw").order_by("-provider_at", "-pk")
    return ledger.theirs(found[:CONSENT_SHOWN], theirs)


def _others(request: MemberRequest, conversation: Conversation) -> list[Conversation]:
    """The same person on other numbers of the workspace."""
    theirs = request.workspace.conversations.filter(contact_id=conversation.contact_id)
    return list(theirs.exclude(pk=conversation.pk).select_related("connection").defer(NEVER_FETCHED)[:10])
