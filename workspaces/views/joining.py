"""Answering an invitation: the page its link opens, for somebody who has an account and for somebody who has none."""

from __future__ import annotations

from allauth.account.utils import perform_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from workspaces import invitations
from workspaces.forms import NewAccountForm
from workspaces.models import Invitation, User

KEPT = "invitation"


@require_safe
@never_cache
def invitation(request: HttpRequest, token: str) -> HttpResponseBase:
    """Take the token out of the address, where it would reach logs and histories."""
    if invitations.by_token(token) is None:
        return render(request, "workspaces/invitation_over.html", status=404)
    request.session[KEPT] = token
    return redirect("joining")


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def joining(request: HttpRequest) -> HttpResponseBase:
    token = str(request.session.get(KEPT, ""))
    found = invitations.by_token(token)
    if found is None:
        # Signing out forgets the link, which may be as good as ever.
        return render(request, "workspaces/invitation_over.html", {"is_forgotten": not token}, status=404)
    if request.user.is_authenticated:
        return _join(request, found, token)
    if User.objects.filter(email=found.email).exists():
        return render(request, "workspaces/joining.html", {"invitation": found, "must_sign_in": True})
    return _join_as_new(request, found, token)


def _join(request: HttpRequest, found: Invitation, token: str) -> HttpResponseBase:
    assert isinstance(request.user, User)
    if request.user.email != found.email:
        return render(request, "workspaces/joining.html", {"invitation": found, "is_somebody_else": True}, status=409)
    if request.method != "POST":
        return render(request, "workspaces/joining.html", {"invitation": found})
    if invitations.accept(token, request.user) is None:
        return render(request, "workspaces/invitation_over.html", status=404)
    del request.session[KEPT]
    return redirect("inbox:index", found.workspace.slug)


def _join_as_new(request: HttpRequest, found: Invitation, token: str) -> HttpResponseBase:
    form = NewAccountForm(request.POST or None)
    form.address = found.email
    if request.method == "POST" and form.is_valid():
        user = invitations.accept_as_new(token, **form.cleaned_data)
        if user is None:  # somebody else used the link, or the address has an account by now: look again
            return redirect("joining")
        del request.session[KEPT]
        response: HttpResponse = perform_login(
            request, user, redirect_url=reverse("inbox:index", args=[found.workspace.slug])
        )
        return response
    context = {"invitation": found, "form": form}
    return render(request, "workspaces/joining.html", context, status=422 if form.errors else 200)
