"""Templates made, changed and deleted at Meta, once for each form however often it is posted.

The act is written before the call and settled after it. What Meta answers is evidence like any listing; an answer that
says nothing certain changes nothing here: a sync tells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from workspaces import audit
from workspaces.audit import Action
from workspaces.models import User, Workspace

from ..graph import templates as graph
from ..graph.account import GraphAccount
from ..graph.errors import GraphError
from . import evidence, listing, refusals
from .calling import through
from .draft import Draft
from .evidence import Told
from .models import MessageTemplate, TemplateAct, TemplateSync
from .refusals import Refusal

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Outcome:
    """`refusal` is None where Meta has done it; `is_repeat` where this form had been posted before."""

    refusal: Refusal | None = None
    is_repeat: bool = False
    template_id: str = ""
    is_read_back: bool = True


ON_ITS_WAY = Refusal("This form was sent already, and Meta has not answered yet. Sync now to see what came of it.")
REFUSED_BEFORE = Refusal("This form was sent already, and Meta did not take it. Change it and send it again.")
UNKNOWN_BEFORE = Refusal("This form was sent already, and what came of it is not known. Sync now to see.", "", True)


def create(workspace: Workspace, waba_id: str, draft: Draft, token: UUID, by: User) -> Outcome:
    body = {
        "name": draft.name,
        "language": draft.language,
        "category": draft.category,
        "parameter_format": draft.parameter_format,
        "components": draft.components(),
    }
    act, repeat = _begin(workspace, waba_id, token, by, kind="create", name=draft.name, language=draft.language)
    if repeat:
        return repeat
    made, refusal = _ask(act, "made", lambda account: graph.create_template(account, body))
    if refusal or made is None:
        return Outcome(refusal)
    facts = {
        "id": made.template_id,
        **body,
        "status": made.status or "PENDING",
        "category": made.category or draft.category,
    }
    act.template_id = made.template_id
    said = {"category": facts["category"], "language": draft.language}
    _settle(act, [told(facts, act.started_at)], Action.TEMPLATE_CREATED, after=said)
    return Outcome(template_id=made.template_id)


def edit(row: MessageTemplate, draft: Draft, token: UUID, by: User) -> Outcome:
    """The contents are replaced as a whole, then read back: what Meta makes of them is for Meta to say."""
    changes: dict[str, Any] = {"components": draft.components()}
    if draft.category != row.category:
        changes["category"] = draft.category
    act, repeat = _begin(row.workspace, row.waba_id, token, by, kind="edit", **_named(row))
    if repeat:
        return repeat
    _, refusal = _ask(act, "changed", lambda account: graph.edit_template(account, row.template_id, changes))
    if refusal:
        return Outcome(refusal)
    now, found = timezone.now(), None
    try:
        found = through(row.workspace_id, row.waba_id, lambda one: graph.message_template(one, row.template_id))
    except GraphError:
        TemplateSync.objects.filter(workspace_id=row.workspace_id, waba_id=row.waba_id).update(wanted_at=now)
    read = [told(found | {"id": row.template_id}, now)] if found else []
    before, after = {"category": row.category}, {"category": draft.category, "language": row.language}
    _settle(act, read, Action.TEMPLATE_CHANGED, before=before, after=after)
    return Outcome(template_id=row.template_id, is_read_back=bool(found))


def delete(row: MessageTemplate, token: UUID, by: User, *, every_language: bool) -> Outcome:
    named = _named(row) | ({"language": "", "template_id": ""} if every_language else {})
    act, repeat = _begin(row.workspace, row.waba_id, token, by, kind="delete", **named)
    if repeat:
        return repeat
    one_id = "" if every_language else row.template_id
    _, refusal = _ask(act, "deleted", lambda account: graph.delete_template(account, row.name, one_id))
    if refusal:
        return Outcome(refusal)
    same = row.workspace.message_templates.filter(waba_id=row.waba_id, name=row.name).present()
    gone = list(same) if every_language else [row]
    ends = [Told(one.template_id, act.started_at, is_end=True) for one in gone]
    before = {"languages": sorted(one.language for one in gone), "status": row.status}
    _settle(act, ends, Action.TEMPLATE_DELETED, before=before)
    return Outcome(template_id=row.template_id)


def told(row: dict[str, Any], at: datetime) -> Told:
    found = listing.told_of(row, at)
    assert found is not None  # it has an id
    return found


def _named(row: MessageTemplate) -> dict[str, Any]:
    return {
        "name": row.name,
        "language": row.language,
        "template_id": row.template_id,
        "status_before": row.status,
    }


def _begin(
    workspace: Workspace, waba_id: str, token: UUID, by: User, **facts: Any
) -> tuple[TemplateAct, Outcome | None]:
    """Write the act, or find the one that this form has made before, with what came of it."""
    act, is_new = TemplateAct.objects.get_or_create(
        workspace=workspace,
        form_token=token,
        defaults={"waba_id": waba_id, "actor": by, "started_at": timezone.now(), **facts},
    )
    if is_new:
        return act, None
    refusals_by_outcome = {"accepted": None, "": ON_ITS_WAY, "unconfirmed": UNKNOWN_BEFORE}
    refusal = refusals_by_outcome.get(act.outcome, REFUSED_BEFORE)
    return act, Outcome(refusal, is_repeat=True, template_id=act.template_id)


def _ask(act: TemplateAct, doing: str, call: Callable[[GraphAccount], T]) -> tuple[T | None, Refusal | None]:
    """Make the call, outside any transaction; what Meta has not done is settled at once."""
    try:
        return through(act.workspace_id, act.waba_id, call), None
    except GraphError as error:
        act.outcome, act.code, act.finished_at = error.outcome, error.subcode or error.code, timezone.now()
        act.save(update_fields=["outcome", "code", "finished_at"])
        return None, refusals.of(error, doing)


def _settle(act: TemplateAct, found: Iterable[Told], action: Action, **said: Any) -> None:
    with transaction.atomic():
        act.outcome, act.finished_at = "accepted", timezone.now()
        act.save(update_fields=["outcome", "finished_at", "template_id"])
        evidence.apply(act.workspace_id, act.waba_id, found)
        audit.record(act.workspace_id, act.actor, action, act.name, about=act.waba_id, **said)
