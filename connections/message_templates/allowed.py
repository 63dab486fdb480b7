"""What Meta allows to be done to a template now: each refusal a sentence that says from when, or what instead.

Source: Meta's page on managing templates, December 2025. It counts edits made anywhere; we know of those made here.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from workspaces.models import Workspace

from .models import MessageTemplate, TemplateAct

EDITABLE = ("APPROVED", "REJECTED", "PAUSED")
A_DAY, DAYS_OF_EDITS, MOST_EDITS = timedelta(hours=24), timedelta(days=30), 10
NAME_LOCK = timedelta(days=30)
GONE = "Meta does not list it any more. Sync now, if you think that it is there."


def why_not_edit(row: MessageTemplate, now: datetime) -> str:
    """ "" where it may be edited."""
    if row.is_gone:
        return GONE
    if not row.synced_at:
        return "What it says is not known here yet. Sync now, then edit it."
    if row.status not in EDITABLE:
        return "Meta takes edits only of templates that are approved, rejected or paused."
    if row.status == "APPROVED":
        return _why_not_again(row, now)
    return ""


def _why_not_again(row: MessageTemplate, now: datetime) -> str:
    edits = TemplateAct.objects.filter(
        workspace_id=row.workspace_id,
        waba_id=row.waba_id,
        template_id=row.template_id,
        kind="edit",
        outcome="accepted",
        status_before="APPROVED",
        started_at__gt=now - DAYS_OF_EDITS,
    )
    times = list(edits.order_by("started_at").values_list("started_at", flat=True))
    if times and times[-1] > now - A_DAY:
        return f"Meta takes one edit of an approved template in 24 hours: the next from {_say(times[-1] + A_DAY)}."
    if len(times) >= MOST_EDITS:
        free = times[-MOST_EDITS] + DAYS_OF_EDITS
        return f"Meta takes {MOST_EDITS} edits of an approved template in 30 days: the next from {_say(free)}."
    return ""


def why_not_category(row: MessageTemplate, category: str) -> str:
    if row.status == "APPROVED" and category != row.category:
        return "The category of an approved template cannot be changed. Make a new template."
    return ""


def why_not_delete(row: MessageTemplate, *, every_language: bool) -> str:
    if row.is_gone:
        return GONE
    others = MessageTemplate.objects.filter(workspace_id=row.workspace_id, waba_id=row.waba_id, name=row.name)
    rows = list(others.present()) if every_language else [row]
    if any(one.status == "DISABLED" for one in rows):
        return "Meta does not delete templates that it has disabled."
    return ""


def why_not_name(workspace: Workspace, waba_id: str, name: str, language: str, now: datetime) -> str:
    """Taken, or not free again yet: a name rests for 30 days after an approved template was deleted."""
    same = workspace.message_templates.filter(waba_id=waba_id, name=name)
    present = list(same.present())
    if any(one.language == language for one in present):
        return f"There is a template of this name in {language} already. Edit that one, or choose another name."
    gone = same.gone().filter(gone_at__gt=now - NAME_LOCK, status__in=("APPROVED", "PAUSED"))
    resting = [one for one in gone if one.gone_at and (one.language == language or not present)]
    if resting:
        free = max(one.gone_at for one in resting if one.gone_at) + NAME_LOCK
        return f"An approved template of this name was deleted: Meta takes the name again from {_say(free)}."
    return ""


def _say(at: datetime) -> str:
    """In UTC and saying so: a sentence cannot know the reader's clock."""
    return timezone.localtime(at).strftime("%-d %b %H:%M UTC")
