"""The workspace's templates: a page of 50, searched and narrowed; and the state of each account's sync."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import F, Func, Q, TextField
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from connections.message_templates import shown, words
from connections.message_templates import sync as syncing
from connections.message_templates.models import TemplateQuerySet
from workspaces.access import Ability, MemberRequest, member

from .polling import polled

PAGE = 50
LONGEST = 200
REMOVED = "removed"
NARROWED_BY = ("status", "category", "language", "waba_id")


class Texts(Func):
    """What a template says, wherever in its components: of their keys and kinds nobody thinks who searches."""

    template = "jsonb_path_query_array(%(expressions)s, '$.**.text')::text"
    output_field = TextField()


@require_safe
@member()
def index(request: MemberRequest) -> HttpResponse:
    said = _context(request)
    filters = _filters(request, said["accounts"], said["asked"])
    return render(request, "templates/index.html", said | {"filters": filters})


@require_safe
@member()
@polled
def rows(request: MemberRequest) -> HttpResponse:
    return render(request, "templates/_list.html", _context(request))


@require_POST
@member(Ability.MANAGE_TEMPLATES)
def sync(request: MemberRequest) -> HttpResponse:
    waba_id = request.POST.get("waba_id", "").replace("\0", "")
    if not request.workspace.connections.filter(waba_id=waba_id).exists():
        raise Http404
    run = syncing.sync(request.workspace.pk, waba_id)
    if run is None:
        messages.info(request, "These templates are being synced already; the page shows what came of it.")
    elif run.problem:
        messages.error(request, f"Not synced: {run.problem} {run.next_step}")
    else:
        messages.success(request, f"Synced: Meta has {run.count} template{'' if run.count == 1 else 's'}.")
    return redirect("templates:index", request.workspace.slug)


def _context(request: MemberRequest) -> dict[str, Any]:
    asked = _asked(request)
    found = _narrowed(request, asked).order_by("name", "language", "pk")
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    accounts = shown.accounts(request.workspace, timezone.now())
    return {
        "asked": asked,
        "is_narrowed": any(asked.values()),
        "query": urlencode({key: value for key, value in asked.items() if value}),
        "page": page,
        "templates": shown.templates(page, accounts),
        "accounts": accounts,
        "seen": request.workspace.clock.version,
    }


def _asked(request: MemberRequest) -> dict[str, str]:
    """What the list is searched for and narrowed by; a sign that no column can hold finds nothing rather than fails."""
    return {key: request.GET.get(key, "").replace("\0", "").strip()[:LONGEST] for key in ("q", *NARROWED_BY)}


def _narrowed(request: MemberRequest, asked: dict[str, str]) -> TemplateQuerySet:
    everything: TemplateQuerySet = request.workspace.message_templates.all()
    found = everything.gone() if asked["status"] == REMOVED else everything.present()
    for key in NARROWED_BY:
        if asked[key] and asked[key] != REMOVED:
            found = found.filter(**{key: asked[key]})
    for word in asked["q"].split():
        found = found.annotate(texts=Texts(F("components"))).filter(Q(name__icontains=word) | Q(texts__icontains=word))
    return found


def _filters(request: MemberRequest, accounts: list[shown.ShownAccount], asked: dict[str, str]) -> list[dict[str, Any]]:
    """What there is to choose from, in each of the lists."""
    rows = request.workspace.message_templates.present().values_list("status", "category", "language").distinct()
    statuses, categories, languages = ({row[n] for row in rows if row[n]} for n in range(3))
    choices = {
        "status": [(one, words.of_status(one).word) for one in sorted(statuses)] + [(REMOVED, "Removed")],
        "category": [(one, words.of_category(one)) for one in sorted(categories)],
        "language": [(one, one) for one in sorted(languages)],
    }
    if len(accounts) > 1:
        choices["waba_id"] = [(one.waba_id, one.label) for one in accounts]
    labels = {"status": "Status", "category": "Category", "language": "Language", "waba_id": "Account"}
    return [{"name": key, "label": labels[key], "choices": all_, "chosen": asked[key]} for key, all_ in choices.items()]
