"""Consent by hand: an agent records what a customer wrote as an opt-out, an admin lifts one with a reason."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from inbox.forms import LiftForm
from inbox.freshness import fresh
from inbox.models import Message
from optouts import ledger
from workspaces import keys
from workspaces.access import Ability, MemberRequest, member

from . import panel, verdict
from .finding import conversation_of


@require_POST
@member(Ability.LIFT_OPT_OUT)
@fresh
def lift(request: MemberRequest, conversation_id: int) -> HttpResponse:
    """The panel as it is now. 404 for an opt-out that is not this person's."""
    conversation = conversation_of(request, conversation_id)
    form = LiftForm(request.POST)
    if not form.is_valid():
        errors = form.errors.get("reason") or ["This form is broken. Reload the page and try again."]
        said = {"lift_error": str(errors[0]), "lift_reason": request.POST.get("reason", "")}
        return render(request, "inbox/_panel.html", panel.context(request, conversation) | said, status=422)
    event = panel.opt_out_of(request, conversation, form.cleaned_data["event"])
    if event is None:
        raise Http404
    ledger.lift(event, request.user, form.cleaned_data["reason"])
    return render(request, "inbox/_panel.html", panel.context(request, conversation))


@require_POST
@member(Ability.RECORD_OPT_OUT)
@fresh
def record(request: MemberRequest, conversation_id: int) -> HttpResponse:
    """A message of theirs, recorded as an opt-out at its own time; the verdict as it is now.

    404 for a message that they did not write here.
    """
    conversation = conversation_of(request, conversation_id)
    theirs = Message.objects.filter(conversation=conversation, direction="in", group_id="", wamid__isnull=False)
    message = get_object_or_404(theirs.select_related("identity"), pk=keys.whole(request.POST.get("message", "")) or 0)
    assert message.identity is not None
    said = ledger.NewConsent(
        kind=message.identity.kind,
        value=message.identity.value,
        scope="all",
        direction="out",
        source="person",
        quote=message.text,
        # So that the history finds the message, and recording it twice is recording it once.
        evidence=f"message {message.wamid}"[:512],
        provider_at=message.placed_at,
        event_day=message.event_day,
        event_id=message.event_id,
        raw=message.raw,
    )
    ledger.opt_out(request.workspace.pk, said, request.user)
    return render(request, "inbox/_verdict.html", verdict.context(request, conversation))
