"""A Meta app of the workspace's own: what it is, what to paste where, how it stands. And a new one."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db import IntegrityError
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from connections import app_proof, app_secrets, door, meta_apps, sharing, webhook_fields
from connections.app_form import AppForm
from connections.app_proof import Verdict
from connections.fields import readable
from connections.models import MetaApp
from connections.offer_form import OfferForm
from connections.proving import callback_url
from workspaces.access import Ability, MemberRequest, member

UNREADABLE = "The secret kept here cannot be read with any of FIELD_KEYS. Type it again."


@require_http_methods(["GET", "HEAD", "POST"])
@member(Ability.MANAGE_CONNECTIONS)
def new(request: MemberRequest) -> HttpResponse:
    form = AppForm(request.POST or None, workspace=request.workspace)
    if request.method == "POST" and (saved := _save(request, form)) is not None:
        return saved
    return render(request, "connections/app_new.html", {"form": form}, status=422 if request.method == "POST" else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@member(Ability.MANAGE_CONNECTIONS)
def page(request: MemberRequest, app_id: int) -> HttpResponse:
    app = of(request, app_id)
    form = AppForm(request.POST if request.method == "POST" else None, workspace=request.workspace, app=app)
    if request.method == "POST" and (saved := _save(request, form)) is not None:
        return saved
    said = context(request, app) | {"form": form}
    return render(request, "connections/app.html", said, status=422 if request.method == "POST" else 200)


@require_safe
@member(Ability.MANAGE_CONNECTIONS)
def state(request: MemberRequest, app_id: int) -> HttpResponse:
    """Polled while the page is open: somebody is pasting things into Meta's dashboard meanwhile."""
    response = render(request, "connections/_app_state.html", shown_state(of(request, app_id)))
    response["X-Gigaviz-Version"] = str(request.workspace.clock.version)
    return response


@require_POST
@member(Ability.MANAGE_CONNECTIONS)
def verify_token(request: MemberRequest, app_id: int) -> HttpResponseRedirect:
    meta_apps.renew_verify_token(of(request, app_id), by=request.user)
    messages.success(request, "The verify token is new. What is set up in Meta's dashboard works on.")
    return redirect("connections:app", request.workspace.slug, app_id)


@require_POST
@member(Ability.MANAGE_CONNECTIONS)
def old_secret(request: MemberRequest, app_id: int) -> HttpResponseRedirect:
    """End the old secret before its days are over."""
    if meta_apps.end_old_secret(of(request, app_id), by=request.user):
        messages.success(request, "The old secret is gone. Within seconds only the new one is good.")
    else:
        messages.info(request, "There was no old secret any more.")
    return redirect("connections:app", request.workspace.slug, app_id)


def of(request: MemberRequest, app_id: int) -> MetaApp:
    app = meta_apps.of(request.workspace, app_id)
    if app is None:
        raise Http404
    return app


def context(request: MemberRequest, app: MetaApp) -> dict[str, Any]:
    return shown_state(app) | {
        "form": AppForm(workspace=request.workspace, app=app),
        "offer_form": OfferForm(workspace=request.workspace, app=app),
        "shares": app.shares.select_related("workspace").order_by("offered_at"),
        "lapsed_before": timezone.now() - sharing.OFFER_STANDS,
        "callback_url": callback_url(app),
        "is_reachable": settings.HTTPS or app.is_simulated,
        "verify_token": readable(app, "verify_token"),
        "is_secret_readable": readable(app, "app_secret") is not None,
        "old_until": app.previous_secret_until if app_secrets.is_old_good(app, timezone.now()) else None,
        "fields": webhook_fields.NEEDED,
        "phone_fields": webhook_fields.ON_A_PHONE_TOO,
    }


def shown_state(app: MetaApp) -> dict[str, Any]:
    renewed, shaken = app.verify_token_renewed_at, app.handshake_at
    is_older = renewed is not None and shaken is not None and shaken < renewed
    return {"app": app, "door": door.state(app.pk), "is_handshake_older": is_older}


def _save(request: MemberRequest, form: AppForm) -> HttpResponse | None:
    """Where to go on, or None when the form is to be shown again."""
    if not form.is_valid():
        return None
    verdict = _asked(form)
    if verdict and verdict.word == "wrong":
        form.add_error("app_secret", verdict.sentence)
    if verdict and verdict.word == "unknown" and "unchecked" not in request.POST:
        form.add_error(None, f"Not saved yet. {verdict.sentence}")
        form.may_save_unchecked = True
    if not form.is_valid():
        return None
    checked_at = timezone.now() if verdict and verdict.word == "good" else None
    try:
        if form.app is None:
            app = meta_apps.add(request.workspace, form.described, by=request.user, checked_at=checked_at)
        else:
            app = meta_apps.change(form.app, form.described, by=request.user, checked_at=checked_at)
    except IntegrityError:  # somebody else added the same app just now
        form.add_error("app_id", "This workspace has an app with this ID already.")
        return None
    if verdict and verdict.word == "unknown":
        messages.warning(request, f"Saved as not checked. {verdict.sentence}")
    else:
        messages.success(request, f"Saved. {verdict.sentence if verdict else ''}".strip())
    return redirect("connections:app", request.workspace.slug, app.pk)


def _asked(form: AppForm) -> Verdict | None:
    """What Graph says of id and secret; None where neither is new and both were proven before."""
    said, app = form.described, form.app
    is_same = app is not None and (said.app_id, said.is_simulated) == (app.app_id, app.is_simulated)
    if is_same and app is not None and app.checked_at and not said.app_secret:
        return None
    secret = said.app_secret or (readable(app, "app_secret") if app else None)
    if not secret:
        return Verdict("wrong", UNREADABLE)
    return app_proof.ask(said.app_id, secret, is_simulated=said.is_simulated)
