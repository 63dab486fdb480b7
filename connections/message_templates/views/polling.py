"""Fragments that an open page asks for again and again: 204 while nothing has changed in the workspace since."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpResponse

from workspaces.access import MemberRequest

P = ParamSpec("P")
View = Callable[Concatenate[MemberRequest, P], HttpResponse]


def polled(view: View[P]) -> View[P]:
    """An answer counts for the page only with the version it is of."""

    @wraps(view)
    def wrapped(request: MemberRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        version = str(request.workspace.clock.version)
        is_news = request.GET.get("seen") != version
        response = view(request, *args, **kwargs) if is_news else HttpResponse(status=204)
        response["X-Gigaviz-Version"] = version
        return response

    return wrapped
