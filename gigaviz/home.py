"""Where somebody lands who names no workspace."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from workspaces.models import User


@login_required
def home(request: HttpRequest) -> HttpResponse:
    assert isinstance(request.user, User)
    workspace = request.user.workspaces.order_by("name").first()
    if workspace is None:
        return render(request, "workspaces/none.html")
    return redirect("inbox:index", workspace.slug)
