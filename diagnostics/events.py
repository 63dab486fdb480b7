"""What came in by Meta's door and is not simply in the inbox: set aside, not understood, or for nobody here.

Events belong to a Meta app, and only the workspace that owns the app sees them (P10).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection
from django.db.models import Q, QuerySet

from connections.door import Refused
from webhooks import standing
from webhooks.models import Refusal, WebhookEvent
from workspaces.audit import Action
from workspaces.models import Workspace

SHOWN = 50
# Two workspaces may have numbers in one business account; what is about that account concerns both. Asked only of those
# who share or shared an app with this one: whoever has an app can sign any body, and would learn here which numbers are
# connected at all.
NAMES_OTHERS = """
SELECT EXISTS (
    SELECT 1 FROM connections_connection theirs
    WHERE theirs.proven_at IS NOT NULL AND theirs.workspace_id <> %(workspace)s AND (
        EXISTS (
            SELECT 1 FROM connections_appshare share JOIN connections_metaapp app ON app.id = share.meta_app_id
            WHERE share.workspace_id = theirs.workspace_id AND app.owner_id = %(workspace)s
        ) OR EXISTS (
            SELECT 1 FROM workspaces_auditentry shared
            WHERE shared.workspace_id = theirs.workspace_id AND shared.action = %(shared)s
                AND shared.after ->> 'owner' = %(slug)s
        )
    ) AND (
        position(convert_to(theirs.phone_number_id, 'UTF8') IN %(body)s) > 0
        OR position(convert_to(theirs.waba_id, 'UTF8') IN %(body)s) > 0 AND NOT EXISTS (
            SELECT 1 FROM connections_connection ours
            WHERE ours.waba_id = theirs.waba_id AND ours.workspace_id = %(workspace)s AND ours.proven_at IS NOT NULL
        )
    )
)
"""


@dataclass(frozen=True, slots=True)
class OddEvent:
    """One signed body that needs eyes. `sentences` say what is the matter and what helps."""

    day: date
    id: int
    what: str
    received_at: datetime
    times_received: int
    sentences: tuple[str, ...]


def of_workspace(workspace: Workspace) -> QuerySet[WebhookEvent]:
    return WebhookEvent.objects.filter(meta_app__in=workspace.meta_apps.values("pk"))


def names_others(event: WebhookEvent, workspace: Workspace) -> bool:
    """Whether the body has to do with another workspace's number: an app may be shared, now or when this came (P10).

    Looked for in the bytes, so that a body which nobody could parse is not shown either.
    """
    with connection.cursor() as cursor:
        asked: dict[str, int | str | bytes] = {"workspace": workspace.pk, "slug": workspace.slug}
        cursor.execute(NAMES_OTHERS, asked | {"shared": Action.APP_SHARED.value, "body": bytes(event.body)})
        return bool(cursor.fetchone()[0])


def odd(workspace: Workspace) -> list[OddEvent]:
    """The newest events that were set aside, hold something not understood, or name a number nobody has connected."""
    found = of_workspace(workspace).filter(~Q(problem="", orphans=[])).defer("body")
    return [_drawn(event) for event in found.order_by("-id")[:SHOWN]]


def last_received_at(workspace: Workspace) -> datetime | None:
    """When the newest event of the last seven days came."""
    recent = of_workspace(workspace).filter(day__gte=standing.first_day())
    return recent.order_by("-day", "-id").values_list("received_at", flat=True).first()


def refused(workspace: Workspace) -> list[Refused]:
    return standing.turned_away(Refusal.objects.filter(meta_app__in=workspace.meta_apps.values("pk")))


def _drawn(event: WebhookEvent) -> OddEvent:
    return OddEvent(event.day, event.pk, _what(event), event.received_at, event.times_received, tuple(_said(event)))


def _what(event: WebhookEvent) -> str:
    """Its trouble in a word: that the rest of an odd body was applied is not the news here."""
    if event.state != WebhookEvent.State.APPLIED:
        return event.get_state_display()
    return "Orphan" if event.orphans else "Not understood"


def _said(event: WebhookEvent) -> Iterable[str]:
    if event.state == WebhookEvent.State.SET_ASIDE:
        yield f"It could not be applied, even alone: {event.problem} Nothing of it is lost; it can be applied again."
    elif event.problem:
        yield event.problem
    if event.orphans:
        numbers = ", ".join(event.orphans)
        yield f"For a number that is not connected here: {numbers}. Connect it, and this is adopted within a minute."
