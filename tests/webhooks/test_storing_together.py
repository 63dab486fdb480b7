"""Bodies that arrive together are stored with one commit, and each answers for itself alone."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connection, connections, transaction

from gigaviz.processes import wait_until
from tests import cast
from webhooks import log
from webhooks.models import WebhookEvent

pytestmark = pytest.mark.django_db(transaction=True)


def store(app_id: int, *bodies: bytes) -> None:
    """In a thread of its own: as one after another of Meta's deliveries would."""
    try:
        for body in bodies:
            log.store(app_id, body)
    finally:
        connections.close_all()


def store_as_one(pool: ThreadPoolExecutor, first: tuple[int, bytes], *others: tuple[int, bytes]) -> list[Future[None]]:
    """Hold the log until the first is being written and all others wait for it: they share the next commit."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE webhooks_webhookevent IN EXCLUSIVE MODE")
        started = [pool.submit(store, *first)]
        assert wait_until(lambda: log._queue.has_writer and not log._queue.waiting, 10)
        started += [pool.submit(store, *one) for one in others]
        assert wait_until(lambda: len(log._queue.waiting) == len(others), 10)
    return started


def stored() -> list[bytes]:
    return sorted(bytes(body) for body in WebhookEvent.objects.values_list("body", flat=True))


def test_all_that_many_threads_store_at_once_is_there():
    app = cast.kopi_kita().connection.meta_app
    bodies = [[f"{thread} {number}".encode() for number in range(50)] for thread in range(8)]
    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(store, app.pk, *some) for some in bodies]:
            done.result(30)
    assert stored() == sorted(body for some in bodies for body in some)
    assert (log._queue.has_writer, len(log._queue.waiting)) == (False, 0)


def test_the_same_body_twice_in_one_commit_is_one_event_that_counts_both():
    app = cast.kopi_kita().connection.meta_app
    with ThreadPoolExecutor(4) as pool:
        for done in store_as_one(pool, (app.pk, b"first"), (app.pk, b"same"), (app.pk, b"same"), (app.pk, b"other")):
            done.result(30)
    counts = dict(WebhookEvent.objects.values_list("body", "times_received"))
    assert {bytes(body): count for body, count in counts.items()} == {b"first": 1, b"same": 2, b"other": 1}


def test_a_body_that_the_database_refuses_takes_no_other_with_it():
    app = cast.kopi_kita().connection.meta_app
    nobody = app.pk + 1  # no such app: its row is refused, and with it the statement that was for all three
    with ThreadPoolExecutor(4) as pool:
        first, good, bad, last = store_as_one(pool, (app.pk, b"a"), (app.pk, b"b"), (nobody, b"c"), (app.pk, b"d"))
        for done in (first, good, last):
            done.result(30)
        with pytest.raises(IntegrityError):
            bad.result(30)
    assert stored() == [b"a", b"b", b"d"]
