"""Pausing a number: nothing is sent from it until a person resumes it. It goes on receiving (P11)."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from workspaces.clock import tick
from workspaces.models import AuditEntry, User

from .models import Connection


@transaction.atomic
def pause(connection: Connection, actor: User | None = None) -> bool:
    """Audited, and every open page sees it with its next poll. False if it was paused already."""
    running = Connection.objects.filter(pk=connection.pk, paused_at__isnull=True)
    if not running.update(paused_at=timezone.now(), paused_by=actor):
        return False
    _tell(connection, "connection paused", actor)
    return True


@transaction.atomic
def resume(connection: Connection, actor: User | None = None) -> bool:
    """The way back. What was refused meanwhile stays unsent. False if it was not paused."""
    paused = Connection.objects.filter(pk=connection.pk, paused_at__isnull=False)
    if not paused.update(paused_at=None, paused_by=None):
        return False
    _tell(connection, "connection resumed", actor)
    return True


def _tell(connection: Connection, action: str, actor: User | None) -> None:
    AuditEntry.objects.create(workspace_id=connection.workspace_id, actor=actor, action=action, target=connection.name)
    tick([connection.workspace_id])
