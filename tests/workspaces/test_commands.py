"""Making workspaces and members from the command line, until there are pages for it."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command

from tests import cast
from workspaces.models import AuditEntry, Membership, Role, User, Workspace, WorkspaceClock

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def password(monkeypatch):
    monkeypatch.setenv("GIGAVIZ_PASSWORD", cast.PASSWORD)


def run(command: str, **options: str) -> str:
    said = io.StringIO()
    call_command(command, stdout=said, **options)
    return said.getvalue()


def create(**options: str) -> str:
    return run("create_workspace", **{"name": "Kopi Kita", "slug": "kopi-kita", "country": "id", **options})


def add(**options: str) -> str:
    sari = {"workspace": "kopi-kita", "email": "sari@example.com", "name": "Sari", "role": "agent"}
    return run("add_member", **{**sari, **options})


def audit() -> list[tuple]:
    return list(AuditEntry.objects.order_by("pk").values_list("actor", "action", "target", "before", "after"))


def test_a_workspace_is_made_with_its_clock_and_a_line_in_its_audit_trail():
    assert create() == "Workspace Kopi Kita is at /w/kopi-kita/inbox/. Sandbox mode is on.\n"
    workspace = Workspace.objects.get()
    assert (workspace.name, workspace.slug, workspace.country) == ("Kopi Kita", "kopi-kita", "ID")
    assert WorkspaceClock.objects.get().workspace == workspace
    assert audit() == [(None, "workspace created", "Kopi Kita", {}, {})]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"slug": "kopi kita"}, "letters, digits and hyphens only"),
        ({"slug": "Kopi_Kita"}, "letters, digits and hyphens only"),
        ({"slug": ""}, "slug: "),
        ({"slug": "../etc"}, "letters, digits and hyphens only"),
        ({"slug": "k" * 51}, "50"),
        ({"country": "Indonesia"}, "country: "),
        ({"country": "1D"}, "two letters"),
        ({"country": "ÄÖ"}, "two letters"),
        ({"country": "XX"}, "two letters"),
        ({"name": ""}, "name"),
        ({"name": "   "}, "name"),
        ({"name": "K" * 121}, "120"),
        ({"name": "Kopi\0Kita"}, "name"),
    ],
)
def test_a_workspace_that_makes_no_sense_is_refused_in_a_sentence(options, sentence):
    with pytest.raises(CommandError, match=sentence):
        create(**options)
    assert not Workspace.objects.exists()


def test_two_workspaces_do_not_share_an_address():
    create()
    with pytest.raises(CommandError, match="There is a workspace at kopi-kita already"):
        create(name="Another")
    assert Workspace.objects.count() == 1


def test_a_member_gets_an_account_a_role_and_a_line_in_the_audit_trail():
    create()
    assert add(email="Sari@Example.com") == "Sari is agent in Kopi Kita.\n"
    user = User.objects.get(email="sari@example.com")
    assert user.check_password(cast.PASSWORD)
    assert not user.is_superuser
    assert Membership.objects.get().role == Role.AGENT
    assert audit()[1:] == [(None, "member added", "sari@example.com", {}, {"role": "agent"})]


def test_adding_a_member_again_changes_the_role_and_keeps_account_and_password(monkeypatch):
    create()
    add()
    monkeypatch.setenv("GIGAVIZ_PASSWORD", "some other passphrase")
    assert add(role="admin", name="Somebody else") == "Sari is admin in Kopi Kita.\n"
    assert User.objects.get().check_password(cast.PASSWORD)
    assert Membership.objects.get().role == Role.ADMIN
    assert audit()[2:] == [(None, "role changed", "sari@example.com", {"role": "agent"}, {"role": "admin"})]


def test_adding_a_member_with_the_role_they_have_changes_nothing():
    create()
    add()
    assert add() == "Sari is agent in Kopi Kita already.\n"
    assert len(audit()) == 2


def test_a_changed_role_reaches_the_screens():
    create()
    add()
    before = WorkspaceClock.objects.get().version
    add(role="ops")
    assert WorkspaceClock.objects.get().version == before + 1


def test_one_person_may_work_in_two_workspaces():
    create()
    create(name="Teh Tubruk", slug="teh-tubruk")
    add()
    add(workspace="teh-tubruk", role="admin")
    assert User.objects.count() == 1
    assert set(Membership.objects.values_list("workspace__slug", "role")) == {
        ("kopi-kita", "agent"),
        ("teh-tubruk", "admin"),
    }


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"workspace": "nowhere"}, "There is no workspace at nowhere"),
        ({"email": "sari"}, "valid e?-?mail"),
        ({"email": ""}, "email: "),
        ({"email": "sari@example.com\nBcc: eve@example.com"}, "valid e?-?mail"),
        ({"email": "s" * 250 + "@example.com"}, "valid e?-?mail|254"),
        ({"name": ""}, "name"),
        ({"name": "S" * 121}, "120"),
        ({"name": "Sa\0ri"}, "name"),
        ({"role": "boss"}, "invalid choice: 'boss'"),
    ],
)
def test_a_member_that_makes_no_sense_is_refused_in_a_sentence(options, sentence):
    create()
    with pytest.raises(CommandError, match=sentence):
        add(**options)
    assert not User.objects.exists()
    assert not Membership.objects.exists()
    assert len(audit()) == 1


@pytest.mark.parametrize("weak", ["qwer12", "password123", "sari@example.com"])
def test_a_weak_password_is_refused_and_not_repeated(monkeypatch, weak):
    monkeypatch.setenv("GIGAVIZ_PASSWORD", weak)
    create()
    with pytest.raises(CommandError) as refused:
        add()
    assert weak not in str(refused.value)
    assert not User.objects.exists()


def test_the_password_may_come_from_standard_input_instead(monkeypatch):
    monkeypatch.delenv("GIGAVIZ_PASSWORD")
    monkeypatch.setattr("sys.stdin", io.StringIO(cast.PASSWORD + "\n"))
    create()
    add()
    assert User.objects.get().check_password(cast.PASSWORD)
