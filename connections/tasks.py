"""What the workers do for connections, a line each."""

from __future__ import annotations

from celery import shared_task

from . import app_secrets


@shared_task(name="connections.forget_old_secrets")
def forget_old_secrets() -> None:
    app_secrets.forget_old()
