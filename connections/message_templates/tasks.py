"""What the workers do for templates. A task is only a hint: the rows say which accounts are due."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from . import sync


@shared_task(name="connections.sync_due_templates")
def sync_due_templates() -> None:
    for workspace_id, waba_id in sync.due(timezone.now()):
        # One that nobody took is worth nothing: what is still due is said again.
        sync_templates.apply_async((workspace_id, waba_id), queue="sending", expires=60)


@shared_task(name="connections.sync_templates")
def sync_templates(workspace_id: int, waba_id: str) -> None:
    sync.sync(workspace_id, waba_id, only_if_due=True)
