"""The workers: two queues, so that slow sends never starve what comes in, and a clock that ticks each second.

celery -A gigaviz.celery worker -Q ingest       drain, sweeps, dispatcher, reaper
celery -A gigaviz.celery worker -Q sending      Graph calls and files
celery -A gigaviz.celery beat                   the clock, exactly one
"""

from __future__ import annotations

import logging
import os
from typing import Any

from celery import Celery
from celery.app.amqp import AMQP
from celery.beat import ScheduleEntry, Scheduler, SchedulingError
from django.conf import settings
from kombu import Connection

logger = logging.getLogger(__name__)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gigaviz.settings")


class SteadyConnection(Connection):
    """Asks for a lost broker each second, for ever. Celery would wait up to half a minute between two tries."""

    def ensure_connection(self, *args: Any, **options: Any) -> Any:
        return super().ensure_connection(
            *args, **{"interval_start": 1, "interval_step": 0, "interval_max": 1} | options
        )


class SteadyAMQP(AMQP):
    Connection = SteadyConnection


class Clock(Scheduler):
    """Says in one line that a tick did not reach the broker. Celery would write two stacks, three times a second."""

    def apply_entry(self, entry: ScheduleEntry, producer: Any = None) -> None:
        try:
            self.apply_async(entry, producer=producer, advance=False)
        except SchedulingError:
            logger.warning("The clock's %s did not reach the broker; the next tick is sent all the same.", entry.name)


app = Celery("gigaviz", amqp=SteadyAMQP)
TICK = 1.0


def _each(seconds: float, task: str, queue: str = "ingest") -> dict[str, object]:
    # A tick that waited for a worker is worth nothing once the next is there.
    return {"task": task, "schedule": seconds, "options": {"queue": queue, "expires": max(5.0, seconds)}}


app.conf.update(
    broker_url=settings.REDIS_URL,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,  # for ever
    broker_connection_retry=True,
    # A broker that is gone, or there and silent, is noticed within seconds rather than hours, and so is its return:
    # whoever waits for an answer when it comes back has to give up and ask again within the 5 s we promise.
    broker_transport_options={
        "socket_connect_timeout": 2,
        "socket_timeout": 3,
        "socket_keepalive": True,
        "health_check_interval": 5,
        "visibility_timeout": 3600,
        "interval_start": 0.2,
        "interval_step": 0.3,
        "interval_max": 2,
    },
    task_ignore_result=True,
    task_store_errors_even_if_ignored=False,
    task_default_queue="ingest",
    task_create_missing_queues=True,
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    worker_send_task_events=False,
    # Tasks are acknowledged when they begin, so it cancels nothing; unset or off, Celery warns at each lost connection.
    worker_cancel_long_running_tasks_on_connection_loss=True,
    broker_heartbeat=0,
    timezone="UTC",
    beat_schedule={
        "sweep": _each(TICK, "inbox.sweep"),
        "dispatch": _each(TICK, "inbox.dispatch"),
        "reap": _each(TICK, "inbox.reap"),
        "templates": _each(10.0, "connections.sync_due_templates"),
        "forget_old_secrets": _each(600.0, "connections.forget_old_secrets"),
    },
    beat_max_loop_interval=1,
    beat_scheduler="gigaviz.celery:Clock",  # in memory: a schedule of seconds needs no file
)
app.autodiscover_tasks(["inbox", "connections", "connections.message_templates"])
