"""A number's access token, replaced. Until the new one is proven, the old one is in use."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from connections import tokens
from connections.number_forms import TokenForm
from connections.tokens import Outcome
from workspaces.access import Ability, MemberRequest, member

from .number import of, shown


@require_POST
@member(Ability.MANAGE_CONNECTIONS)
def token(request: MemberRequest, number_id: int) -> HttpResponse:
    number = of(request, number_id)
    form = TokenForm(request.POST)
    if not form.is_valid():
        return shown(request, number, status=422, token_form=form)
    return _told(request, number_id, tokens.replace(number, form.cleaned_data["access_token"], by=request.user))


@require_POST
@member(Ability.MANAGE_CONNECTIONS)
def check(request: MemberRequest, number_id: int) -> HttpResponse:
    """The new token that waits, once more."""
    outcome = tokens.check_again(of(request, number_id), by=request.user)
    if outcome is None:
        messages.info(request, "There is no new token to check, or it cannot be read any more: enter it again.")
        return redirect("connections:number", request.workspace.slug, number_id)
    return _told(request, number_id, outcome)


@require_POST
@member(Ability.MANAGE_CONNECTIONS)
def removal(request: MemberRequest, number_id: int) -> HttpResponse:
    if tokens.discard(of(request, number_id), by=request.user):
        messages.success(request, "The new token is taken away. The one before it stays in use.")
    else:
        messages.info(request, "There was no new token any more.")
    return redirect("connections:number", request.workspace.slug, number_id)


def _told(request: MemberRequest, number_id: int, outcome: Outcome) -> HttpResponse:
    match outcome:
        case Outcome.IN_USE:
            messages.success(request, "Every check is good with the new token. It is in use from now on.")
        case Outcome.WAITS:
            messages.warning(
                request, "The new token is kept, and not in use: it is not proven for the number as it stands."
            )
        case Outcome.OVERTAKEN:
            words = "Your token is not in use: while Meta was asked, somebody entered another one, or took it away."
            messages.warning(request, words)
    return redirect("connections:number", request.workspace.slug, number_id)
