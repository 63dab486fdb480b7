"""Closing and reopening, by a person or by the customer's next message."""

from __future__ import annotations

import pytest

from inbox.models import Act
from tests import cast
from tests.inbox.screens import hear, inbox, signed_in, version
from workspaces.models import Membership, Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def conversation(house, alice):
    return hear(house)


def post(house, browser, conversation, **form):
    response = browser.post(inbox(house, f"{conversation.pk}/closure/"), {"shown_owner": ""} | form)
    conversation.refresh_from_db()
    return response


def kinds():
    return list(Act.objects.order_by("pk").values_list("kind", flat=True))


def test_closing_is_an_act_and_raises_the_version(house, browser, conversation):
    before = version(house)
    response = post(house, browser, conversation, act="close")
    assert (response.status_code, conversation.state, response.context["state"]) == (200, "closed", "closed")
    assert (kinds(), conversation.version, version(house)) == (["closed"], before + 1, before + 1)


def test_reopening_undoes_it(house, browser, conversation):
    post(house, browser, conversation, act="close")
    assert post(house, browser, conversation, act="reopen").status_code == 200
    assert (conversation.state, kinds()) == ("open", ["closed", "reopened"])


def test_closing_is_conditional_on_the_owner_shown(house, browser, conversation):
    bob = signed_in(cast.bob(house))
    bob.post(inbox(house, f"{conversation.pk}/assignment/"), {"act": "take", "shown_owner": ""})
    response = post(house, browser, conversation, act="close")
    assert (response.status_code, conversation.state) == (409, "assigned")
    assert response.context["notice"].startswith("Bob took this conversation first.")


def test_a_double_click_closes_once(house, browser, conversation):
    assert [post(house, browser, conversation, act="close").status_code for _ in range(2)] == [200, 200]
    assert kinds() == ["closed"]


def test_a_closed_conversation_keeps_its_owner(house, alice, browser, conversation):
    type(conversation).objects.filter(pk=conversation.pk).update(owner=alice)
    post(house, browser, conversation, act="close", shown_owner=alice.pk)
    post(house, browser, conversation, act="reopen", shown_owner=alice.pk)
    assert (conversation.owner, conversation.state) == (alice, "assigned")


def test_an_owner_who_has_left_does_not_get_it_back(house, browser, conversation):
    bob = cast.bob(house)
    type(conversation).objects.filter(pk=conversation.pk).update(owner=bob)
    post(house, browser, conversation, act="close", shown_owner=bob.pk)
    Membership.objects.filter(user=bob).delete()
    post(house, browser, conversation, act="reopen", shown_owner=bob.pk)
    assert (conversation.owner, conversation.state) == (None, "open")


def test_the_customers_next_message_reopens_it(house, browser, conversation):
    post(house, browser, conversation, act="close")
    hear(house, "One more thing", at=cast.ago(seconds=-1))
    conversation.refresh_from_db()
    assert (conversation.state, kinds()) == ("open", ["closed", "reopened"])


@pytest.mark.parametrize("form", [{}, {"act": "burn"}, {"act": "close", "shown_owner": "-4"}])
def test_a_broken_form_changes_nothing(house, browser, conversation, form):
    assert (post(house, browser, conversation, **form).status_code, conversation.state) == (422, "open")


def test_the_weak_and_the_strange_cannot_close(house, conversation):
    ops = signed_in(cast.person(house.workspace, "Olga", Role.OPS))
    assert post(house, ops, conversation, act="close").status_code == 403
    assert post(house, signed_in(cast.charlie()), conversation, act="close").status_code == 404
    assert conversation.state == "open"


def test_closing_is_posted(house, browser, conversation):
    assert browser.get(inbox(house, f"{conversation.pk}/closure/")).status_code == 405
