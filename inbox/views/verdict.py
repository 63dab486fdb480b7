"""What the guard says about replying now, and the banners that go with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from connections import sandbox
from connections.models import Environment
from inbox import freshness, guard, window
from inbox.freshness import polled
from inbox.models import Conversation
from workspaces.access import Ability, MemberRequest, able, member
from workspaces.models import User

from .finding import conversation_of, led_on


@dataclass(frozen=True, slots=True)
class Banner:
    kind: str
    meaning: str
    title: str
    text: str


@require_safe
@member()
@polled
def verdict(request: MemberRequest, conversation_id: int) -> HttpResponse:
    chosen = conversation_of(request, conversation_id)
    if gone := led_on(request, chosen, conversation_id):
        return gone
    return render(request, "inbox/_verdict.html", context(request, chosen))


def context(request: MemberRequest, conversation: Conversation) -> dict[str, Any]:
    found = guard.verdict(
        conversation,
        membership=request.membership,
        now=timezone.now(),
        behind_since=freshness.waiting_since(conversation.connection.meta_app_id),
    )
    return {
        "workspace": request.workspace,
        "membership": request.membership,
        "conversation": conversation,
        "seen": request.workspace.clock.version,
        "verdict": found,
        "banners": banners(conversation, found),
        "able": _able(request, found),
        # The window closes by the clock alone: the page switches the composer when this passes.
        "window_closes_at": window.closes_at(conversation.last_inbound_at),
    }


def _able(request: MemberRequest, found: guard.Verdict) -> list[User]:
    """Who could let this person be written to in sandbox mode, for somebody who cannot."""
    is_held = any(reason.code == "sandbox" for reason in found.reasons)
    if not is_held or Ability.MANAGE_SANDBOX.name in request.may:
        return []
    return able(request.workspace, Ability.MANAGE_SANDBOX)


def banners(conversation: Conversation, found: guard.Verdict) -> list[Banner]:
    """What holds for whatever is sent from here. The guard's reasons, shown beside these, say what forbids it."""
    shown = []
    if sandbox.is_on(conversation.workspace_id):
        text = "Only people on the whitelist receive messages."
        if all(reason.code != "sandbox" for reason in found.reasons):
            text += " This person is on it."
        shown.append(Banner("sandbox", "info", "Sandbox mode is on", text))
    if conversation.connection.environment != Environment.PRODUCTION:
        shown.append(_environment(conversation))
    return shown


def _environment(conversation: Conversation) -> Banner:
    if conversation.connection.environment == Environment.SIMULATOR:
        text = "Nobody's phone rings: this number exists only in the simulator."
        return Banner("environment", "info", "Simulator", text)
    text = "Meta's test number reaches only the people on its list in Meta's dashboard."
    return Banner("environment", "info", "Meta test number", text)
