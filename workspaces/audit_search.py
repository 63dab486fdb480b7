"""The audit trail, searched: by person, action, period and target; the newest first, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.db import connection
from django.db.models import Q, QuerySet

from . import keys
from .audit import Action
from .models import AuditEntry, User, Workspace

PAGE = 50
COMMAND = "command"
# One step through the index for each person, where DISTINCT would read every entry.
ACTORS = """
WITH RECURSIVE actor (id) AS (
    (SELECT actor_id FROM workspaces_auditentry WHERE workspace_id = %(workspace)s AND actor_id IS NOT NULL
     ORDER BY actor_id LIMIT 1)
    UNION ALL
    SELECT (SELECT actor_id FROM workspaces_auditentry
            WHERE workspace_id = %(workspace)s AND actor_id > actor.id ORDER BY actor_id LIMIT 1)
    FROM actor WHERE actor.id IS NOT NULL
)
SELECT id FROM actor WHERE id IS NOT NULL
"""


def _day(label: str) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
        error_messages={"invalid": "Write the day as year-month-day, like 2026-11-24."},
    )


class AuditFilter(forms.Form):
    """What somebody looks for. Days are those of `zone`, which the page fills in with the reader's own.

    A zone that we do not know is no mistake of the reader's, whose browser may know a newer one: then it is UTC.
    """

    person = forms.ChoiceField(required=False, error_messages={"invalid_choice": "Nobody like that is in the trail."})
    action = forms.ChoiceField(
        required=False,
        choices=[("", "Anything"), *((one.value, one.value[0].upper() + one.value[1:]) for one in Action)],
        error_messages={"invalid_choice": "There is no such action: choose one of the list."},
    )
    since = _day("From")
    until = _day("To")
    target = forms.CharField(required=False, max_length=200, label="Target contains")
    zone = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, workspace: Workspace, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].choices = [  # type: ignore[attr-defined]
            ("", "Anybody"),
            (COMMAND, "Command line"),
            *((str(user.pk), f"{user} ({user.email})" if user.name else user.email) for user in people(workspace)),
        ]
        for name, field in self.fields.items():
            if name != "zone":
                field.widget.attrs["class"] = "input"

    def clean_zone(self) -> str:
        name = self.cleaned_data["zone"] or "UTC"
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError):  # unknown, no name at all, or a folder of names
            return "UTC"
        return str(name)

    def clean(self) -> None:
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since and until and since > until:
            self.add_error("until", "It ends before it begins: choose a day that is not before the first.")

    @property
    def is_used(self) -> bool:
        return any(self.cleaned_data.get(name) for name in ("person", "action", "since", "until", "target"))


def people(workspace: Workspace) -> QuerySet[User]:
    """Everybody who stands in the trail, and every member."""
    with connection.cursor() as cursor:
        cursor.execute(ACTORS, {"workspace": workspace.pk})
        actors = [row[0] for row in cursor.fetchall()]
    members = workspace.memberships.values("user_id")
    return User.objects.filter(Q(pk__in=actors) | Q(pk__in=members)).order_by("name", "email")


def entries(workspace: Workspace, wanted: dict[str, Any]) -> QuerySet[AuditEntry]:
    """The entries that a clean filter asks for, the newest first."""
    found = workspace.audit_entries.select_related("actor").order_by("-created_at", "-pk")
    if wanted["person"] == COMMAND:
        found = found.filter(actor__isnull=True).exclude(by_command=False)
    elif wanted["person"]:
        found = found.filter(actor_id=int(wanted["person"]))
    if wanted["action"]:
        found = found.filter(action=wanted["action"])
    if wanted["target"]:
        found = found.filter(target__icontains=wanted["target"])
    zone = ZoneInfo(wanted["zone"])
    if wanted["since"]:
        found = found.filter(created_at__gte=datetime.combine(wanted["since"], time.min, zone))
    if wanted["until"]:
        found = found.filter(created_at__lte=datetime.combine(wanted["until"], time.max, zone))
    return found


@dataclass(frozen=True, slots=True)
class Page:
    """Entries, and the key of where the next page begins: "" where there is none."""

    entries: list[AuditEntry]
    next: str


def page(found: QuerySet[AuditEntry], before: str) -> Page:
    if end := keys.read(before, 1):
        at, (pk,) = end
        # The first condition is for the index, the second for those written in the same microsecond.
        found = found.filter(created_at__lte=at).filter(Q(created_at__lt=at) | Q(pk__lt=pk))
    shown = list(found[: PAGE + 1])
    last = shown[PAGE - 1] if len(shown) > PAGE else None
    return Page(shown[:PAGE], keys.write(last.created_at, last.pk) if last else "")
