"""Where somebody lands who names no workspace."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render

from workspaces import founding
from workspaces.access import MemberRequest, member
from workspaces.models import User


def home(request: HttpRequest) -> HttpResponse:
    """One's inbox; where nobody has an account yet, the page that makes the first."""
    if not request.user.is_authenticated and founding.is_open():
        return redirect("account_signup")
    return _own_inbox(request)


@login_required
def _own_inbox(request: HttpRequest) -> HttpResponse:
    assert isinstance(request.user, User)
    workspace = request.user.workspaces.order_by("name").first()
    if workspace is None:
        return render(request, "workspaces/none.html")
    return redirect("inbox:index", workspace.slug)


@member()
def settings(request: MemberRequest) -> HttpResponseBase:
    """Settings open at the page that everybody may read."""
    return redirect("workspaces:members", request.workspace.slug)
