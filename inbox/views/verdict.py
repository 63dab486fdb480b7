"""What the guard says about replying now, and the banners that go with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from connections import sandbox, tokens
from connections.models import Environment
from inbox import freshness, guard, window
from inbox.freshness import polled
from inbox.models import Conversation, Message
from inbox.suggestions import suggestion
from workspaces.access import Ability, MemberRequest, able, member

from .finding import conversation_of, led_on


@dataclass(frozen=True, slots=True)
class Banner:
    kind: str
    meaning: str
    title: str
    text: str
    icon: str = "beaker"


@dataclass(frozen=True, slots=True)
class Help:
    """Who can end what is in the way, and where. `url` is empty for somebody who could only look at the door."""

    who: str
    url: str = ""
    words: str = ""


# Of the reasons that a setting ends: what it takes to change that setting.
SETTINGS = {
    "sandbox": Ability.MANAGE_SANDBOX,
    "not_ready": Ability.MANAGE_CONNECTIONS,
    "paused": Ability.MANAGE_CONNECTIONS,
}


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
        "reasons": [(reason, _help(request, conversation, reason)) for reason in found.reasons],
        "banners": banners(conversation, found) + _ending(request, conversation),
        "suggestion": _suggestion(request, conversation),
        # The window closes by the clock alone: the page switches the composer when this passes.
        "window_closes_at": window.closes_at(conversation.last_inbound_at),
    }


def _suggestion(request: MemberRequest, conversation: Conversation) -> Message | None:
    """For those who can record it: nobody else can answer the question."""
    return suggestion(conversation, timezone.now()) if Ability.RECORD_OPT_OUT.name in request.may else None


def _help(request: MemberRequest, conversation: Conversation, reason: guard.Reason) -> Help:
    """Who could end this reason, by name where a setting does."""
    ability = SETTINGS.get(reason.code)
    if ability is None:
        return Help(reason.who)
    is_able = ability.name in request.may
    who = "you" if is_able else ", ".join(map(str, able(request.workspace, ability))) or reason.who
    slug = request.workspace.slug
    if reason.code == "sandbox":
        return Help(who, reverse("sandbox:index", args=[slug]), "Sandbox settings")
    if not is_able:
        return Help(who)
    return Help(who, reverse("connections:number", args=[slug, conversation.connection_id]), "The number's settings")


def _ending(request: MemberRequest, conversation: Conversation) -> list[Banner]:
    """The end of the number's token, from two weeks ahead: for those who can replace it, as nobody else can help it."""
    ending = tokens.ending(conversation.connection, timezone.now())
    if ending is None or Ability.MANAGE_CONNECTIONS.name not in request.may:
        return []
    step = "Then nothing can be sent from it." if not ending.is_over else "Nothing can be sent from it."
    text = f"{step} Replace it in the number's settings."
    return [Banner("token", "stop" if ending.is_over else "warn", ending.sentence.removesuffix("."), text, "key")]


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
