"""Pausing a number: nothing is sent from it until a person resumes it. It goes on receiving (P11)."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from workspaces import audit
from workspaces.audit import Action
from workspaces.models import User

from .models import Connection


@transaction.atomic
def pause(connection: Connection, actor: User | None = None) -> bool:
    """Audited, and every open page sees it with its next poll. False if it was paused already."""
    running = Connection.objects.filter(pk=connection.pk, paused_at__isnull=True)
    if not running.update(paused_at=timezone.now(), paused_by=actor):
        return False
    audit.record(connection.workspace_id, actor, Action.CONNECTION_PAUSED, connection.name, about=connection.pk)
    return True


@transaction.atomic
def resume(connection: Connection, actor: User | None = None) -> bool:
    """The way back. What was refused meanwhile stays unsent. False if it was not paused."""
    paused = Connection.objects.filter(pk=connection.pk, paused_at__isnull=False)
    if not paused.update(paused_at=None, paused_by=None):
        return False
    audit.record(connection.workspace_id, actor, Action.CONNECTION_RESUMED, connection.name, about=connection.pk)
    return True
