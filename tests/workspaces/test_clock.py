"""The workspace's clock: one tick for each transaction that changes a screen, in the order in which they commit."""

from __future__ import annotations

import threading

import pytest
from django.db import DatabaseError, connection, transaction

from gigaviz.processes import wait_until
from tests import cast
from workspaces.clock import tick
from workspaces.models import WorkspaceClock

HELD = "SELECT count(*) FROM pg_locks WHERE NOT granted"


def version(workspace) -> int:
    return WorkspaceClock.objects.get(workspace=workspace).version


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(HELD)
        return bool(cursor.fetchone()[0])


class Other(threading.Thread):
    """Another process, with a connection of its own; `join` raises what it raised."""

    def __init__(self, does) -> None:
        super().__init__()
        self.does = does
        self.error: DatabaseError | None = None
        self.start()

    def run(self) -> None:
        try:
            self.does()
        except DatabaseError as error:
            self.error = error
        finally:
            connection.close()

    def join(self, timeout: float | None = 20) -> None:
        super().join(timeout)
        assert not self.is_alive()
        if self.error is not None:
            raise self.error


@pytest.mark.django_db
def test_a_tick_raises_the_clock_by_one_and_says_its_new_version():
    workspace = cast.kopi_kita().workspace
    assert [tick([workspace.pk]) for _ in range(3)] == [{workspace.pk: n} for n in (1, 2, 3)]
    assert version(workspace) == 3


@pytest.mark.django_db
def test_only_the_clocks_named_are_raised_each_once_and_unknown_ones_are_left_out():
    one, two = cast.kopi_kita().workspace, cast.teh_tubruk().workspace
    assert tick([one.pk, one.pk, 10**9]) == {one.pk: 1}
    assert version(two) == 0
    assert tick([]) == {}
    assert tick([two.pk, one.pk]) == {one.pk: 2, two.pk: 1}


@pytest.mark.django_db(transaction=True)
def test_who_ticks_second_waits_for_the_first_to_commit_so_that_versions_follow_commits():
    workspace = cast.kopi_kita().workspace
    order: list[tuple[str, int]] = []

    def second():
        with transaction.atomic():
            order.append(("second", tick([workspace.pk])[workspace.pk]))

    with transaction.atomic():
        first = tick([workspace.pk])[workspace.pk]
        other = Other(second)
        assert wait_until(somebody_waits, 20)
        order.append(("first", first))
    other.join()
    assert order == [("first", 1), ("second", 2)]


@pytest.mark.django_db(transaction=True)
def test_a_tick_that_is_rolled_back_leaves_no_gap_that_a_poll_could_mistake_for_news():
    workspace = cast.kopi_kita().workspace
    with transaction.atomic():
        tick([workspace.pk])
        transaction.set_rollback(True)
    assert tick([workspace.pk]) == {workspace.pk: 1}


@pytest.mark.django_db(transaction=True)
def test_ticks_of_several_workspaces_at_once_never_deadlock_whatever_the_order_they_are_named_in():
    pair = [cast.kopi_kita().workspace.pk, cast.teh_tubruk().workspace.pk]

    def ticks(ids):
        def work():
            for _ in range(50):
                with transaction.atomic():
                    tick(ids)

        return work

    others = [Other(ticks(ids)) for ids in (pair, pair[::-1], pair, pair[::-1])]
    for other in others:
        other.join()
    assert set(WorkspaceClock.objects.values_list("version", flat=True)) == {200}


@pytest.mark.django_db(transaction=True)
def test_rows_that_refer_to_a_workspace_may_be_written_while_its_clock_is_held():
    house = cast.kopi_kita()
    with transaction.atomic():
        tick([house.workspace.pk])
        other = Other(lambda: cast.alice(house))
        other.join()
