"""The audit trail: who changed what, from what to what; written with the change, never rewritten, never removed."""

from __future__ import annotations

import io

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from tests import cast
from workspaces.creation import create_workspace
from workspaces.models import AuditEntry, User

pytestmark = pytest.mark.django_db


def trail(workspace) -> list[tuple]:
    entries = workspace.audit_entries.order_by("pk")
    return [(entry.action, entry.target, entry.before, entry.after) for entry in entries]


def test_what_a_person_makes_names_the_person():
    user = User.objects.create_user("owner@example.com", cast.PASSWORD, name="Olivia")
    workspace = create_workspace(name="Kopi Kita", slug="kopi-kita", country="ID", owner=user)
    assert workspace.audit_entries.get().actor == user


def test_entries_outlive_the_account_that_caused_them():
    user = User.objects.create_user("owner@example.com", cast.PASSWORD, name="Olivia")
    workspace = create_workspace(name="Kopi Kita", slug="kopi-kita", country="ID", owner=user)
    user.delete()
    assert workspace.audit_entries.get().actor is None


def test_sandbox_mode_and_whitelist_leave_their_lines():
    workspace = cast.kopi_kita().workspace
    for command, arguments in (
        ("set_sandbox", ["on"]),
        ("whitelist", ["--add", "+62 811-0000-001"]),
        ("whitelist", ["--remove", "+628110000001"]),
    ):
        call_command(command, "--workspace", workspace.slug, *arguments, stdout=io.StringIO())
    actions = [action for action, *_ in trail(workspace)]
    assert len(actions) == 4
    assert actions[0] == "workspace created"


def test_no_entry_can_be_rewritten():
    entry = cast.kopi_kita().workspace.audit_entries.get()
    entry.action = "nothing happened"
    for rewrite in (entry.save, lambda: AuditEntry.objects.update(after={})):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            rewrite()
    assert AuditEntry.objects.get(pk=entry.pk).action == "workspace created"


def test_no_entry_is_given_to_somebody_else():
    house = cast.kopi_kita()
    for change in ({"actor": cast.alice(house)}, {"id": 0}):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            AuditEntry.objects.filter(workspace=house.workspace).update(**change)


def check_what_waits_for_the_commit() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def remove(workspace) -> None:
    workspace.audit_entries.all().delete()
    check_what_waits_for_the_commit()


def test_no_entry_can_be_removed_while_there_is_its_workspace():
    workspace = cast.kopi_kita().workspace
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        remove(workspace)
    check_what_waits_for_the_commit()  # PostgreSQL empties no table that still has something to check
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE workspaces_auditentry")
    assert workspace.audit_entries.count() == 1


def test_entries_go_with_their_workspace_and_with_no_other():
    gone = create_workspace(name="Gone", slug="gone", country="ID", owner=None)
    kept = create_workspace(name="Kept", slug="kept", country="ID", owner=None)
    gone.delete()
    check_what_waits_for_the_commit()
    assert list(AuditEntry.objects.values_list("workspace__slug", flat=True)) == [kept.slug]
