"""A template and an account as pages show them: words, age, and how much the age says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from workspaces.models import Workspace

from . import sync, words
from .models import MessageTemplate, TemplateSync
from .preview import Preview, preview
from .words import Words


@dataclass(frozen=True, slots=True)
class ShownAccount:
    """A WhatsApp business account of the workspace, with its numbers and the state of its sync."""

    waba_id: str
    numbers: tuple[str, ...]
    run: TemplateSync | None
    is_stale: bool
    is_running: bool
    can_sync: bool

    @property
    def label(self) -> str:
        return ", ".join(self.numbers) or f"account {self.waba_id}"


@dataclass(frozen=True, slots=True)
class ShownTemplate:
    row: MessageTemplate
    account: ShownAccount
    status: Words
    quality: Words | None
    category: str
    coming_category: str
    preview: Preview
    is_newer_than_listed: bool
    reason: tuple[str, str] | None = None
    said: list[tuple[str, str]] = field(default_factory=list)

    @property
    def excerpt(self) -> str:
        return "".join(part.text for part in self.preview.body)


def accounts(workspace: Workspace, now: datetime) -> list[ShownAccount]:
    """Every account that has a number here, or whose templates we know."""
    numbers: dict[str, list[str]] = {}
    proven = set()
    for waba_id, name, proven_at in workspace.connections.order_by("name").values_list("waba_id", "name", "proven_at"):
        numbers.setdefault(waba_id, []).append(name)
        if proven_at:
            proven.add(waba_id)
    runs = {run.waba_id: run for run in workspace.template_syncs.all()}
    known = [*numbers, *sorted(runs.keys() - numbers.keys())]
    return [
        ShownAccount(
            waba_id,
            tuple(numbers.get(waba_id, ())),
            runs.get(waba_id),
            is_stale=_is_stale(runs.get(waba_id), now),
            is_running=_is_running(runs.get(waba_id), now),
            can_sync=waba_id in proven,
        )
        for waba_id in known
    ]


def _is_stale(run: TemplateSync | None, now: datetime) -> bool:
    return run is not None and run.ok_at is not None and now - run.ok_at > sync.STALE_AFTER


def _is_running(run: TemplateSync | None, now: datetime) -> bool:
    if run is None or run.started_at is None or now - run.started_at > sync.LONGEST_RUN:
        return False
    return run.finished_at is None or run.finished_at < run.started_at


def templates(rows: Iterable[MessageTemplate], known: Iterable[ShownAccount]) -> list[ShownTemplate]:
    by_id = {account.waba_id: account for account in known}
    return [template(row, by_id.get(row.waba_id)) for row in rows]


def template(row: MessageTemplate, account: ShownAccount | None) -> ShownTemplate:
    is_newer = bool(row.told_texts_at and (row.components_at is None or row.told_texts_at > row.components_at))
    is_rejected = row.status == "REJECTED" and not row.is_gone
    return ShownTemplate(
        row,
        account or ShownAccount(row.waba_id, (), None, is_stale=False, is_running=False, can_sync=False),
        status=words.REMOVED if row.is_gone else words.of_status(row.status),
        quality=words.of_quality(row.quality),
        category=words.of_category(row.category),
        coming_category=words.of_category(row.correct_category),
        preview=preview(row.components, row.told_texts if is_newer else None),
        is_newer_than_listed=is_newer,
        reason=words.of_reason(row.rejected_reason) if is_rejected else None,
        said=_said(row),
    )


SAID = {
    "reason": "Meta’s reason",
    "recommendation": "Meta recommends",
    "title": "Meta’s word",
    "description": "Meta says",
}


def _said(row: MessageTemplate) -> list[tuple[str, str]]:
    """Meta's own words on the status, each under what they are; its codes are explained elsewhere."""
    details = row.status_details if row.status_details.get("of") == row.status else {}
    known = (None, "", "NONE", row.rejected_reason)
    return [(label, str(details[key])) for key, label in SAID.items() if details.get(key) not in known]
