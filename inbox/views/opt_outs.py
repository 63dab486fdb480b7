"""The opt-outs page: who wants no messages, what each of them said, and what members record or lift."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from inbox import names, opt_outs, search, speakers
from inbox.forms import LiftForm
from inbox.models import Identity, Message
from inbox.opt_out_forms import OptOutForm
from inbox.opt_outs import Row
from inbox.speakers import Speaker
from inbox.variants import variant_of
from optouts import ledger
from optouts.models import ConsentEvent
from workspaces.access import Ability, MemberRequest, able, may, member

SHOWN = 200


@require_safe
@member()
def index(request: MemberRequest) -> HttpResponse:
    return _page(request, OptOutForm(request.workspace.country))


@require_POST
@member(Ability.RECORD_OPT_OUT)
def additions(request: MemberRequest) -> HttpResponseBase:
    form = OptOutForm(request.workspace.country, request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    (kind, value), scope = form.cleaned_data["person"], form.cleaned_data["scope"]
    said = ledger.NewConsent(
        kind=kind,
        value=value,
        scope=scope,
        direction="out",
        source="person",
        quote=form.cleaned_data["reason"],
        # Whoever goes back and widens it has said something else.
        evidence=f"form {form.cleaned_data['form_token']} {scope}",
        provider_at=timezone.now(),
    )
    ledger.opt_out(request.workspace.pk, said, request.user)
    of_what = "all messages" if scope == ConsentEvent.Scope.ALL else "marketing"
    messages.success(request, f"{names.node_as_written((kind, value))} is opted out of {of_what}.")
    _point_at_variant(request, kind, value)
    return redirect("opt_outs:index", request.workspace.slug)


def _point_at_variant(request: MemberRequest, kind: str, value: str) -> None:
    """The person may write by another form of the same number, which this opt-out does not cover."""
    other = variant_of(value) if kind == Identity.Kind.PHONE else None
    if other and request.workspace.identities.filter(kind=kind, value=other).exists():
        said = (
            f"Somebody writes by {names.node_as_written((kind, other))}, which may be the same number in an older form."
        )
        messages.warning(request, f"{said} If it is theirs, record an opt-out for it as well.")


def _page(request: MemberRequest, form: OptOutForm, status: int = 200) -> HttpResponse:
    words = search.tidied(request.GET.get("q", ""))
    workspace = request.workspace.pk
    context: dict[str, Any] = {"form": form, "q": words, "is_later_page": bool(request.GET.get("before"))}
    if words:
        found = opt_outs.find(workspace, words)
        rows, context["is_cut"] = found.rows, found.is_cut
    else:
        page = opt_outs.page(workspace, request.GET.get("before", ""))
        rows, context["next"] = page.rows, page.next
    talks = _conversations(request, [row.speaker for row in rows])
    context["rows"] = [_line(row, talks) for row in rows]
    return render(request, "inbox/opt_outs.html", context, status=status)


def _line(row: Row, talks: Mapping[int, int]) -> dict[str, Any]:
    contact = row.speaker.contact
    return {
        "name": row.speaker.name,
        "addresses": [one for one in row.speaker.addresses if one != row.speaker.name],
        "opt_out": row.opt_out,
        "event": row.event,
        "conversation_id": talks.get(contact.pk) if contact else None,
    }


def _conversations(request: MemberRequest, people: Iterable[Speaker]) -> dict[int, int]:
    """The newest conversation of each contact."""
    contacts = {one.contact.pk for one in people if one.contact}
    talks = request.workspace.conversations.filter(contact_id__in=contacts, last_at__isnull=False)
    newest = talks.order_by("contact_id", "-last_at", "-pk").distinct("contact_id")
    return dict(newest.values_list("contact_id", "pk"))


@require_safe
@member()
def person(request: MemberRequest, consent_id: int) -> HttpResponse:
    """All that the person said whose event this is."""
    return _person(request, _speaker(request, consent_id))


@require_POST
@member(Ability.LIFT_OPT_OUT)
def lift(request: MemberRequest, consent_id: int) -> HttpResponseBase:
    """Lift an opt-out of the person whose event the address names. 404 for anybody else's."""
    speaker = _speaker(request, consent_id)
    form = LiftForm(request.POST)
    if not form.is_valid():
        errors = form.errors.get("reason") or ["This form is broken. Reload the page and try again."]
        said = {"lift_error": str(errors[0]), "lift_reason": request.POST.get("reason", "")}
        return _person(request, speaker, status=422, **said)
    events = request.workspace.consent_events.filter(pk=form.cleaned_data["event"], direction="out")
    lifted = ledger.theirs(events, speaker.holdings)
    if not lifted:
        raise Http404
    ledger.lift(lifted[0], request.user, form.cleaned_data["reason"])
    messages.success(request, f"Lifted: see below what {speaker.name} may be sent now.")
    return redirect("opt_outs:person", request.workspace.slug, consent_id)


def _speaker(request: MemberRequest, consent_id: int) -> Speaker:
    event = get_object_or_404(request.workspace.consent_events.select_related("lifts"), pk=consent_id)
    return speakers.of_events(request.workspace.pk, [event])[event.pk]


def _person(request: MemberRequest, speaker: Speaker, status: int = 200, **more: Any) -> HttpResponse:
    said = ledger.said_by(request.workspace.pk, {speaker.key: speaker.holdings})[speaker.key]
    standing = ledger.decide(said)
    events = opt_outs.newest_first(said)[:SHOWN]
    prefetch_related_objects(events, "actor")
    sources, contact = _messages(request, events), speaker.contact
    talks = _conversations(request, [speaker])
    context = {
        "name": speaker.name,
        "addresses": speaker.addresses,
        "standing": standing,
        "events": [(event, sources.get(_wamid(event))) for event in events],
        "is_cut": len(said) > SHOWN,
        "conversation_id": talks.get(contact.pk) if contact else None,
        "lifts": standing.everything or standing.marketing,
        "may_lift": may(request.membership, Ability.LIFT_OPT_OUT),
        "able": able(request.workspace, Ability.LIFT_OPT_OUT),
    }
    return render(request, "inbox/opt_out.html", context | more, status=status)


def _messages(request: MemberRequest, events: Iterable[ConsentEvent]) -> dict[str, Message]:
    """The messages that say it, or that Meta's refusal is of, by wamid."""
    wamids = {_wamid(event) for event in events}
    found = Message.objects.filter(connection__in=request.workspace.connections.values("pk"), wamid__in=wamids)
    return {one.wamid: one for one in found.only("wamid", "conversation_id") if one.wamid}


def _wamid(event: ConsentEvent) -> str:
    """What a member recorded of a message has a word before it."""
    return event.evidence.rpartition(" ")[2]
