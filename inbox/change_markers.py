"""Change markers: what people changed around a conversation, as lines among its messages.

They are entries of the audit trail about the whole workspace, or about the conversation's connection, its Meta app or
its account. Nothing is written to the conversations: the clock's row says whether there is a newer one, which a poll
has read before it asks for anything, and compare-and-send does not count them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet

from connections.models import Connection
from workspaces.audit import MARKERS, Action
from workspaces.audit_words import sentence_of
from workspaces.models import AuditEntry, Workspace

from .act_lines import Line
from .models import Conversation
from .sql import rows

# Of each thing that they may be about. Of more, in one page of a thread, nobody reads every line.
MOST = 200
ICONS = {
    Action.SANDBOX_SWITCHED: "beaker",
    Action.WHITELIST_CHANGED: "list-bullet",
    Action.TOKEN_REPLACED: "key",
    Action.APP_SECRET_REPLACED: "key",
    Action.CONNECTION_PAUSED: "pause",
    Action.CONNECTION_RESUMED: "play",
    Action.CONNECTION_PROVEN: "check-badge",
    Action.TEMPLATE_CREATED: "document-text",
    Action.TEMPLATE_CHANGED: "document-text",
    Action.TEMPLATE_DELETED: "document-text",
}
OTHER_ICON = "cog-6-tooth"
# The newest about each thing, by the index; the filter comes last, for what a poll has seen already.
NEWEST = """
SELECT entry.id FROM unnest(%s::text[], %s::text[]) subject (kind, id) CROSS JOIN LATERAL (
    SELECT id FROM workspaces_auditentry
    WHERE workspace_id = %s AND subject_kind = subject.kind AND subject_id = subject.id AND version > %s
        AND created_at >= %s AND created_at < COALESCE(%s, 'infinity'::timestamptz)
        AND action = ANY(%s::text[])
    ORDER BY created_at DESC LIMIT %s
) entry
"""


def subjects_of(connection: Connection) -> list[tuple[str, str]]:
    """What a change may be about to matter to this connection's conversations."""
    return [
        ("workspace", str(connection.workspace_id)),
        ("connection", str(connection.pk)),
        ("app", str(connection.meta_app_id)),
        ("waba", connection.waba_id),
    ]


def between(
    connection: Connection,
    since: datetime,
    until: datetime | None = None,
    *,
    seen: int = 0,
    actions: Iterable[Action] = MARKERS,
) -> QuerySet[AuditEntry]:
    """The changes from a time on (and before another), raised after a version of the workspace's clock."""
    kinds, ids = zip(*subjects_of(connection), strict=True)
    # The ids first: joined in one statement, the planner reads a middling trail whole to find these few.
    found = rows(NEWEST, [list(kinds), list(ids), connection.workspace_id, seen, since, until, list(actions), MOST])
    entries = AuditEntry.objects.filter(pk__in=[row[0] for row in found])
    return entries.select_related("actor")


def are_news(workspace: Workspace, seen: int) -> bool:
    """Whether any change is newer than a version; of the clock's row, which was read with the membership."""
    return workspace.clock.marked_version > seen


def since(conversation: Conversation, seen: int, oldest: datetime | None, upto: int | None) -> list[AuditEntry]:
    """What a poll brings: the changes it has not seen, as far as its page of the thread reaches back."""
    start = oldest or conversation.messages.order_by("placed_at").values_list("placed_at", flat=True).first()
    if start is None:
        return []
    found = between(conversation.connection, start, seen=seen)
    return list(found if upto is None else found.filter(version__lte=upto))


def line_of(entry: AuditEntry, of: int = 1) -> Line:
    """`of` counts those of its kind that it stands for, itself among them."""
    action = Action(entry.action) if entry.action in ICONS else None
    return Line(
        kind="change",
        id=entry.pk,
        text=sentence_of(entry) + (f" (the last of {of} changes)" if of > 1 else ""),
        at=entry.created_at,
        version=entry.version or 0,
        order=(entry.created_at, entry.version or 0, entry.pk),
        icon=ICONS[action] if action else OTHER_ICON,
    )


def gathered(entries: Iterable[AuditEntry], lines: Iterable[Line]) -> list[Line]:
    """The changes as lines; of those of one kind between two lines of the thread, the newest, with how many there were.

    A whitelist filled one by one would else hide what was said.
    """
    at = sorted(line.at for line in lines)
    newest: dict[tuple[int, str, str], AuditEntry] = {}
    count: Counter[tuple[int, str, str]] = Counter()
    for entry in sorted(entries, key=lambda entry: (entry.created_at, entry.pk)):
        key = (sum(1 for one in at if one <= entry.created_at), entry.action, entry.target)
        newest[key] = entry
        count[key] += 1
    return [line_of(entry, count[key]) for key, entry in newest.items()]
