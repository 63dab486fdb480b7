"""One view for each ability, for the tests of the decorator."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import path
from django.views.decorators.http import require_POST

from gigaviz.urls import urlpatterns as ours
from workspaces.access import Ability, MemberRequest, member


def _view(ability: Ability):
    @member(ability)
    def view(request: MemberRequest) -> HttpResponse:
        return HttpResponse(f"{request.workspace.name}, {request.membership.role}")

    return view


@require_POST
@member(Ability.REPLY)
def act(request: MemberRequest) -> HttpResponse:
    return HttpResponse("done")


urlpatterns = [
    *ours,
    path("w/<slug:slug>/act/", act),
    *(path(f"w/<slug:slug>/{ability.name.lower()}/", _view(ability)) for ability in Ability),
]
