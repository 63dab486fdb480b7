"""Opt-outs from and to CSV files."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from inbox import opt_out_file, opt_outs
from inbox.opt_out_file import Line
from inbox.opt_out_forms import ImportForm
from optouts import ledger
from workspaces.access import Ability, MemberRequest, member
from workspaces.countries import country_name

# Of a file that is no such list at all, the first faults say it.
FAULTS_SHOWN = 500


@require_safe
@member(Ability.MANAGE_OPT_OUTS)
def choice(request: MemberRequest) -> HttpResponse:
    return _page(request, ImportForm())


@require_POST
@member(Ability.MANAGE_OPT_OUTS)
def imports(request: MemberRequest) -> HttpResponseBase:
    """Good lines are kept, the others told with their numbers."""
    form = ImportForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        # Read no more than it takes to see that it is too much.
        content = form.cleaned_data["file"].read(opt_out_file.MOST_BYTES + 1)
        lines = opt_out_file.read(content, request.workspace.country, form.cleaned_data["reason"])
    except opt_out_file.UnreadableFileError as error:
        form.add_error("file", str(error))
        return _page(request, form, status=422)
    faults = [line for line in lines if line.fault]
    good = _said(lines, str(form.cleaned_data["form_token"]))
    ledger.take_in(request.workspace.pk, good, request.user, request.workspace.name, refused=len(faults))
    _tell(request, lines, len(good), len(faults))
    if not faults and lines:
        return redirect("opt_outs:index", request.workspace.slug)
    return _page(request, ImportForm(), faults, status=422)


def _said(lines: Sequence[Line], token: str) -> list[ledger.NewConsent]:
    now = timezone.now()
    return [
        ledger.NewConsent(
            kind=line.identity[0],
            value=line.identity[1],
            scope=line.scope,
            direction="out",
            source="import",
            quote=line.reason,
            evidence=f"import {token} line {line.number} {line.scope}",
            provider_at=now,
        )
        for line in lines
        if line.identity is not None and line.repeats is None
    ]


def _tell(request: MemberRequest, lines: Sequence[Line], good: int, bad: int) -> None:
    repeated = sum(1 for line in lines if line.repeats)
    said = f"{good:,} opt-out{'' if good == 1 else 's'} imported." if good else "Nothing was imported."
    said += f" {repeated:,} line{'' if repeated == 1 else 's'} repeated one before." if repeated else ""
    said += f" {bad:,} line{'' if bad == 1 else 's'} could not be read." if bad else ""
    said += " The file has no lines." if not lines else ""
    messages.add_message(request, messages.WARNING if bad or not lines else messages.SUCCESS, said)


def _page(request: MemberRequest, form: ImportForm, faults: Sequence[Line] = (), status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "faults": faults[:FAULTS_SHOWN],
        "more": max(0, len(faults) - FAULTS_SHOWN),
        "most_lines": opt_out_file.MOST_LINES,
        "country": country_name(request.workspace.country),
    }
    return render(request, "inbox/opt_out_import.html", context, status=status)


@require_safe
@member(Ability.MANAGE_OPT_OUTS)
def export(request: MemberRequest) -> HttpResponseBase:
    lines = opt_out_file.lines_of(opt_outs.everybody(request.workspace.pk))
    name = f"opt-outs-{request.workspace.slug}-{timezone.now():%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)
