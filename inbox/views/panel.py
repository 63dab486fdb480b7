"""Who the customer is: their identities, and what they said about being written to."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from inbox import address, names
from inbox.freshness import polled
from inbox.models import Conversation
from optouts import ledger
from optouts.models import ConsentEvent
from workspaces.access import Ability, MemberRequest, may, member

from .finding import NEVER_FETCHED, conversation_of

CONSENT_SHOWN = 50


@require_safe
@member()
@polled
def panel(request: MemberRequest, conversation_id: int) -> HttpResponse:
    chosen = conversation_of(request, conversation_id)
    return render(request, "inbox/_panel.html", context(request, chosen))


def context(request: MemberRequest, conversation: Conversation) -> dict[str, Any]:
    contact = conversation.contact
    held = list(contact.identities.order_by("kind", "pk"))
    used = address.choose(conversation, held)
    pairs = {(one.kind, one.value) for one in held}
    standing = ledger.standing(request.workspace.pk, pairs)
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
        "consent_events": _consent(request, pairs),
        "lifts": (standing.everything or standing.marketing) if may(request.membership, Ability.LIFT_OPT_OUT) else None,
        "others": _others(request, conversation),
    }


def opt_out_of(request: MemberRequest, conversation: Conversation, event_id: int) -> ConsentEvent | None:
    """An opt-out of the person of a conversation, however much they said since; None for anybody else's."""
    pairs = {(one.kind, one.value) for one in conversation.contact.identities.all()}
    event = request.workspace.consent_events.filter(pk=event_id, direction=ConsentEvent.Direction.OUT).first()
    return event if event is not None and (event.kind, event.value) in pairs else None


def _consent(request: MemberRequest, pairs: set[ledger.Identity]) -> list[ConsentEvent]:
    """What this person said last, newest first."""
    events = request.workspace.consent_events.filter(value__in=[value for _, value in pairs])
    found = events.select_related("actor", "lifts").defer("raw").order_by("-provider_at", "-pk")
    return [event for event in found[:CONSENT_SHOWN] if (event.kind, event.value) in pairs]


def _others(request: MemberRequest, conversation: Conversation) -> list[Conversation]:
    """The same person on other numbers of the workspace."""
    theirs = request.workspace.conversations.filter(contact_id=conversation.contact_id)
    return list(theirs.exclude(pk=conversation.pk).select_related("connection").defer(NEVER_FETCHED)[:10])
