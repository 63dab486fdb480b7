"""Several drains at once, drains and senders, a drain that is killed: on real PostgreSQL, with real threads and
processes. Whatever they do to each other, the inbox is the one that a single drain makes."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from connections.models import Connection
from gigaviz.processes import wait_until
from inbox import drain, settling, taking, versions, writing
from inbox.models import Conversation, Message, Receipt, Word
from tests import cast
from tests.cast import House
from tests.inbox import ours
from tests.inbox.natural import inbox_of
from webhooks.models import WebhookEvent
from workspaces.models import Membership, WorkspaceClock

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def at_once(*works: Callable[[], object]) -> Iterator[None]:
    """Run these in threads of their own, beside the block; whatever one of them raises is raised here."""
    raised: list[BaseException] = []

    def run(work: Callable[[], object]) -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001
            raised.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for thread in threads:
            thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads)
    if raised:
        raise raised[0]


def a_busy_day(house: House, size: int) -> None:
    """A log in which few people write much, are renamed, change numbers and get receipts, stored out of order."""
    dice = random.Random(7)
    for n in range(6):
        ours.message(house, f"tok{n}", "accepted", wamid=f"wamid.OURS{n}", at=cast.ago(hours=2))
    changes: list[dict[str, Any]] = []
    for n in range(size):
        who = dice.randrange(6)
        phone = dice.choice(["", f"62811{who % 4:04}"])
        bsuid = f"ID.{who}" if not phone else dice.choice(["", f"ID.{who}"])
        at = cast.ago(minutes=dice.randrange(90))
        text = dice.choice(["Hello", "STOP", "START", "Two bags"])
        says = cast.says(house, text, phone=phone, bsuid=bsuid, at=at, wamid=f"wamid.{n}", name=f"Name {n % 5}")
        word = dice.choice(["sent", "delivered", "read", "failed"])
        changes += [says, cast.status(house, f"wamid.OURS{who}", word, at=at)]
    dice.shuffle(changes)
    while changes:
        taken = [changes.pop() for _ in range(min(len(changes), dice.randrange(1, 4)))]
        cast.arrives(house, *taken, *dice.sample(taken, 1))


def by_one_drain(house: House) -> dict[str, Any]:
    """What a single drain makes of what waits; undone again."""
    with transaction.atomic():
        drain.drain()
        inbox = inbox_of(house.workspace)
        transaction.set_rollback(True)
    return inbox


def test_several_drains_at_once_make_the_inbox_of_one(house, monkeypatch):
    a_busy_day(house, 120)
    expected = by_one_drain(house)
    monkeypatch.setattr(taking, "MAX_EVENTS", 7)
    with at_once(*[drain.drain] * 4):
        pass
    drain.drain()
    assert set(WebhookEvent.objects.values_list("state", flat=True)) == {"applied"}
    assert inbox_of(house.workspace) == expected


DRAINING = """
import django; django.setup()
from inbox import drain, taking
taking.MAX_EVENTS = 2
print("draining", flush=True)
drain.drain()
"""


def database_url() -> str:
    facts = connection.settings_dict
    host = facts["OPTIONS"].get("host") or facts["HOST"]
    user, secret = facts["USER"], f":{facts['PASSWORD']}" if facts["PASSWORD"] else ""
    return f"postgresql://{user}{secret}@:{facts['PORT'] or 5432}/{facts['NAME']}?host={host}"


def test_a_drain_that_is_killed_loses_nothing(house):
    """kill -9, three times, each as soon as it is seen to have applied something."""
    a_busy_day(house, 150)
    expected = by_one_drain(house)
    applied = WebhookEvent.objects.exclude(state="waiting")
    environment = os.environ | {"DATABASE_URL": database_url(), "DJANGO_SETTINGS_MODULE": "gigaviz.settings"}
    for _ in range(3):
        before = applied.count()
        killed = subprocess.Popen(
            [sys.executable, "-c", DRAINING], env=environment, cwd=settings.BASE_DIR, stdout=subprocess.PIPE
        )
        assert killed.stdout is not None
        assert killed.stdout.readline() == b"draining\n"
        while applied.count() == before and killed.poll() is None:
            pass
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        killed.stdout.close()
    assert WebhookEvent.objects.filter(state="waiting").exists(), "every drain finished before it was killed"
    drain.drain()
    assert inbox_of(house.workspace) == expected


def test_a_drain_passes_over_what_another_has_taken(house):
    cast.arrives(house, cast.says(house, "taken"))
    taken, done = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            list(WebhookEvent.objects.filter(state="waiting").select_for_update())
            taken.set()
            done.wait(30)

    with at_once(hold):
        taken.wait(30)
        cast.arrives(house, cast.says(house, "free"))
        assert drain.drain() == 1
        assert Message.objects.get().text == "free"
        done.set()
    assert drain.drain() == 1


def test_replies_answers_and_receipts_at_once_never_lock_each_other_out(house):
    """An agent writes, workers settle, and drains apply messages and receipts of the same conversation."""
    alice = cast.alice(house)
    membership = Membership.objects.get(user=alice)
    for n in range(30):
        ours.message(house, f"tok{n}", "accepted", wamid=f"wamid.sent{n}")
    cast.arrives(house, cast.says(house, phone="628110000001", bsuid=""))
    drain.drain()
    talk = Conversation.objects.get()
    unsettled = [ours.message(house, f"late{n}", "unconfirmed") for n in range(30)]

    def write() -> None:
        for _ in range(30):
            version = WorkspaceClock.objects.get(workspace=house.workspace).version + 1000
            written = writing.write_reply(
                conversation=Conversation.objects.get(pk=talk.pk), membership=membership, text="Hi",
                form_token=uuid.uuid4(), position=version, confirmed=["behind"], now=timezone.now(),
            )  # fmt: skip
            assert isinstance(written, writing.Written), written

    def settle() -> None:
        for n, message in enumerate(unsettled):
            settling.settle_accepted(message, message.attempts.get(), ours.accepted(f"wamid.late{n}"))

    def receive() -> None:
        for n in range(30):
            receipts = [cast.status(house, f"wamid.{kind}{n}", "delivered") for kind in ("sent", "late")]
            cast.arrives(house, *receipts, cast.says(house, phone="628110000001", bsuid=""))
            drain.sweep()

    with connection.cursor() as cursor:
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        before = cursor.fetchone()
    with at_once(write, settle, receive, drain.sweep, receive):
        pass
    drain.sweep()
    assert not Message.objects.filter(token__startswith="late").exclude(word=Word.DELIVERED).exists()
    assert not Receipt.objects.filter(message=None).exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        assert cursor.fetchone() == before


def test_a_poll_that_has_seen_a_version_never_misses_a_change_before_it(house):
    """Writers commit in any order; whoever asks for what is newer than the last answer ends up with all of it."""
    messages = [ours.message(house, f"tok{n}", "accepted") for n in range(3)]
    rounds = 25
    finished = threading.Event()

    def change(message: Message) -> Callable[[], None]:
        def run() -> None:
            for n in range(rounds):
                with transaction.atomic():
                    Message.objects.filter(pk=message.pk).update(text=str(n))
                    versions.stamp(messages={house.workspace.pk: [message.pk]})

        return run

    shown: dict[int, str] = {}

    def poll(seen: int) -> int:
        version = WorkspaceClock.objects.get(workspace=house.workspace).version
        for pk, text in Message.objects.filter(version__gt=seen).values_list("pk", "text"):
            shown[pk] = text
        return version

    def watch() -> None:
        seen = 0
        while not finished.is_set():
            seen = poll(seen)
        poll(seen)

    with at_once(watch):
        with at_once(*[change(message) for message in messages]):
            pass
        finished.set()
    assert shown == dict.fromkeys([message.pk for message in messages], str(rounds - 1))


def test_a_version_is_not_given_out_while_an_earlier_one_is_not_committed(house):
    one, other = (ours.message(house, f"tok{n}", "accepted") for n in range(2))
    stamped, commit = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            versions.stamp(messages={house.workspace.pk: [one.pk]})
            stamped.set()
            commit.wait(30)

    def quick() -> None:
        stamped.wait(30)
        with transaction.atomic():
            versions.stamp(messages={house.workspace.pk: [other.pk]})

    with at_once(slow, quick):
        stamped.wait(30)
        assert WorkspaceClock.objects.get(workspace=house.workspace).version == 0
        assert not Message.objects.filter(version__gt=0).exists()
        commit.set()
    assert {one.version for one in Message.objects.all()} == {1, 2}


def test_a_receipt_whose_message_is_deleted_meanwhile_is_kept_without_it(house):
    """The drain has found the message by its token, and waits for its lock while another deletes it."""
    message = ours.message(house, "tok", "accepted")
    cast.arrives(house, cast.status(house, "wamid.tok", "delivered", biz_opaque_callback_data="tok.1"))
    deleted = threading.Event()

    def delete() -> None:
        with transaction.atomic():
            Message.objects.filter(pk=message.pk).delete()
            deleted.set()
            wait_until(somebody_waits_for_a_lock, 30)

    with at_once(delete):
        deleted.wait(30)
        drain.drain()
    assert not Message.objects.exists()
    assert [(one.status, one.message_id, one.attempt) for one in Receipt.objects.all()] == [("delivered", None, None)]


def test_an_environment_that_changes_while_a_drain_opens_the_first_conversation_waits_and_is_refused(house):
    """The drain has opened it, and waits for the workspace's clock; the number's row is where the two meet."""
    cast.arrives(house, cast.says(house, "Hello"))
    held = threading.Event()

    def hold_the_clock() -> None:
        with transaction.atomic():
            WorkspaceClock.objects.select_for_update().get()
            held.set()
            assert wait_until(lambda: waiting_for_a_lock() == 2, 30)

    def open_the_first() -> None:
        held.wait(30)
        drain.drain()

    with at_once(hold_the_clock, open_the_first):
        held.wait(30)
        assert wait_until(somebody_waits_for_a_lock, 30)
        with pytest.raises(IntegrityError, match="its environment stays"):
            Connection.objects.filter(pk=house.connection.pk).update(environment="production")
    house.connection.refresh_from_db()
    assert house.connection.environment == "simulator"
    assert Conversation.objects.count() == 1


def somebody_waits_for_a_lock() -> bool:
    return waiting_for_a_lock() > 0


def waiting_for_a_lock() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return int(cursor.fetchall()[0][0])
