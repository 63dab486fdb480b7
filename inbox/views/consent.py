"""Lifting an opt-out by hand: an admin's act, with a reason that is kept."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from inbox.forms import LiftForm
from inbox.freshness import fresh
from optouts import ledger
from workspaces.access import Ability, MemberRequest, member

from . import panel
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
