"""Hints to the workers: few, from a thread of their own, never in anybody's way, and counted where they fail."""

from __future__ import annotations

import json
import threading
import time
from base64 import b64decode
from collections.abc import Callable
from math import ceil

import pytest
import redis
from celery import current_app
from django.conf import settings
from django.test import Client

from gigaviz.processes import wait_until
from tests import cast
from webhooks import signature, wake
from webhooks.models import WebhookEvent

from .broker import relay

PATIENCE = 20.0


@pytest.fixture
def real():
    """The tests' own Redis, without hints from elsewhere."""
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        client.flushdb()
        yield client
        client.flushdb()


@pytest.fixture
def broker(real, settings, monkeypatch):
    with relay(settings.REDIS_URL) as made:
        point_at(made.url, settings, monkeypatch)
        yield made


@pytest.fixture
def nobody(settings, monkeypatch):
    """An address where connections are refused."""
    point_at("redis://:hush@127.0.0.1:1/0", settings, monkeypatch)


@pytest.fixture
def waker(monkeypatch):
    """A waker of this test's own, in the place of the process's."""
    made = wake.Waker()
    monkeypatch.setattr(wake, "wake_drain", made.drain)
    return made


def point_at(url: str, settings, monkeypatch) -> None:
    settings.REDIS_URL = url
    monkeypatch.setitem(current_app.conf, "broker_url", url)


def hints(real: redis.Redis, queue: str) -> list[tuple[str, list[object]]]:
    """The tasks in a queue with their arguments, oldest first."""
    messages = [json.loads(message) for message in reversed(real.lrange(queue, 0, -1))]
    return [(one["headers"]["task"], json.loads(b64decode(one["body"]))[0]) for one in messages]


def ends(call: Callable[[], object]) -> bool:
    """Whether a call comes to an end at all, while whatever it may wait for never happens."""
    thread = threading.Thread(target=call, daemon=True)
    thread.start()
    thread.join(PATIENCE)
    return not thread.is_alive()


def test_a_burst_of_events_is_one_hint(real, broker, waker):
    for _ in range(500):
        waker.drain()
    assert wait_until(lambda: hints(real, "ingest") != [], PATIENCE)
    waker.publish("inbox.fetch_media", 1, queue="sending")  # said after all that came before it
    assert wait_until(lambda: hints(real, "sending") != [], PATIENCE)
    assert hints(real, "ingest") == [("inbox.drain", [])]


def test_the_mark_of_a_pending_hint_ends_by_itself(real, broker, waker):
    waker.drain()
    assert wait_until(lambda: real.exists(wake.PENDING_KEY) == 1, PATIENCE)
    assert 0 < real.pttl(wake.PENDING_KEY) <= 2000


def test_a_drain_that_begins_asks_for_the_next_hint(real, broker, waker):
    for count in (1, 2, 3):
        waker.drain()
        assert wait_until(lambda: len(hints(real, "ingest")) == count, PATIENCE)  # noqa: B023 - called at once
        waker.clear_mark()


def test_redis_is_asked_at_most_once_per_fifty_milliseconds(real, broker, waker):
    started = time.monotonic()
    while broker.count(b"SET") < 5:
        waker.drain()
        real.delete(wake.PENDING_KEY)
    passed = time.monotonic() - started
    assert broker.count(b"SET") <= ceil(passed / wake.GAP_SECONDS) + 1


def test_each_note_for_a_message_is_passed_on_in_order(real, broker, waker):
    for message_id in range(20):
        waker.publish("inbox.fetch_media", message_id, queue="sending")
    assert wait_until(lambda: len(hints(real, "sending")) == 20, PATIENCE)
    assert hints(real, "sending") == [("inbox.fetch_media", [message_id]) for message_id in range(20)]


def test_a_hint_that_is_refused_is_counted_and_never_raised(nobody, waker):
    waker.drain()
    assert wait_until(lambda: waker.failures == 1, PATIENCE)
    waker.publish("inbox.deliver", 1, queue="sending")
    assert wait_until(lambda: waker.failures == 2, PATIENCE)
    waker.clear_mark()
    assert waker.failures == 3


def test_a_failure_is_logged_without_the_password(nobody, waker, caplog):
    waker.drain()
    assert wait_until(lambda: bool(caplog.messages), PATIENCE)
    assert "could not be woken" in caplog.text
    assert "hush" not in caplog.text


def test_hints_go_on_when_the_broker_is_back(real, broker, waker):
    broker.is_silent = True
    waker.drain()
    assert wait_until(lambda: waker.failures == 1, PATIENCE)
    broker.is_silent = False
    waker.drain()
    assert wait_until(lambda: hints(real, "ingest") == [("inbox.drain", [])], PATIENCE)


def test_a_silent_broker_is_given_up_on(broker, waker):
    broker.is_silent = True
    waker.drain()
    waker.publish("inbox.deliver", 1, queue="sending")
    assert wait_until(lambda: waker.failures >= 1, PATIENCE)


@pytest.fixture
def patient(monkeypatch):
    """With time-outs of a minute, whoever waits for a broker that never answers is caught waiting."""
    monkeypatch.setattr(wake, "TIMEOUT_SECONDS", 60.0)


def test_whoever_hints_does_not_wait_for_a_silent_broker(broker, waker, patient):
    broker.is_silent = True

    def hint() -> None:
        for _ in range(100):
            waker.drain()
            waker.publish("inbox.deliver", 1, queue="sending")

    assert ends(hint)
    assert wait_until(lambda: bool(broker.heard), PATIENCE)  # it is asked, and says nothing
    assert ends(hint)
    assert waker.failures == 0


def signed_post(app, body: bytes) -> int:
    headers = {"X-Hub-Signature-256": signature.sign(app.app_secret, body)}
    path = f"/webhooks/meta/{app.public_id}/"
    return Client().post(path, body, content_type="application/json", headers=headers).status_code


@pytest.mark.django_db
def test_meta_has_its_answer_while_the_broker_hangs(broker, waker, patient):
    app = cast.kopi_kita().connection.meta_app
    broker.is_silent = True
    assert signed_post(app, b"{}") == 200
    assert wait_until(lambda: bool(broker.heard), PATIENCE)
    assert signed_post(app, b'{"entry": []}') == 200
    assert (WebhookEvent.objects.count(), waker.failures) == (2, 0)


@pytest.mark.django_db
def test_meta_has_its_answer_while_the_broker_refuses(nobody, waker):
    app = cast.kopi_kita().connection.meta_app
    assert signed_post(app, b"{}") == 200
    assert wait_until(lambda: waker.failures == 1, PATIENCE)
    assert signed_post(app, b"{}") == 200
    assert WebhookEvent.objects.get().times_received == 2


@pytest.mark.django_db
def test_a_refused_body_wakes_nobody(broker, waker):
    app = cast.kopi_kita().connection.meta_app
    path = f"/webhooks/meta/{app.public_id}/"
    assert Client().post(path, b"{}", content_type="application/json").status_code == 403
    waker.publish("inbox.fetch_media", 1, queue="sending")
    assert wait_until(lambda: broker.count(b"LPUSH") == 1, PATIENCE)
    assert broker.count(wake.PENDING_KEY.encode()) == 0
