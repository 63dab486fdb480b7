"""A template made, changed or deleted. Meta's rules are checked first, and what Meta says is said where it belongs."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from connections.message_templates import allowed, draft, making, shown
from connections.message_templates.draft import Draft
from connections.message_templates.forms import DeletionForm, TemplateForm, initial
from connections.message_templates.making import Outcome
from connections.message_templates.models import MessageTemplate
from connections.message_templates.preview import preview as drawn_of
from connections.message_templates.shown import ShownAccount
from workspaces.access import Ability, MemberRequest, member

from .page import context, of, shown_of

LANGUAGES = ("id", "en", "en_US", "en_GB", "ar", "de", "es", "fr", "hi", "it", "ja", "ms", "nl", "pt_BR", "th", "tr")


@require_http_methods(["GET", "HEAD", "POST"])
@member(Ability.MANAGE_TEMPLATES)
def new(request: MemberRequest, waba_id: str) -> HttpResponse:
    account = _account(request, waba_id)
    form = TemplateForm(request.POST or None, initial=initial(Draft(category="UTILITY")))
    if request.method == "POST" and form.is_valid():
        said = form.draft
        why_not = allowed.why_not_name(request.workspace, waba_id, said.name, said.language, timezone.now())
        token = form.cleaned_data["form_token"]
        if why_not and not request.workspace.template_acts.filter(form_token=token).exists():
            form.refuse("name", why_not)
        elif done := _done(request, form, making.create(request.workspace, waba_id, said, token, request.user)):
            return done
    return _form(request, form, Draft(), {"account": account})


@require_http_methods(["GET", "HEAD", "POST"])
@member(Ability.MANAGE_TEMPLATES)
def edit(request: MemberRequest, template_id: int) -> HttpResponse:
    row = of(request, template_id)
    known, why_not = draft.read(row.name, row.language, row.category, row.components)
    why_not = allowed.why_not_edit(row, timezone.now()) or why_not
    fixed = {"name": row.name, "language": row.language}
    form = TemplateForm(request.POST or None, initial=initial(known or Draft()), fixed=fixed)
    said = {"one": shown_of(request, row), "why_not": why_not}
    if request.method == "POST" and form.is_valid():
        token = form.cleaned_data["form_token"]
        is_repeat = request.workspace.template_acts.filter(form_token=token).exists()
        if not is_repeat and (refusal := allowed.why_not_category(row, form.draft.category)):
            form.refuse("category", refusal)
        elif not is_repeat and why_not:
            form.refuse("", why_not)
        elif done := _done(request, form, making.edit(row, form.draft, token, request.user)):
            return done
    return _form(request, form, known or Draft(), said)


@require_POST
@member(Ability.MANAGE_TEMPLATES)
def deletion(request: MemberRequest, template_id: int) -> HttpResponse:
    row = of(request, template_id)
    form = DeletionForm(request.POST)
    if not form.is_valid():
        said = "Tick that you know what is lost." if "confirmed" in form.errors else "Reload the page and try again."
        return _not_deleted(request, row, said)
    is_all, token = form.cleaned_data["scope"] == "all", form.cleaned_data["form_token"]
    is_repeat = request.workspace.template_acts.filter(form_token=token).exists()
    if not is_repeat and (why_not := allowed.why_not_delete(row, every_language=is_all)):
        return _not_deleted(request, row, why_not)
    outcome = making.delete(row, token, request.user, every_language=is_all)
    if outcome.refusal:
        return _not_deleted(request, row, outcome.refusal.sentence)
    messages.success(request, f"Deleted: {row.name}{' in every language' if is_all else f' ({row.language})'}.")
    return redirect("templates:index", request.workspace.slug)


@require_POST
@member(Ability.MANAGE_TEMPLATES)
def preview(request: MemberRequest) -> HttpResponse:
    """What is being typed, as its reader would see it: whether it may be so is said when it is sent."""
    form = TemplateForm(request.POST)
    form.is_valid()
    return render(request, "templates/_bubble.html", {"drawn": drawn_of(form.draft.components())})


def _done(request: MemberRequest, form: TemplateForm, outcome: Outcome) -> HttpResponse | None:
    """Where to go on; None where the form is to be shown again, with what Meta said in it."""
    if outcome.refusal:
        form.refuse(outcome.refusal.field, outcome.refusal.sentence)
        form.is_outcome_unknown = outcome.refusal.is_unknown
        return None
    row = request.workspace.message_templates.filter(template_id=outcome.template_id).first()
    if outcome.is_read_back:
        messages.success(request, "Meta has taken it. How it stands is shown here, and changes by itself.")
    else:
        messages.warning(request, "Meta has taken it, but it could not be read back: it is synced within minutes.")
    if row is None:
        return redirect("templates:index", request.workspace.slug)
    return redirect("templates:template", request.workspace.slug, row.pk)


def _form(request: MemberRequest, form: TemplateForm, known: Draft, more: dict[str, Any]) -> HttpResponse:
    typed = form.draft if form.is_bound else known
    said = more | {"form": form, "languages": LANGUAGES, "drawn": drawn_of(typed.components())}
    return render(request, "templates/form.html", said, status=422 if request.method == "POST" else 200)


def _not_deleted(request: MemberRequest, row: MessageTemplate, why_not: str) -> HttpResponse:
    return render(request, "templates/template.html", context(request, row) | {"not_deleted": why_not}, status=422)


def _account(request: MemberRequest, waba_id: str) -> ShownAccount:
    """An account that there is a token for; anything else is no address."""
    known = shown.accounts(request.workspace, timezone.now())
    found = next((one for one in known if one.waba_id == waba_id and one.can_sync), None)
    if found is None:
        raise Http404
    return found
