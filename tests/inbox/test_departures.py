"""Whoever stops working here owns no conversation any more: it is open again, and its thread says why."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.utils import timezone

from gigaviz.processes import wait_until
from inbox import drain, ownership, thread_lines
from inbox.models import Act, Conversation
from tests import cast
from tests.inbox.screens import hear, version
from tests.workspaces.test_clock import Other, somebody_waits
from workspaces.membership import change_role, leave, remove
from workspaces.models import Membership, Role


@pytest.fixture
def owner(house):
    return cast.person(house.workspace, "Olga", Role.OWNER)


def owned_by(house, user, **said) -> Conversation:
    conversation = hear(house, **said)
    assert ownership.give(conversation, user, shown_owner=None, by=user, now=timezone.now()).is_made
    return conversation


def lines(house, conversation) -> list[str]:
    return [line.text for line in thread_lines.newest(conversation, house.workspace).lines if line.kind == "act"]


def gone(how: str, house, user, owner) -> None:
    membership = Membership.objects.get(workspace=house.workspace, user=user)
    if how == "leaves":
        leave(house.workspace, user)
    elif how == "is removed":
        remove(house.workspace, membership.pk, by=owner)
    else:
        change_role(house.workspace, membership.pk, Role.OPS, by=owner)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("how", "why"),
    [
        ("leaves", "Released because Alice left the workspace"),
        ("is removed", "Released because Olga removed Alice from the workspace"),
        ("may not reply", "Released because Alice may no longer reply"),
    ],
)
def test_their_conversations_are_open_again_and_the_thread_says_why(house, owner, how, why):
    alice = cast.alice(house)
    conversation = owned_by(house, alice)
    before = version(house)
    gone(how, house, alice, owner)
    conversation.refresh_from_db()
    assert conversation.state == "open"
    assert conversation.version > before
    assert lines(house, conversation)[-1] == why
    act = conversation.acts.get(kind=Act.Kind.RELEASED)
    assert (act.version, act.owner, act.actor) == (conversation.version, alice, alice if how == "leaves" else owner)


@pytest.mark.django_db
def test_what_others_own_stays_theirs_here_and_elsewhere(house, owner):
    alice, bob = cast.alice(house), cast.bob(house)
    bobs = owned_by(house, bob, phone="628110000002", bsuid="ID.1002")
    elsewhere = cast.teh_tubruk()
    Membership.objects.create(workspace=elsewhere.workspace, user=alice, role=Role.AGENT)
    hers = owned_by(elsewhere, alice)
    gone("is removed", house, alice, owner)
    for conversation, user in ((bobs, bob), (hers, alice)):
        conversation.refresh_from_db()
        assert conversation.owner == user


@pytest.mark.django_db
def test_a_closed_conversation_opens_again_without_them(house, owner):
    alice = cast.alice(house)
    conversation = owned_by(house, alice)
    ownership.close(conversation, shown_owner=alice.pk, by=alice, now=timezone.now())
    seen, before = lines(house, conversation), version(house)
    gone("leaves", house, alice, owner)
    conversation.refresh_from_db()
    assert (conversation.state, conversation.owner) == ("closed", None)
    assert lines(house, conversation) == seen, "nobody waited for them there"
    assert conversation.version > before, "rows and headers show the owner of a closed one too"
    cast.arrives(house, cast.says(house, "Hello again"))
    drain.drain()
    conversation.refresh_from_db()
    assert conversation.state == "open"


@pytest.mark.django_db
def test_a_role_that_may_still_reply_keeps_its_conversations(house, owner):
    alice = cast.alice(house)
    conversation = owned_by(house, alice)
    change_role(house.workspace, Membership.objects.get(user=alice).pk, Role.ADMIN, by=owner)
    conversation.refresh_from_db()
    assert conversation.owner == alice


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("how", ["is removed", "may not reply"])
def test_nobody_is_given_a_conversation_while_they_are_going(house, owner, how):
    alice = cast.alice(house)
    conversation = hear(house)
    made = []

    def second():
        made.append(ownership.give(conversation, alice, shown_owner=None, by=owner, now=timezone.now()))

    with transaction.atomic():
        gone(how, house, alice, owner)
        other = Other(second)
        assert wait_until(somebody_waits, 20)
    other.join()
    assert made[0].refusal == "Alice may not reply in this workspace, so nothing was assigned."
    conversation.refresh_from_db()
    assert conversation.owner is None


@pytest.mark.django_db(transaction=True)
def test_a_conversation_given_at_the_same_moment_is_released_with_the_others(house, owner):
    alice = cast.alice(house)
    conversation = hear(house)
    with transaction.atomic():
        assert ownership.give(conversation, alice, shown_owner=None, by=owner, now=timezone.now()).is_made
        other = Other(lambda: gone("is removed", house, alice, owner))
        assert wait_until(somebody_waits, 20)
    other.join()
    conversation.refresh_from_db()
    assert conversation.state == "open"
    assert not Membership.objects.filter(user=alice).exists()
