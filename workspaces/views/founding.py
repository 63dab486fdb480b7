"""Setting up an empty system: its first workspace, and the account of its owner."""

from __future__ import annotations

from allauth.account.utils import perform_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from workspaces import founding
from workspaces.forms import FirstOwnerForm


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def found(request: HttpRequest) -> HttpResponse:
    if not founding.is_open():
        return render(request, "account/signup_closed.html")
    form = FirstOwnerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if owner := founding.found(**form.cleaned_data):
            response: HttpResponse = perform_login(request, owner)
            return response
        return render(request, "account/signup_closed.html", status=409)
    return render(request, "workspaces/founding.html", {"form": form}, status=422 if form.errors else 200)
