"""Sandbox mode and its whitelist: on for a new workspace, by person, audited, and seen by every open page."""

from __future__ import annotations

import threading
from itertools import combinations, product

import pytest
from django.db import connection, transaction

from connections import sandbox
from connections.models import Sandbox, WhitelistEntry
from connections.whitelist import LONGEST
from gigaviz.processes import wait_until
from tests import cast
from workspaces.creation import create_workspace
from workspaces.models import AuditEntry, WorkspaceClock

pytestmark = pytest.mark.django_db
DEWI, WAWAN, RATNA = (("phone", f"62811000000{n}") for n in (1, 2, 3))
PARENT = ("bsuid", "ID.ENT.7")


@pytest.fixture
def workspace():
    return cast.kopi_kita().workspace


def version(workspace) -> int:
    return WorkspaceClock.objects.get(workspace=workspace).version


def order(workspace) -> list[tuple[str, str]]:
    return [(one.kind, one.value) for one in sandbox.listed(workspace.pk)]


def test_a_new_workspace_is_in_sandbox_mode():
    made = create_workspace(name="New", slug="new", country="DE")
    assert sandbox.is_on(made.pk)


def test_a_workspace_that_has_no_row_is_in_sandbox_mode(workspace):
    Sandbox.objects.all().delete()
    assert sandbox.is_on(workspace.pk)


def test_a_switch_is_audited_and_raises_the_clock_and_the_same_again_does_nothing(workspace):
    before = version(workspace)
    assert sandbox.switch(workspace, on=True)
    assert sandbox.is_on(workspace.pk)
    assert not sandbox.switch(workspace, on=True)
    entry = AuditEntry.objects.get(action="sandbox mode")
    assert (entry.before, entry.after, version(workspace)) == ({"is_on": False}, {"is_on": True}, before + 1)


def test_a_person_is_on_the_whitelist_by_any_of_their_identities(workspace):
    sandbox.change_whitelist(workspace, add=[("phone", "628110000001"), ("bsuid", "ID.7")])
    assert sandbox.is_whitelisted(workspace.pk, [("bsuid", "ID.1001"), ("phone", "628110000001")])
    assert sandbox.is_whitelisted(workspace.pk, [("parent", "ID.7")])
    for stranger in ([], [("phone", "628110000002")], [("phone", "ID.7")], [("bsuid", "628110000001")]):
        assert not sandbox.is_whitelisted(workspace.pk, stranger)
    assert not sandbox.is_whitelisted(cast.teh_tubruk().workspace.pk, [("phone", "628110000001")])


def test_the_whitelist_is_changed_audited_by_number_and_seen(workspace):
    before = version(workspace)
    people = [("phone", "628110000001"), ("phone", "628110000002")]
    sandbox.change_whitelist(workspace, add=[*people, *people])
    sandbox.change_whitelist(workspace, remove=[("phone", "628110000002"), ("phone", "1")])
    assert sandbox.whitelisted(workspace.pk) == {("phone", "628110000001")}
    audited = [(one.before, one.after) for one in AuditEntry.objects.filter(action="whitelist").order_by("pk")]
    assert audited == [
        ({"people": 0}, {"people": 2, "added": 2, "removed": 0}),
        ({"people": 2}, {"people": 1, "added": 0, "removed": 1}),
    ]
    assert "62811" not in str(audited)
    assert version(workspace) == before + 2


def test_a_change_of_nothing_is_none(workspace):
    sandbox.change_whitelist(workspace, add=[DEWI])
    before = version(workspace)
    sandbox.change_whitelist(workspace)
    sandbox.change_whitelist(workspace, add=[DEWI], remove=[WAWAN])
    sandbox.save_list(workspace, [DEWI], seen=[DEWI])
    assert version(workspace) == before
    assert AuditEntry.objects.filter(action="whitelist").count() == 1


def test_a_switch_that_somebody_else_turned_since_is_left_alone(workspace):
    seen = sandbox.mark(sandbox.last_switch(workspace.pk))
    sandbox.switch(workspace, on=True)
    with pytest.raises(sandbox.SwitchedMeanwhileError):
        sandbox.switch(workspace, on=False, seen=seen)
    assert sandbox.is_on(workspace.pk)
    assert sandbox.switch(workspace, on=False, seen=sandbox.mark(sandbox.last_switch(workspace.pk)))


def test_the_list_keeps_the_order_in_which_it_was_written(workspace):
    sandbox.save_list(workspace, [WAWAN, DEWI, RATNA], seen=[])
    assert order(workspace) == [WAWAN, DEWI, RATNA]
    before = version(workspace)
    sandbox.save_list(workspace, [RATNA, WAWAN, DEWI], seen=[WAWAN, DEWI, RATNA])
    assert order(workspace) == [RATNA, WAWAN, DEWI]
    assert version(workspace) == before, "an order changes nothing for anybody"
    sandbox.save_list(workspace, [RATNA, PARENT, DEWI], seen=[RATNA, WAWAN, DEWI])
    assert order(workspace) == [RATNA, PARENT, DEWI]
    sandbox.change_whitelist(workspace, add=[WAWAN])
    assert order(workspace) == [RATNA, PARENT, DEWI, WAWAN]


EVERYBODY = [DEWI, WAWAN, RATNA]
LISTS = [list(some) for n in range(4) for some in combinations(EVERYBODY, n)]


def test_of_two_who_save_at_once_neither_undoes_what_the_other_did(workspace):
    """Every list, every change of it by one, and every other change by somebody who had not seen the first."""
    for seen, first, second in product(LISTS, repeat=3):
        WhitelistEntry.objects.all().delete()
        for wanted, shown in ((seen, []), (first, seen)):
            sandbox.save_list(workspace, wanted, seen=shown)
        said = sandbox.save_list(workspace, second, seen=seen)
        for one in EVERYBODY:
            changes = {one in wanted for wanted in (first, second) if (one in wanted) != (one in seen)}
            expected = changes.pop() if changes else one in seen
            assert (one in sandbox.whitelisted(workspace.pk)) == expected, (seen, first, second)
        assert set(said.others_added) == set(first) - set(seen) - set(second)
        assert set(said.others_removed) == set(seen) & set(second) - set(first)


def test_a_list_has_an_end_and_says_so(workspace):
    everybody = [("phone", f"62811{n:07d}") for n in range(LONGEST)]
    sandbox.save_list(workspace, everybody, seen=[])
    with pytest.raises(sandbox.WhitelistTooLongError, match=r"at most 1,000 people, and this would make 1,001"):
        sandbox.change_whitelist(workspace, add=[("bsuid", "ID.7")])
    assert len(sandbox.whitelisted(workspace.pk)) == LONGEST
    sandbox.change_whitelist(workspace, add=[("bsuid", "ID.7")], remove=[everybody[0]])


@pytest.mark.parametrize(
    ("on", "count", "said"),
    [
        (True, 0, "nobody can receive messages"),
        (True, 1, "only the 1 person on the whitelist can receive messages"),
        (True, 3, "only the 3 people on the whitelist can receive messages"),
        (False, 0, "everybody can receive messages whom no other rule forbids."),
        (False, 3, "The whitelist is kept, and does nothing now."),
    ],
)
def test_what_the_setting_does_now_is_one_sentence(on, count, said):
    sentence = sandbox.sentence(on=on, count=count)
    assert said in sentence
    assert sentence.startswith(f"Sandbox mode is {'on' if on else 'off'}")


@pytest.mark.django_db(transaction=True)
def test_two_who_save_at_the_same_moment_wait_for_each_other_and_lose_nothing(workspace):
    sandbox.save_list(workspace, [DEWI], seen=[])
    said = []

    def second() -> None:
        try:
            said.append(sandbox.save_list(workspace, [DEWI, RATNA], seen=[DEWI]))
        finally:
            connection.close()

    with transaction.atomic():
        sandbox.save_list(workspace, [WAWAN], seen=[DEWI])
        thread = threading.Thread(target=second)
        thread.start()
        assert wait_until(somebody_waits, 10)
    thread.join(timeout=30)
    assert order(workspace) == [RATNA, WAWAN]
    assert (said[0].others_added, said[0].others_removed) == ([WAWAN], [DEWI])


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
        return bool(cursor.fetchone()[0])
