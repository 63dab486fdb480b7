"""A number: what it is, how its last check came out, and what can be done with it. And a new one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from connections import connecting, meta_apps, proving, sharing, tokens
from connections.checks import Check, Verdict
from connections.connecting import NotConnectedError
from connections.models import Connection, ConnectionTest, NewToken
from connections.number_forms import NameForm, NumberForm, TokenForm
from connections.proving import Examination
from workspaces.access import Ability, MemberRequest, member
from workspaces.models import Workspace

NOT_READY = "It is saved, and not ready: nothing is sent from it, and what arrives for it waits. Mend what is marked."
OVERTAKEN = "Nothing was proven: somebody changed the number's details while Meta was asked. Look, and check again."
NO_ANSWER = "It is saved, and not ready, as Meta did not answer everything. What it did not answer is not known."


@require_http_methods(["GET", "HEAD", "POST"])
@member(Ability.MANAGE_CONNECTIONS)
def new(request: MemberRequest) -> HttpResponse:
    """Saved first and asked about then, so that nothing typed is lost, however long Meta takes."""
    apps = sharing.at_hand(request.workspace)
    form = NumberForm(request.POST if request.method == "POST" else None, apps=apps)
    if request.method == "POST" and form.is_valid():
        try:
            made = connecting.add(request.workspace, form.details(), by=request.user)
        except NotConnectedError as error:
            form.add_error(error.field or None, str(error))
        else:
            found = proving.prove(of(request, made.pk), by=request.user)
            return answer(request, made.pk, found)
    context = {"form": form, "has_apps": apps.exists()}
    return render(request, "connections/number_new.html", context, status=422 if request.method == "POST" else 200)


@require_safe
@member(Ability.MANAGE_CONNECTIONS)
def page(request: MemberRequest, number_id: int) -> HttpResponse:
    return shown(request, of(request, number_id))


@require_POST
@member(Ability.MANAGE_CONNECTIONS)
def details(request: MemberRequest, number_id: int) -> HttpResponse:
    """Corrected while it is not ready. A ready number's details are facts."""
    number = of(request, number_id)
    form = NumberForm(request.POST, apps=sharing.at_hand(request.workspace), number=number)
    if form.is_valid():
        try:
            connecting.correct(number, form.details(), by=request.user)
        except NotConnectedError as error:
            form.add_error(error.field or None, str(error))
        else:
            return answer(request, number_id, proving.prove(of(request, number_id), by=request.user))
    return shown(request, of(request, number_id), status=422, form=form)


@require_POST
@member(Ability.MANAGE_CONNECTIONS)
def name(request: MemberRequest, number_id: int) -> HttpResponse:
    number = of(request, number_id)
    form = NameForm(request.POST)
    if not form.is_valid():
        return shown(request, number, status=422, name_form=form)
    if connecting.rename(number, form.cleaned_data["name"], by=request.user):
        messages.success(request, f"It is called {form.cleaned_data['name']} now.")
    return redirect("connections:number", request.workspace.slug, number_id)


def of(request: MemberRequest, number_id: int) -> Connection:
    """A number of this workspace. Its secrets are loaded when they are used, as they may not be readable."""
    found = _numbers(request.workspace).filter(pk=number_id).first()
    if found is None:
        raise Http404
    return found


def rows(workspace: Workspace) -> list[dict[str, Any]]:
    """The workspace's numbers, as a list shows them."""
    now = timezone.now()
    of_what_stands = ConnectionTest.objects.filter(connection=OuterRef("pk"), revision=OuterRef("revision"))
    newest = of_what_stands.order_by("-at", "-pk")
    found = _numbers(workspace).annotate(is_good=Subquery(newest.values("is_good")[:1])).order_by("name", "pk")
    return [
        {
            "number": one,
            "state": state(one),
            "ending": tokens.ending(one, now),
            "has_failed": bool(one.proven_at) and one.is_good is False,
        }
        for one in found
    ]


def state(number: Connection) -> str:
    if number.proven_at is None:
        return "not ready"
    return "paused" if number.paused_at else "ready"


def _numbers(workspace: Workspace) -> QuerySet[Connection]:
    secrets = ["access_token", *(f"meta_app__{name}" for name in meta_apps.SECRETS)]
    return workspace.connections.select_related("workspace", "meta_app__owner", "paused_by").defer(*secrets)


def answer(request: MemberRequest, number_id: int, found: Examination) -> HttpResponse:
    """Back to the number's page, which shows what was found; with a sentence that says what came of it."""
    number = of(request, number_id)
    if found.is_good and number.proven_at is None:
        messages.warning(request, OVERTAKEN)
    elif found.is_good:
        stands = "The number stays paused, until somebody resumes it." if number.paused_at else "The number is ready."
        messages.success(request, f"Every check is good. {stands}")
    elif number.proven_at is not None:
        words = "Some checks are not good. The number works on as it was; mend what is marked."
        messages.warning(request, words)
    elif any(check.verdict == Verdict.BAD for check in found.checks):
        messages.error(request, NOT_READY)
    else:
        messages.warning(request, NO_ANSWER)
    return redirect("connections:number", request.workspace.slug, number_id)


def shown(request: MemberRequest, number: Connection, *, status: int = 200, **forms: Any) -> HttpResponse:
    """The page as things are now; a form that was answered with what is wrong is shown as it was filled in."""
    test = number.tests.filter(revision=number.revision).select_related("by").order_by("-at", "-pk").first()
    waiting = NewToken.objects.filter(connection=number).defer("access_token").select_related("by").first()
    context = {
        "number": number,
        "state": state(number),
        "test": test,
        "checks": [Check.read(one) for one in test.checks] if test else [],
        "waiting": waiting,
        "waiting_checks": _in_the_way([Check.read(one) for one in waiting.checks]) if waiting else [],
        "ending": tokens.ending(number, timezone.now()),
        "owns_app": number.meta_app.owner_id == request.workspace.pk,
        "name_form": NameForm(initial={"name": number.name}),
        "token_form": TokenForm(),
        "form": None if number.proven_at else NumberForm(apps=sharing.at_hand(request.workspace), number=number),
        **forms,
    }
    return render(request, "connections/number.html", context, status=status)


def _in_the_way(found: list[Check]) -> list[Check]:
    """What is bad; where nothing is, what is not known."""
    bad = [one for one in found if one.verdict == Verdict.BAD]
    return bad or [one for one in found if not one.is_good]
