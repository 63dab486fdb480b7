"""Roles change, members go: there is always an owner, and only owners touch owners, whoever acts at the same moment."""

from __future__ import annotations

import io

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db import transaction

from gigaviz.processes import wait_until
from tests import cast
from tests.workspaces.test_clock import Other, somebody_waits
from workspaces.membership import change_role, leave, remove
from workspaces.models import Membership, Role, User, WorkspaceClock
from workspaces.refusal import RefusedError


@pytest.fixture
def owner(house):
    return cast.person(house.workspace, "Olga", Role.OWNER)


def membership_of(user: User) -> Membership:
    return Membership.objects.get(user=user)


def last_line(house) -> tuple:
    entry = house.workspace.audit_entries.order_by("-pk").first()
    return entry.actor, entry.action, entry.target, entry.before, entry.after


def version(house) -> int:
    return WorkspaceClock.objects.get(workspace=house.workspace).version


@pytest.mark.django_db
def test_a_changed_role_is_written_down_and_reaches_the_screens(house, owner):
    alice, before = cast.alice(house), version(house)
    assert change_role(house.workspace, membership_of(alice).pk, Role.ADMIN, by=owner) is not None
    assert membership_of(alice).role == Role.ADMIN
    assert last_line(house) == (owner, "role changed", "alice@example.com", {"role": "agent"}, {"role": "admin"})
    assert version(house) == before + 1


@pytest.mark.django_db
def test_the_same_role_again_changes_nothing(house, owner):
    alice, before = cast.alice(house), version(house)
    change_role(house.workspace, membership_of(alice).pk, Role.AGENT, by=owner)
    assert version(house) == before
    assert house.workspace.audit_entries.filter(action="role changed").count() == 0


@pytest.mark.django_db
def test_somebody_removed_is_written_down_and_so_is_somebody_who_left(house, owner):
    alice, bob = cast.alice(house), cast.bob(house)
    remove(house.workspace, membership_of(alice).pk, by=bob)
    assert last_line(house) == (bob, "member removed", "alice@example.com", {"role": "agent"}, {})
    leave(house.workspace, bob)
    assert last_line(house) == (bob, "member left", "bob@example.com", {"role": "admin"}, {})
    assert list(house.workspace.members.all()) == [owner]


@pytest.mark.django_db
def test_whoever_is_removed_keeps_their_other_workspaces(house, owner):
    alice = cast.alice(house)
    other = cast.teh_tubruk().workspace
    Membership.objects.create(workspace=other, user=alice, role=Role.AGENT)
    remove(house.workspace, Membership.objects.get(user=alice, workspace=house.workspace).pk, by=owner)
    assert list(alice.workspaces.all()) == [other]


@pytest.mark.django_db
def test_a_member_of_another_workspace_is_nobody_here(house, owner):
    stranger = membership_of(cast.charlie())
    assert change_role(house.workspace, stranger.pk, Role.ADMIN, by=owner) is None
    assert remove(house.workspace, stranger.pk, by=owner) is None
    stranger.refresh_from_db()
    assert stranger.role == Role.AGENT


@pytest.mark.django_db
@pytest.mark.parametrize("role", [Role.ADMIN, Role.OPS, Role.AGENT])
def test_only_owners_touch_owners(house, owner, role):
    actor = cast.person(house.workspace, "Adi", role)
    alice = membership_of(cast.alice(house))
    for act in (
        lambda: change_role(house.workspace, membership_of(owner).pk, Role.AGENT, by=actor),
        lambda: remove(house.workspace, membership_of(owner).pk, by=actor),
        lambda: change_role(house.workspace, alice.pk, Role.OWNER, by=actor),
        lambda: change_role(house.workspace, membership_of(actor).pk, Role.OWNER, by=actor),
    ):
        with pytest.raises(PermissionDenied):
            act()
    assert membership_of(owner).role == Role.OWNER
    alice.refresh_from_db()
    assert alice.role == Role.AGENT


@pytest.mark.django_db
def test_an_owner_makes_an_owner_who_may_then_unmake_the_first(house, owner):
    alice = cast.alice(house)
    change_role(house.workspace, membership_of(alice).pk, Role.OWNER, by=owner)
    change_role(house.workspace, membership_of(owner).pk, Role.ADMIN, by=alice)
    assert (membership_of(owner).role, membership_of(alice).role) == (Role.ADMIN, Role.OWNER)


@pytest.mark.django_db
def test_the_last_owner_neither_goes_nor_is_demoted(house, owner):
    cast.bob(house)
    for act in (
        lambda: leave(house.workspace, owner),
        lambda: change_role(house.workspace, membership_of(owner).pk, Role.ADMIN, by=owner),
        lambda: remove(house.workspace, membership_of(owner).pk, by=owner),
    ):
        with pytest.raises(RefusedError, match="Olga is the last owner of Kopi Kita"):
            act()
    assert membership_of(owner).role == Role.OWNER


@pytest.mark.django_db
def test_an_owner_whose_account_is_switched_off_counts_for_none(house, owner):
    other = cast.person(house.workspace, "Otto", Role.OWNER)
    User.objects.filter(pk=other.pk).update(is_active=False)
    with pytest.raises(RefusedError):
        leave(house.workspace, owner)


@pytest.mark.django_db
def test_the_command_leaves_an_owner_too(house, owner):
    with pytest.raises(CommandError, match="last owner"):
        call_command(
            "add_member", workspace="kopi-kita", email=owner.email, name="Olga", role="agent", stdout=io.StringIO()
        )
    assert membership_of(owner).role == Role.OWNER


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", ["leaves", "is demoted"])
def test_of_two_last_owners_who_go_at_the_same_moment_one_stays(house, owner, first):
    otto = cast.person(house.workspace, "Otto", Role.OWNER)
    refused = []

    def second():
        try:
            leave(house.workspace, otto)
        except RefusedError as refusal:
            refused.append(str(refusal))

    with transaction.atomic():
        if first == "leaves":
            leave(house.workspace, owner)
        else:
            change_role(house.workspace, membership_of(owner).pk, Role.AGENT, by=owner)
        other = Other(second)
        assert wait_until(somebody_waits, 20)
    other.join()
    assert refused == ["Otto is the last owner of Kopi Kita. Make somebody else an owner first."]
    assert membership_of(otto).role == Role.OWNER


@pytest.mark.django_db(transaction=True)
def test_an_admin_demoted_at_the_same_moment_removes_nobody(house, owner):
    bob, alice = cast.bob(house), cast.alice(house)
    refused = []

    def second():
        try:
            remove(house.workspace, membership_of(alice).pk, by=bob)
        except PermissionDenied as refusal:
            refused.append(str(refusal))

    with transaction.atomic():
        change_role(house.workspace, membership_of(bob).pk, Role.AGENT, by=owner)
        other = Other(second)
        assert wait_until(somebody_waits, 20)
    other.join()
    assert refused == ["You may not invite, change and remove members."]
    assert Membership.objects.filter(user=alice).exists()
