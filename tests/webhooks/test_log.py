"""The raw log (P1): what `store` returned for is on disk, whoever else was storing; what is not is never said to be."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime

import psycopg
import pytest
from django.db import Error, IntegrityError, OperationalError, connection, transaction
from django.test import Client

from gigaviz.processes import wait_until
from tests import cast
from webhooks import log, signature
from webhooks.models import Refusal, WebhookEvent

pytestmark = pytest.mark.django_db(transaction=True)
NOBODYS_APP = 2**40
HELD_UP = "pg_locks WHERE NOT granted AND relation = 'webhooks_webhookevent'::regclass"


@pytest.fixture
def app():
    return cast.kopi_kita().connection.meta_app


def outcome_of(call: Callable[[], object]) -> Error | None:
    """Call from a thread with a database connection of its own; what was raised, or None."""
    try:
        call()
    except Error as error:
        return error
    finally:
        connection.close()
    return None


def are_storing(threads: list[threading.Thread]) -> bool:
    """Whether all of these threads have come to `log.store`, and all but the one that writes wait there."""
    frames = sys._current_frames()
    innermost = [frames[thread.ident].f_code.co_filename for thread in threads if thread.ident in frames]
    return sum(file == log.__file__ for file in innermost) >= len(threads) - 1


def store_together(*bodies: tuple[int, bytes]) -> list[Error | None]:
    """Store these from a thread each, all of them while the first is held up at the table."""
    outcomes: list[Error | None] = [None] * len(bodies)

    def store(place: int) -> None:
        outcomes[place] = outcome_of(lambda: log.store(*bodies[place]))

    threads = [threading.Thread(target=store, args=(place,)) for place in range(len(bodies))]
    with psycopg.connect(**connection.get_connection_params()) as other:
        other.execute("LOCK TABLE webhooks_webhookevent IN SHARE MODE")
        for thread in threads:
            thread.start()
        assert wait_until(lambda: are_storing(threads), 20.0)
    for thread in threads:
        thread.join()
    return outcomes


def stored() -> list[bytes]:
    return sorted(bytes(body) for body in WebhookEvent.objects.values_list("body", flat=True))


def test_what_arrives_together_is_each_stored_once_and_byte_for_byte(app):
    bodies = [b'{"n": %d, "odd": "\xff\x00"}' % number for number in range(12)]
    assert store_together(*[(app.pk, body) for body in bodies]) == [None] * 12
    assert stored() == sorted(bodies)
    assert set(WebhookEvent.objects.values_list("times_received", flat=True)) == {1}


def test_what_arrives_together_shares_a_commit(app):
    store_together(*[(app.pk, b"%d" % number) for number in range(12)])
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(DISTINCT xmin::text) FROM webhooks_webhookevent")
        (commits,) = cursor.fetchone()
    assert commits < 6  # the one that was held up, and one for all that waited for it; a thread may come late


def test_a_body_that_arrives_twelve_times_at_once_is_counted_twelve_times(app):
    assert store_together(*[(app.pk, b"{}")] * 12) == [None] * 12
    assert WebhookEvent.objects.get().times_received == 12


def test_bodies_too_large_for_one_batch_are_all_stored_before_anybody_is_told_so(app):
    bodies = [bytes([65 + number]) * (3 * 1024 * 1024) for number in range(6)]
    assert store_together(*[(app.pk, body) for body in bodies]) == [None] * 6
    assert stored() == sorted(bodies)


def test_whoever_is_told_that_a_body_is_stored_is_told_the_truth(app, monkeypatch):
    """Turns are taken in no order, and none reaches further than a batch: it may end before our own body."""
    monkeypatch.setattr(log, "MAX_BYTES", 16)
    lost: list[bytes] = []

    def store(thread: int) -> None:
        for number in range(40):
            body = b"%d-%d" % (thread, number)
            log.store(app.pk, body)
            if not WebhookEvent.objects.filter(body=body).exists():
                lost.append(body)

    outcomes: list[Error | None] = []
    threads = [
        threading.Thread(target=lambda thread=thread: outcomes.append(outcome_of(lambda: store(thread))))
        for thread in range(12)
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert (outcomes, lost) == ([None] * 12, [])
    assert WebhookEvent.objects.count() == 12 * 40


def test_a_body_that_cannot_be_stored_fails_alone(app):
    outcomes = store_together((app.pk, b"a"), (app.pk, b"b"), (NOBODYS_APP, b"poison"), (app.pk, b"c"))
    assert [type(one) for one in outcomes] == [type(None), type(None), IntegrityError, type(None)]
    assert stored() == [b"a", b"b", b"c"]


def test_the_same_body_of_two_apps_is_two_events(app):
    other = cast.teh_tubruk().connection.meta_app
    assert store_together((app.pk, b"{}"), (other.pk, b"{}")) == [None, None]
    assert WebhookEvent.objects.count() == 2


def test_the_same_body_on_another_day_is_another_event(app):
    for day in (1, 2, 2):
        log.store(app.pk, b"{}", datetime(2031, 1, day, 12, tzinfo=UTC))
    assert list(WebhookEvent.objects.order_by("day").values_list("times_received", flat=True)) == [1, 2]


def test_the_first_and_the_last_time_received_are_kept(app):
    first, last = datetime(2031, 1, 1, 12, tzinfo=UTC), datetime(2031, 1, 1, 13, tzinfo=UTC)
    log.store(app.pk, b"{}", first)
    log.store(app.pk, b"{}", last)
    event = WebhookEvent.objects.get()
    assert (event.received_at, event.last_received_at) == (first, last)


def test_a_repeat_of_an_applied_event_does_not_make_it_wait_again(app):
    log.store(app.pk, b"{}")
    WebhookEvent.objects.update(state="applied")
    log.store(app.pk, b"{}")
    assert WebhookEvent.objects.values_list("state", "times_received").get() == ("applied", 2)


def cut_all_connections() -> None:
    """What a restart of PostgreSQL does to us: every connection is gone, a new one works."""
    with psycopg.connect(**connection.get_connection_params(), autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def test_a_restart_of_postgresql_between_two_bodies_is_not_noticed(app):
    log.store(app.pk, b"before")
    cut_all_connections()
    log.store(app.pk, b"after")
    cut_all_connections()
    log.count_refusal(app.pk, "wrong")
    assert stored() == [b"after", b"before"]
    assert Refusal.objects.get().count == 1


def test_a_restart_of_postgresql_in_the_midst_of_a_write_is_survived(app):
    outcomes: list[Error | None] = []
    with psycopg.connect(**connection.get_connection_params()) as other:
        other.execute("LOCK TABLE webhooks_webhookevent IN SHARE MODE")
        thread = threading.Thread(target=lambda: outcomes.append(outcome_of(lambda: log.store(app.pk, b"{}"))))
        thread.start()
        assert wait_until(lambda: other.execute(f"SELECT pid FROM {HELD_UP}").fetchone() is not None, 20.0)
        other.execute(f"SELECT pg_terminate_backend(pid) FROM {HELD_UP}")
    thread.join()
    assert outcomes == [None]
    assert stored() == [b"{}"]


@pytest.fixture
def no_database():
    """A PostgreSQL that refuses connections."""
    port = connection.settings_dict["PORT"]
    host = connection.settings_dict["HOST"]
    connection.close()
    connection.settings_dict |= {"PORT": "1", "HOST": "127.0.0.1"}
    yield
    connection.settings_dict |= {"PORT": port, "HOST": host}
    connection.close()


def test_without_a_database_nothing_is_called_stored(app, no_database):
    with pytest.raises(OperationalError):
        log.store(app.pk, b"{}")


def test_meta_is_asked_to_come_again_while_there_is_no_database(app, request):
    path, headers = f"/webhooks/meta/{app.public_id}/", {"X-Hub-Signature-256": signature.sign(app.app_secret, b"{}")}
    request.getfixturevalue("no_database")
    post = Client().post(path, b"{}", content_type="application/json", headers=headers)
    get = Client().get(path, {"hub.mode": "subscribe", "hub.challenge": "1", "hub.verify_token": "verify"})
    assert (post.status_code, get.status_code) == (503, 503)
    assert "again" in post.content.decode()


def test_inside_a_transaction_a_lost_connection_is_never_papered_over(app):
    def store() -> None:
        with transaction.atomic():
            WebhookEvent.objects.count()
            cut_all_connections()
            log.store(app.pk, b"{}")

    with pytest.raises(Error):
        store()
    assert not WebhookEvent.objects.exists()


def test_refusals_are_counted_by_app_day_and_reason(app):
    day, next_day = datetime(2031, 1, 1, 23, tzinfo=UTC), datetime(2031, 1, 2, 1, tzinfo=UTC)
    for reason, at in (("wrong", day), ("wrong", day), ("missing", day), ("wrong", next_day)):
        log.count_refusal(app.pk, reason, at)
    counts = Refusal.objects.order_by("day", "reason").values_list("day", "reason", "count")
    assert list(counts) == [
        (day.date(), "missing", 1),
        (day.date(), "wrong", 2),
        (next_day.date(), "wrong", 1),
    ]
