"""A reply: its words are kept on the screen until they are stored."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST

from inbox import freshness, ownership, thread_lines, writing
from inbox.forms import TEXT_LIMIT, ReplyForm
from inbox.freshness import fresh
from inbox.guard import Verdict
from inbox.models import Conversation, Message
from workspaces.access import Ability, MemberRequest, member

from . import header
from .finding import conversation_of, led_on

# As many newer messages or acts as `newer_than` lists at most.
SHOWN = 20


@require_POST
@member(Ability.REPLY)
@fresh
def replies(request: MemberRequest, conversation_id: int) -> HttpResponse:
    conversation = conversation_of(request, conversation_id)
    form = ReplyForm(request.POST)
    if not form.is_valid():
        return _again(request, conversation, form, status=422, error=form.said_wrong())
    if conversation.pk != conversation_id:
        return led_on(request, conversation, conversation_id) or _moved(request, conversation, form)
    outcome = writing.write_reply(
        conversation=conversation,
        membership=request.membership,
        text=form.cleaned_data["text"],
        form_token=form.cleaned_data["form_token"],
        position=form.cleaned_data["position"],
        confirmed=form.cleaned_data["confirm"],
        now=timezone.now(),
        behind_since=freshness.waiting_since(conversation.connection.meta_app_id),
    )
    match outcome:
        case writing.Moved():
            stands = conversation_of(request, conversation_id)
            return led_on(request, stands, conversation_id) or _moved(request, stands, form)
        case writing.Newer():
            return _newer(request, conversation, form, outcome)
        case writing.Refused(verdict):
            return _refused(request, conversation, form, verdict)
        case writing.Repeated(message) if _differs(message, conversation, form):
            return _other_words(request, conversation, form)
        case writing.Written(message) | writing.Repeated(message):
            return _done(request, conversation, message, takes=form.cleaned_data["take"])


def context(request: MemberRequest, conversation: Conversation) -> dict[str, Any]:
    """An empty composer."""
    return {
        "workspace": request.workspace,
        "membership": request.membership,
        "conversation": conversation,
        "form_token": uuid.uuid4(),
        "text": "",
        "error": "",
        "newer": [],
        "confirms": [],
        "position": request.workspace.clock.version,
        "text_limit": TEXT_LIMIT,
        "offers_taking": conversation.owner_id is None and conversation.closed_at is None,
    }


def _again(
    request: MemberRequest, conversation: Conversation, form: ReplyForm, *, status: int, error: str, **facts: Any
) -> HttpResponse:
    """The composer with the words as they were posted, and the form's own token and position unless told otherwise."""
    kept = {
        "form_token": form.cleaned_data.get("form_token") or uuid.uuid4(),
        "text": request.POST.get("text", ""),
        "position": form.cleaned_data.get("position") or 0,
        "error": error,
        "confirms": sorted(form.cleaned_data.get("confirm", ())),
    }
    whole = context(request, conversation) | kept | facts
    # Our page keeps its box, with whatever has been typed in it since; a browser without scripts gets the whole form.
    part = "inbox/_reply_parts.html" if "HX-Request" in request.headers else "inbox/_composer.html"
    return render(request, part, whole, status=status)


def _moved(request: MemberRequest, conversation: Conversation, form: ReplyForm) -> HttpResponse:
    """Where it went on: the page goes there with the words. Nothing is sent into a thread that was not shown."""
    error = "This conversation was joined with another one of the same person. Read the thread, then send again."
    return _again(request, conversation, form, status=409, error=error)


def _newer(request: MemberRequest, conversation: Conversation, form: ReplyForm, newer: writing.Newer) -> HttpResponse:
    """What somebody else wrote meanwhile. Sending once more covers it, as it has been shown now."""
    acts = conversation.acts.filter(pk__in=[act.pk for act in newer.acts])
    lines = thread_lines.lines_of(conversation, request.workspace, newer.messages, acts)
    error = "Something new came in while you were writing. Read it, then send again if your words still fit."
    # Not the greatest version shown: one that was committed between our reads might be missing from these lines.
    position = max(request.workspace.clock.version, form.cleaned_data["position"])
    if SHOWN in (len(newer.messages), len(newer.acts)):
        position = form.cleaned_data["position"]
        error = "Much has come in while you were writing. Read the thread, then send again if your words still fit."
    facts = {"newer": lines, "position": position, "confirms": _confirms(form, "newer")}
    return _again(request, conversation, form, status=409, error=error, **facts)


def _refused(request: MemberRequest, conversation: Conversation, form: ReplyForm, verdict: Verdict) -> HttpResponse:
    asks = verdict.needs_confirmation
    error = " ".join(f"{reason.sentence} {reason.next_step}" for reason in verdict.reasons)
    facts: dict[str, Any] = {"verdict": verdict, "needs_confirmation": asks}
    if asks:
        facts["confirms"] = _confirms(form, *(reason.code for reason in verdict.reasons))
    return _again(request, conversation, form, status=409 if asks else 422, error=error, **facts)


def _confirms(form: ReplyForm, *shown: str) -> list[str]:
    """The codes that one more click covers: what is shown with it, and what was shown before."""
    return sorted(form.cleaned_data["confirm"].union(shown))


def _differs(message: Message, conversation: Conversation, form: ReplyForm) -> bool:
    return message.conversation_id != conversation.pk or message.text != form.cleaned_data["text"]


def _other_words(request: MemberRequest, conversation: Conversation, form: ReplyForm) -> HttpResponse:
    """The answer to the first sending was lost, and the words were changed since: nothing typed may vanish."""
    error = "Your earlier words were already sent; these are different. Send again to send them as a new message."
    return _again(request, conversation, form, status=409, error=error, form_token=uuid.uuid4())


def _done(request: MemberRequest, conversation: Conversation, message: Message, *, takes: bool) -> HttpResponse:
    refusal = ""
    if takes:
        change = ownership.give(conversation, request.user, shown_owner=None, by=request.user, now=timezone.now())
        refusal = change.refusal
    stands = conversation_of(request, conversation.pk)
    if takes and stands.closed_at is not None:
        refusal = "The conversation stays closed; open it again to take it."
    if refusal:
        refusal = f"Your message is on its way. {refusal}"
    line = thread_lines.one(stands, request.workspace, message.pk)
    facts = {"line": line, "lines": [line], "seen": request.workspace.clock.version}
    whole = header.context(request, stands, refusal) | context(request, stands) | facts
    return render(request, "inbox/_reply_done.html", whole)
