"""One's own account: what it is in, where it is signed in, and ending a session."""

from __future__ import annotations

from allauth.account.internal.flows.logout import logout
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from workspaces import browsers, second_factor
from workspaces.models import User


@require_safe
@never_cache
@login_required
def account(request: HttpRequest) -> HttpResponse:
    user = _user(request)
    context = {
        "memberships": user.memberships.select_related("workspace").order_by("workspace__name"),
        "factors": second_factor.factors_of([user.pk]).get(user.pk, []),
        "session_count": len(UserSession.objects.purge_and_list(user)),
    }
    return render(request, "account/index.html", context)


@require_safe
@never_cache
@login_required
def sessions(request: HttpRequest) -> HttpResponse:
    found = sorted(UserSession.objects.purge_and_list(_user(request)), key=lambda one: one.created_at, reverse=True)
    for one in found:
        one.browser = browsers.name_of(one.user_agent)
    others = [one for one in found if not one.is_current()]
    return render(request, "usersessions/usersession_list.html", {"sessions": found, "others": others})


@require_POST
@login_required
def session_end(request: HttpRequest, session_id: int) -> HttpResponse:
    """Ending the one that asks is signing out."""
    session = get_object_or_404(UserSession, pk=session_id, user=_user(request))
    is_current = session.is_current()
    session.end()
    if is_current:
        logout(request)
        return redirect("account_login")
    messages.success(request, "That session is ended.")
    return redirect("usersessions_list")


@require_POST
@login_required
def sessions_end(request: HttpRequest) -> HttpResponse:
    for session in UserSession.objects.filter(user=_user(request)):
        if not session.is_current():
            session.end()
    messages.success(request, "All other sessions are ended.")
    return redirect("usersessions_list")


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
