"""When somebody stops working in a workspace, the conversations they own go back to open: nobody waits for them."""

from __future__ import annotations

from django.utils import timezone

from workspaces.models import User

from . import versions
from .models import Act
from .sql import rows

OWNED = "SELECT id FROM inbox_conversation WHERE workspace_id = %s AND owner_id = %s ORDER BY id FOR NO KEY UPDATE"
RELEASE = "UPDATE inbox_conversation SET owner_id = NULL WHERE id = ANY(%s) RETURNING id, closed_at IS NULL"


def release_all(workspace_id: int, who: User, *, because: str, by: User | None) -> None:
    """A line in each thread that is open says why. A closed one loses its owner too, for when it opens again.

    Called while the membership is locked, which `ownership.give` waits for: no conversation is given to them meanwhile.
    """
    now = timezone.now()
    owned = [row[0] for row in rows(OWNED, [workspace_id, who.pk])]
    if not owned:
        return
    opened = sorted(row[0] for row in rows(RELEASE, [owned]) if row[1])
    Act.objects.bulk_create(
        (
            Act(
                workspace_id=workspace_id,
                conversation_id=conversation,
                kind=Act.Kind.RELEASED,
                actor=by,
                owner=who,
                detail=because,
                at=now,
            )
            for conversation in opened
        ),
        batch_size=1000,
    )
    versions.stamp(conversations={workspace_id: owned})
