"""Who may do what. Outsiders get 404, a role that is too weak 403, an anonymous visitor the sign-in page."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.cache import add_never_cache_headers

from .doorway import membership_of
from .models import Membership, Role, User, Workspace

P = ParamSpec("P")


class Ability(StrEnum):
    READ = "read the inbox"
    REPLY = "reply to customers"
    RECORD_OPT_OUT = "record an opt-out"
    LIFT_OPT_OUT = "lift an opt-out"
    MANAGE_OPT_OUTS = "import and export opt-outs, and change the words"
    DIAGNOSE = "look into diagnostics"
    MANAGE_SANDBOX = "change sandbox mode"
    MANAGE_CONNECTIONS = "change connections"
    SHARE_APPS = "share a Meta app with another workspace"
    MANAGE_TEMPLATES = "change templates"
    MANAGE_MEMBERS = "invite, change and remove members"
    MANAGE_OWNERS = "make or unmake owners"
    REQUIRE_SECOND_FACTOR = "ask everybody for a second factor"
    SEE_AUDIT = "read the audit trail"


# What only the owner may: it can cost the workspace its owner, or open it to another one.
OWNERS_ALONE = frozenset({Ability.MANAGE_OWNERS, Ability.SHARE_APPS})


ABILITIES: dict[str, frozenset[Ability]] = {
    Role.OWNER: frozenset(Ability),
    Role.ADMIN: frozenset(Ability) - OWNERS_ALONE,
    Role.OPS: frozenset({Ability.READ, Ability.DIAGNOSE, Ability.SEE_AUDIT}),
    Role.AGENT: frozenset({Ability.READ, Ability.REPLY, Ability.RECORD_OPT_OUT}),
}


def may(membership: Membership, ability: Ability) -> bool:
    """Whoever was deactivated may nothing, wherever their name still stands. Load memberships with their user."""
    return membership.user.is_active and ability in ABILITIES.get(membership.role, frozenset())


def able(workspace: Workspace, ability: Ability) -> list[User]:
    """Who may: whom to ask, for somebody who may not."""
    roles = [role for role, abilities in ABILITIES.items() if ability in abilities]
    memberships = workspace.memberships.filter(role__in=roles, user__is_active=True).select_related("user")
    return [one.user for one in memberships.order_by("user__name", "pk")]


def table() -> list[tuple[str, list[bool]]]:
    """What each role may do, one ability a row, for the members' page and the documents: roles in their order."""
    return [(str(ability), [ability in ABILITIES[role] for role in Role]) for ability in Ability]


class MemberRequest(HttpRequest):
    """A request that `member` let through: it knows its workspace and the membership it came by."""

    user: User
    workspace: Workspace
    membership: Membership
    may: set[str]  # the names of this member's abilities, for templates


View = Callable[Concatenate[MemberRequest, P], HttpResponseBase]


def member(
    ability: Ability = Ability.READ, *, without_second_factor: bool = False
) -> Callable[[View[P]], Callable[..., HttpResponseBase]]:
    """Let members with this ability through, with `request.workspace` and `request.membership` set.

    The workspace is only ever found through one's own membership. A polled request whose session ended is answered
    401 rather than sent to the sign-in page, so that the page can say so and keep the words typed. Where the workspace
    asks for a second factor, a member without one is led to set it up; a poll is answered 403.
    """

    def decorate(view: View[P]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def wrapped(request: Any, slug: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return _ask_to_sign_in(request)
            membership = membership_of(request.user, slug)
            if membership is None:
                raise Http404
            if membership.is_kept_out and not without_second_factor:
                return _ask_for_second_factor(request, membership.workspace)
            if not may(membership, ability):
                raise PermissionDenied(f"Your role, {membership.get_role_display()}, may not {ability}.")
            request.workspace, request.membership = membership.workspace, membership
            request.may = {one.name for one in Ability if may(membership, one)}
            response = view(request, *args, **kwargs)
            add_never_cache_headers(response)
            return response

        return wrapped

    return decorate


def _ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return HttpResponse("Your session has ended. Sign in again; the words you typed are kept.", status=401)
    return redirect_to_login(request.get_full_path())


def _ask_for_second_factor(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    if request.headers.get("HX-Request"):
        sentence = f"{workspace} asks everybody for a second factor now. Reload the page to set yours up."
        return HttpResponse(sentence, status=403)
    return redirect("workspaces:second_factor", workspace.slug)
