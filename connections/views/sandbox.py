"""Sandbox mode: the switch, and the box that holds the whitelist.

Two admins may have the page open at once. What they post says what they had seen: a switch somebody else has turned
since is left alone, and of the list only what they changed themselves is changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from connections import sandbox, whitelist
from connections.sandbox import Change
from connections.whitelist import Identity, Line
from workspaces.access import Ability, MemberRequest, able, member
from workspaces.audit_words import who_of
from workspaces.countries import country_name
from workspaces.models import AuditEntry

# Of what could be a long list a sentence names so many.
NAMED = 5


@require_safe
@member()
def index(request: MemberRequest) -> HttpResponse:
    return _page(request)


@require_POST
@member(Ability.MANAGE_SANDBOX)
def switch(request: MemberRequest) -> HttpResponseBase:
    """Switching off takes a second step, which says what it would mean."""
    state, seen = request.POST.get("state", ""), request.POST.get("seen", "")
    if state not in {"on", "off"} or not (seen.isascii() and seen.isdigit() and len(seen) < 19):
        return _page(request, problem="Say whether sandbox mode shall be on or off: nothing was changed.", status=422)
    if state == "off" and "confirmed" not in request.POST:
        return redirect("sandbox_off", request.workspace.slug)
    on = state == "on"
    try:
        is_changed = sandbox.switch(request.workspace, on=on, actor=request.user, seen=int(seen))
    except sandbox.SwitchedMeanwhileError:
        messages.error(request, f"Nothing was changed: {_switched_by(request)} after this page was shown. Look again.")
    else:
        said = f"Sandbox mode is {state} now." if is_changed else f"It was {state} already: {_switched_by(request)}."
        messages.success(request, said)
    return redirect("sandbox:index", request.workspace.slug)


@require_POST
@member(Ability.MANAGE_SANDBOX)
def whitelisted(request: MemberRequest) -> HttpResponseBase:
    """Save the box: the lines that can be read are the whitelist, the others stay in the box with their reason."""
    text, seen = request.POST.get("people", ""), _identities(request.POST.get("shown", ""))
    count = sum(1 for line in whitelist.BREAKS.split(text) if line.strip())
    if count > whitelist.LONGEST:
        problem = (
            f"The box has {count:,} lines, and a whitelist takes at most {whitelist.LONGEST:,}. Nothing was saved."
        )
        return _page(request, box=text, shown=seen, problem=problem, status=422)
    lines = whitelist.read_lines(text, request.workspace.country)
    try:
        change = sandbox.save_list(request.workspace, whitelist.people(lines), seen=seen, actor=request.user)
    except sandbox.WhitelistTooLongError as error:
        return _page(request, box=text, shown=seen, problem=str(error), status=422)
    _say(request, change, lines)
    if all(line.identity for line in lines):
        return redirect("sandbox:index", request.workspace.slug)
    box = _box_after(text, change, request.workspace.country)
    return _page(request, box=box, faults=_faults(box, request.workspace.country), status=422)


@require_POST
@member(Ability.MANAGE_SANDBOX)
def removal(request: MemberRequest) -> HttpResponseBase:
    """Take one person off the list, whoever else has changed it meanwhile."""
    gone = _identities(request.POST.get("person", ""))
    if len(gone) != 1:
        return _page(request, problem="Say whom to take off the whitelist: nothing was changed.", status=422)
    change = sandbox.change_whitelist(request.workspace, remove=gone, actor=request.user)
    who = whitelist.shown(gone[0])
    messages.success(
        request, f"{who} is off the whitelist." if change.removed else f"{who} was not on the whitelist any more."
    )
    return redirect("sandbox:index", request.workspace.slug)


def _page(
    request: MemberRequest,
    *,
    box: str | None = None,
    shown: Iterable[Identity] | None = None,
    faults: Sequence[Line] = (),
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    """The page as things are now; with `box` as typed, and `shown` as it was when that was written."""
    people = [(entry.kind, entry.value) for entry in sandbox.listed(request.workspace.pk)]
    on = sandbox.is_on(request.workspace.pk)
    last = sandbox.last_switch(request.workspace.pk)
    context: dict[str, Any] = {
        "is_on": on,
        "sentence": sandbox.sentence(on=on, count=len(people)),
        "last": last,
        "last_by": _by(last) if last else "",
        "seen": sandbox.mark(last),
        "may_change": Ability.MANAGE_SANDBOX.name in request.may,
        "able": able(request.workspace, Ability.MANAGE_SANDBOX),
        "people": [_person(one) for one in people],
        "box": "\n".join(whitelist.shown(one) for one in people) if box is None else box,
        "shown": " ".join(_mark(one) for one in (people if shown is None else shown)),
        "faults": faults,
        "problem": problem,
        "longest": whitelist.LONGEST,
        "country": country_name(request.workspace.country),
    }
    return render(request, "sandbox/index.html", context, status=status)


def _person(identity: Identity) -> dict[str, str]:
    """Somebody on the whitelist, as the page shows them."""
    country = country_name(whitelist.region(identity))
    return {"mark": _mark(identity), "shown": whitelist.shown(identity), "kind": identity[0], "region": country}


def _say(request: MemberRequest, change: Change, lines: Sequence[Line]) -> None:
    """What became of it, in sentences: what was saved, what others changed meanwhile, what stood there twice."""
    done = [f"{len(change.added)} added"] if change.added else []
    done += [f"{len(change.removed)} removed"] if change.removed else []
    bad = sum(1 for line in lines if line.identity is None)
    rest = f" {bad} line{'s' if bad > 1 else ''} could not be read." if bad else ""
    saved = f"The whitelist is saved: {' and '.join(done)}." if done else "Nobody was added or removed."
    messages.add_message(request, messages.WARNING if bad else messages.SUCCESS, saved + rest)
    others = [f"{_named(change.others_added)} added"] if change.others_added else []
    others += [f"{_named(change.others_removed)} removed"] if change.others_removed else []
    if others:
        said = f"The list was changed by somebody else while you wrote: {' and '.join(others)}. Both changes stand."
        messages.warning(request, said)
    twice = [f"line {line.number} repeats line {line.repeats}" for line in lines if line.repeats]
    if twice:
        more = f", and {len(twice) - NAMED} more" if len(twice) > NAMED else ""
        messages.warning(request, f"Each is on the list once: {', '.join(twice[:NAMED])}{more}.")


def _named(people: Sequence[Identity]) -> str:
    more = f" and {len(people) - NAMED} more" if len(people) > NAMED else ""
    return ", ".join(whitelist.shown(one) for one in people[:NAMED]) + more


def _by(entry: AuditEntry) -> str:
    """Who, in the middle of a sentence."""
    who = who_of(entry)
    return who if entry.actor else who[0].lower() + who[1:]


def _switched_by(request: MemberRequest) -> str:
    last = sandbox.last_switch(request.workspace.pk)
    if last is None:
        return "it has never been switched"
    return f"{who_of(last)} switched it {'on' if last.after.get('is_on') else 'off'}"


def _box_after(text: str, change: Change, country: str) -> str:
    """What was typed, line by line, with those that could be read as they are shown now, and others' changes in it."""
    read = {line.number: line for line in whitelist.read_lines(text, country)}
    kept = []
    for number, written in enumerate(whitelist.BREAKS.split(text), start=1):
        identity = read[number].identity if number in read else None
        if identity not in change.others_removed:
            kept.append(written if identity is None else whitelist.shown(identity))
    return "\n".join([*kept, *(whitelist.shown(one) for one in change.others_added)])


def _faults(box: str, country: str) -> list[Line]:
    return [line for line in whitelist.read_lines(box, country) if line.identity is None]


def _mark(identity: Identity) -> str:
    kind, value = identity
    return f"+{value}" if kind == "phone" else value


def _identities(marks: str) -> list[Identity]:
    return [("phone", one[1:]) if one.startswith("+") else ("bsuid", one) for one in marks.split()]
