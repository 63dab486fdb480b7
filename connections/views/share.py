"""One app for two workspaces: offered, accepted, ended. Owners alone, on both sides."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from connections import sharing
from connections.models import AppShare
from connections.offer_form import OfferForm
from workspaces.access import Ability, MemberRequest, member

from . import app as apps


@require_POST
@member(Ability.SHARE_APPS)
def offer(request: MemberRequest, app_id: int) -> HttpResponse:
    """The answer is the same whether there is a workspace at that slug or not."""
    app = apps.of(request, app_id)
    form = OfferForm(request.POST, workspace=request.workspace, app=app)
    if not form.is_valid():
        return render(request, "connections/app.html", apps.context(request, app) | {"offer_form": form}, status=422)
    try:
        sharing.offer(app, form.cleaned_data["slug"], by=request.user)
    except sharing.TooManyOffersError:
        form.add_error("slug", f"{sharing.MOST_AN_HOUR} offers were made within the last hour. Wait a little.")
        return render(request, "connections/app.html", apps.context(request, app) | {"offer_form": form}, status=422)
    messages.success(request, "Offered. It is shared once an owner of that workspace accepts, within 14 days.")
    return redirect("connections:app", request.workspace.slug, app.pk)


@require_POST
@member(Ability.SHARE_APPS)
def acceptance(request: MemberRequest, share_id: int) -> HttpResponse:
    share = sharing.accept(request.workspace, share_id, by=request.user)
    if share is None:
        messages.error(request, "The offer is not there any more: it was withdrawn, or accepted already.")
    else:
        messages.success(request, f"{share.meta_app.name} can be used for this workspace's numbers now.")
    return redirect("connections:index", request.workspace.slug)


@require_POST
@member(Ability.SHARE_APPS)
def end(request: MemberRequest, share_id: int) -> HttpResponse:
    """Either owner's: the offer taken back or declined, or the use ended once no number needs it."""
    try:
        share = sharing.end(request.workspace, share_id, by=request.user)
    except sharing.StillUsedError as still:
        share = still.share
        messages.error(request, _still_used(request, share))
    else:
        if share is None:
            raise Http404
        messages.success(request, f"{share.meta_app.name} is no longer shared.")
    if share.meta_app.owner_id == request.workspace.pk:
        return redirect("connections:app", request.workspace.slug, share.meta_app_id)
    return redirect("connections:index", request.workspace.slug)


def _still_used(request: MemberRequest, share: AppShare) -> str:
    if share.workspace == request.workspace:
        return (
            "Not ended: numbers of this workspace are still under this app, and would stop receiving. "
            "Connect them under another app first: add_connection with its app ID and a token of it."
        )
    return (
        f"Not ended: {share.workspace} still has numbers under this app, and they would stop receiving. "
        "Ask its admins to connect them under another app first."
    )
