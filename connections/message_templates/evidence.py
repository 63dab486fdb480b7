"""What is known of a template, from the set of what was told, in whatever order and however often (P2).

Each group of facts (status, what Meta said of it, quality, category, contents) is the newest that was told, by Meta's
time. A listing of ours was true when we asked for it. A webhook's time is in whole seconds, so it counts as the last
moment of its second: of a webhook and a listing of the same second the webhook wins, and where it should not, the
webhook of what came after is on its way. A template is there while something newer tells of it than of its end.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from .models import MessageTemplate, TemplateSync

LAST_MOMENT = timedelta(seconds=1, microseconds=-1)
# Nothing that is told of the second in which a template ended tells that it is there.
AFTER = timedelta(microseconds=1)
# The columns of each group, without its time.
GROUPS: dict[str, tuple[str, ...]] = {
    "status": ("status", "rejected_reason"),
    "details": ("status_details",),
    "quality": ("quality",),
    "category": ("category", "previous_category", "correct_category", "correct_category_from"),
    "components": ("components", "parameter_format"),
    "told_texts": ("told_texts",),
}
# What a page shows of a row; times at which the same was told again are not among it.
SHOWN = ("name", "language", *(column for columns in GROUPS.values() for column in columns))
COLUMNS = [*SHOWN, *(f"{group}_at" for group in GROUPS), "seen_at", "gone_at", "synced_at", "changed_at"]

WRITE = f"""
UPDATE connections_messagetemplate template SET {", ".join(f"{column} = new.{column}" for column in COLUMNS)}
FROM jsonb_populate_recordset(NULL::connections_messagetemplate, %s::jsonb) new WHERE template.id = new.id
"""  # noqa: S608

Facts = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """What one listing, answer or webhook says of one template: the groups it speaks of, each with all its columns."""

    template_id: str
    at: datetime  # see `listed` and `announced`
    name: str = ""
    language: str = ""
    groups: dict[str, Facts] = field(default_factory=dict)
    is_listing: bool = False
    is_end: bool = False


def announced(at: datetime) -> datetime:
    """The moment that a webhook's whole second counts as."""
    return at.replace(microsecond=0) + LAST_MOMENT


def apply(workspace_id: int, waba_id: str, told: Iterable[Told], *, is_whole: bool = False, at: Any = None) -> bool:
    """Bring the rows in line with what was told, in the caller's transaction; whether anything shown has changed.

    With `is_whole` it is all that the account had at `at`: templates that are not among it were gone by then.
    """
    by_id: dict[str, list[Told]] = {}
    for one in told:
        by_id.setdefault(one.template_id, []).append(one)
    # Held to the end, so that a template appears either before a listing is settled or after it.
    sync, _ = TemplateSync.objects.select_for_update().get_or_create(workspace_id=workspace_id, waba_id=waba_id)
    _insert(sync, by_id)
    rows = MessageTemplate.objects.filter(workspace_id=workspace_id, waba_id=waba_id)
    rows = rows if is_whole else rows.filter(template_id__in=by_id)
    changed, touched = False, []
    for row in rows.select_for_update().order_by("template_id"):
        before, was_gone = _shown(row), row.is_gone
        is_new = row.changed_at is None
        for one in by_id.get(row.template_id, ()):
            merge(row, one)
        if is_whole and row.template_id not in by_id:
            row.gone_at = max(at, row.gone_at or at)
        if is_new or before != _shown(row) or was_gone != row.is_gone:
            row.changed_at, changed = timezone.now(), True
        touched.append(row)
    _write(touched)
    if is_whole:
        sync.ok_at = max(at, sync.ok_at or at)
        sync.save(update_fields=["ok_at"])
    elif any(_needs_listing(row) for row in touched):
        sync.wanted_at = timezone.now()
        sync.save(update_fields=["wanted_at"])
    return changed


def _write(rows: list[MessageTemplate]) -> None:
    """All rows in one statement each 500: Django's bulk_update takes 20 s for 3,000, and whoever drains would wait."""
    for start in range(0, len(rows), 500):
        records = [{column: getattr(row, column) for column in ("id", *COLUMNS)} for row in rows[start : start + 500]]
        with connection.cursor() as cursor:
            cursor.execute(WRITE, [json.dumps(records, default=datetime.isoformat)])


def merge(row: MessageTemplate, told: Told) -> None:
    """Take from what was told whatever is newer than what the row says."""
    row.name, row.language = told.name or row.name, told.language or row.language
    for group, facts in told.groups.items():
        known = {column: getattr(row, column) for column in GROUPS[group]}
        known_at = getattr(row, f"{group}_at")
        if known_at is None or (told.at, _weight(facts)) > (known_at, _weight(known)):
            for column, value in facts.items():
                setattr(row, column, value)
            setattr(row, f"{group}_at", told.at)
    if told.is_end:
        end = told.at + AFTER
        row.gone_at = max(end, row.gone_at or end)
    row.seen_at = max(told.at, row.seen_at)
    if told.is_listing:
        row.synced_at = max(told.at, row.synced_at or told.at)


def _weight(facts: Facts) -> tuple[bool, str]:
    """Which of two things told of the same moment stands: a decision before its wait, else whichever, but always it."""
    return facts.get("status") != "PENDING", json.dumps(facts, sort_keys=True, default=str)


def _insert(sync: TemplateSync, by_id: dict[str, list[Told]]) -> None:
    """Rows for templates that are new to us. The last whole listing did not have them, so they were gone by then."""
    known = MessageTemplate.objects.filter(workspace_id=sync.workspace_id, waba_id=sync.waba_id, template_id__in=by_id)
    missing = sorted(by_id.keys() - set(known.values_list("template_id", flat=True)))
    MessageTemplate.objects.bulk_create(
        MessageTemplate(
            workspace_id=sync.workspace_id,
            waba_id=sync.waba_id,
            template_id=template_id,
            seen_at=by_id[template_id][0].at,
            gone_at=sync.ok_at,
        )
        for template_id in missing
    )


def _shown(row: MessageTemplate) -> list[Any]:
    return [getattr(row, column) for column in SHOWN]


def _needs_listing(row: MessageTemplate) -> bool:
    """Only webhooks told of it, or they told of texts that are newer than what was listed."""
    if row.is_gone:
        return False
    is_newer = row.told_texts_at and (row.components_at is None or row.told_texts_at > row.components_at)
    return row.synced_at is None or bool(is_newer)
