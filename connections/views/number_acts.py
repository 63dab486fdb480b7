"""What somebody does with a number: check it, mend what is amiss at Meta, pause and resume it, take it away."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from connections import connecting, pausing, proving
from connections.connecting import NotConnectedError
from workspaces.access import Ability, MemberRequest, member

from .number import answer, of


@require_POST
@member(Ability.MANAGE_CONNECTIONS)
def check(request: MemberRequest, number_id: int) -> HttpResponse:
    return answer(request, number_id, proving.prove(of(request, number_id), by=request.user))


@require_POST
@member(Ability.MANAGE_CONNECTIONS)
def swap(request: MemberRequest, number_id: int) -> HttpResponse:
    """Phone Number ID and WABA ID, entered in each other's place."""
    try:
        connecting.swap(of(request, number_id), by=request.user)
    except NotConnectedError as error:
        messages.error(request, f"Nothing was changed. {error}")
        return back(request, number_id)
    return answer(request, number_id, proving.prove(of(request, number_id), by=request.user))


@require_POST
@member(Ability.MANAGE_CONNECTIONS)
def subscription(request: MemberRequest, number_id: int) -> HttpResponse:
    return mended(request, number_id, proving.subscribe(of(request, number_id), by=request.user))


@require_POST
@member(Ability.MANAGE_CONNECTIONS)
def callback(request: MemberRequest, number_id: int) -> HttpResponse:
    return mended(request, number_id, proving.enter_callback(of(request, number_id), by=request.user))


@require_POST
@member(Ability.MANAGE_CONNECTIONS)
def pause(request: MemberRequest, number_id: int) -> HttpResponse:
    number = of(request, number_id)
    if pausing.pause(number, request.user):
        messages.success(request, f"{number.name} is paused: nothing is sent from it, and it goes on receiving.")
    else:
        messages.info(request, f"{number.name} was paused already.")
    return back(request, number_id)


@require_POST
@member(Ability.MANAGE_CONNECTIONS)
def resumption(request: MemberRequest, number_id: int) -> HttpResponse:
    number = of(request, number_id)
    if pausing.resume(number, request.user):
        messages.success(request, f"{number.name} is resumed: messages are sent from it again.")
    else:
        messages.info(request, f"{number.name} was not paused any more.")
    return back(request, number_id)


@require_POST
@member(Ability.MANAGE_CONNECTIONS)
def removal(request: MemberRequest, number_id: int) -> HttpResponse:
    """Only of a number that was never proven: the others have a history."""
    number = of(request, number_id)
    if not connecting.remove(number, by=request.user):
        messages.error(request, f"{number.name} stays: it was proven, so it may have a history. Pause it instead.")
        return back(request, number_id)
    messages.success(request, f"{number.name} is taken away.")
    return redirect("connections:index", request.workspace.slug)


def mended(request: MemberRequest, number_id: int, problem: str) -> HttpResponse:
    if problem:
        messages.error(request, problem)
        return back(request, number_id)
    return answer(request, number_id, proving.prove(of(request, number_id), by=request.user))


def back(request: MemberRequest, number_id: int) -> HttpResponseRedirect:
    return redirect("connections:number", request.workspace.slug, number_id)
