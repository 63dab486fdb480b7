"""What the workers do, a line each. A task is only a hint: the rows say what there is to do."""

from __future__ import annotations

from celery import shared_task

from webhooks import partitions

from . import drain as draining
from . import media, reaper, sending


@shared_task(name="inbox.drain")
def drain() -> None:
    draining.drain(draining.LONGEST_RUN_SECONDS)


@shared_task(name="inbox.sweep")
def sweep() -> None:
    draining.sweep()
    partitions.keep_days()


@shared_task(name="inbox.dispatch")
def dispatch() -> None:
    sending.dispatch()
    media.dispatch()


@shared_task(name="inbox.reap")
def reap() -> None:
    reaper.reap()


@shared_task(name="inbox.deliver")
def deliver(message_id: int) -> None:
    sending.deliver(message_id)


@shared_task(name="inbox.fetch_media")
def fetch_media(message_id: int) -> None:
    media.fetch(message_id)
