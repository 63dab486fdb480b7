"""Sandbox mode and its whitelist: on for a new workspace, by person, audited, and seen by every open page."""

from __future__ import annotations

import pytest

from connections import sandbox
from connections.models import Sandbox, WhitelistEntry
from connections.sandbox import normalise
from tests import cast
from workspaces.creation import create_workspace
from workspaces.models import AuditEntry, WorkspaceClock

pytestmark = pytest.mark.django_db


@pytest.fixture
def workspace():
    return cast.kopi_kita().workspace


def version(workspace) -> int:
    return WorkspaceClock.objects.get(workspace=workspace).version


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
    audited = [entry.after for entry in AuditEntry.objects.filter(action="whitelist").order_by("pk")]
    assert audited == [{"added": 2, "removed": 0}, {"added": 0, "removed": 2}]
    assert "62811" not in str(audited)
    assert version(workspace) == before + 2


def test_a_change_of_nothing_is_none(workspace):
    before = version(workspace)
    sandbox.change_whitelist(workspace)
    assert version(workspace) == before
    assert not AuditEntry.objects.filter(action="whitelist").exists()


@pytest.mark.parametrize(
    ("written", "country", "identity"),
    [
        ("+62 811-0000-001", "ID", ("phone", "628110000001")),
        ("0811 0000 001", "ID", ("phone", "628110000001")),
        ("0170 1234567", "DE", ("phone", "491701234567")),
        ("(555) 010-0123 ", "US", ("phone", "15550100123")),
        ("+4915112345678", "ID", ("phone", "4915112345678")),
        ("ID.1001", "ID", ("bsuid", "ID.1001")),
        ("TR.9f00000000000000a130", "ID", ("bsuid", "TR.9f00000000000000a130")),
        ("US.ENT.42", "ID", ("bsuid", "US.ENT.42")),
        ("", "ID", None),
        ("Dewi", "ID", None),
        ("12", "ID", None),
        ("+999 12345678", "ID", None),
        ("ID.", "ID", None),
        ("ID.x y", "ID", None),
        ("id.1001", "ID", ("bsuid", "id.1001")),
        ("ID.ab_c-d", "ID", ("bsuid", "ID.ab_c-d")),
        ("ID." + "9" * 200, "ID", None),
        ("ID.１２", "ID", None),
    ],
)
def test_numbers_and_ids_are_taken_in_any_format_and_nothing_else_is(written, country, identity):
    assert normalise(written, country) == identity


def test_what_was_normalised_can_be_kept(workspace):
    found = normalise("ID." + "9" * 128, "ID")
    assert found is not None
    sandbox.change_whitelist(workspace, add=[found])
    assert WhitelistEntry.objects.get().value == "ID." + "9" * 128
