"""The clock, while the broker is away: one line for each tick, and no stack."""

from __future__ import annotations

import logging

from celery import Celery

from gigaviz.celery import Clock
from gigaviz.ports import free_port


def test_a_tick_that_does_not_reach_the_broker_is_one_line(caplog):
    gone = Celery(broker=f"redis://127.0.0.1:{free_port()}/0", set_as_current=False)
    gone.conf.update(broker_connection_max_retries=0, broker_connection_retry=False, task_publish_retry=False)
    gone.conf.beat_schedule = {"sweep": {"task": "inbox.sweep", "schedule": 1.0}}
    clock = Clock(app=gone, lazy=True)
    clock.setup_schedule()
    with caplog.at_level(logging.WARNING):
        clock.apply_entry(clock.schedule["sweep"])
    assert [record.getMessage() for record in caplog.records] == [
        "The clock's sweep did not reach the broker; the next tick is sent all the same."
    ]
    assert caplog.records[0].exc_info is None
