"""Taking, giving and releasing: of two at once one wins, and the other sees who."""

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


def assign(house, browser, conversation, **form):
    response = browser.post(inbox(house, f"{conversation.pk}/assignment/"), {"shown_owner": ""} | form)
    conversation.refresh_from_db()
    return response


def test_taking_is_an_act_and_raises_the_version(house, alice, browser, conversation):
    before = version(house)
    response = assign(house, browser, conversation, act="take")
    act = Act.objects.get()
    assert (response.status_code, conversation.owner, conversation.state) == (200, alice, "assigned")
    assert (act.kind, act.actor, act.owner, act.version) == ("assigned", alice, alice, before + 1)
    assert conversation.version == version(house) == before + 1


def test_giving_to_somebody_says_who_gave_and_who_got(house, alice, bob, browser, conversation):
    response = assign(house, browser, conversation, act="assign", owner=bob.pk)
    assert (response.context["owner"].name, response.context["owner"].is_me) == ("Bob", False)
    act = Act.objects.get()
    assert (act.actor, act.owner) == (alice, bob)


def test_releasing_leaves_it_to_whoever_comes(house, alice, browser, conversation):
    assign(house, browser, conversation, act="take")
    response = assign(house, browser, conversation, act="release", shown_owner=alice.pk)
    assert (response.status_code, conversation.owner, conversation.state) == (200, None, "open")
    assert [act.kind for act in Act.objects.order_by("pk")] == ["assigned", "released"]


def test_the_loser_changes_nothing_and_sees_who_won(house, bob, browser, conversation):
    assign(house, signed_in(bob), conversation, act="take")
    response = assign(house, browser, conversation, act="take")
    assert (response.status_code, conversation.owner) == (409, bob)
    assert response.context["notice"].startswith("Bob took this conversation first.")
    assert response.context["owner"].name == "Bob"
    assert Act.objects.count() == 1


def test_a_double_click_is_no_defeat(house, alice, browser, conversation):
    for _ in range(2):
        assert assign(house, browser, conversation, act="take").status_code == 200
    assert Act.objects.count() == 1


def test_one_can_take_over_from_a_colleague_who_is_shown(house, alice, bob, browser, conversation):
    assign(house, signed_in(bob), conversation, act="take")
    assert assign(house, browser, conversation, act="take", shown_owner=bob.pk).status_code == 200
    assert conversation.owner == alice


def test_a_closed_conversation_is_not_taken(house, bob, browser, conversation):
    signed_in(bob).post(inbox(house, f"{conversation.pk}/closure/"), {"act": "close", "shown_owner": ""})
    response = assign(house, browser, conversation, act="take")
    assert (response.status_code, conversation.owner) == (409, None)
    assert "Bob closed this conversation" in response.context["notice"]


@pytest.mark.parametrize(
    "form", [{}, {"act": "eat"}, {"act": "take", "shown_owner": "x"}, {"act": "assign", "owner": "x"}]
)
def test_a_broken_form_changes_nothing_and_says_so(house, browser, conversation, form):
    response = assign(house, browser, conversation, **form)
    assert (response.status_code, conversation.owner) == (422, None)
    assert response.context["notice"]


def test_it_is_not_given_to_an_outsider_or_to_who_may_only_read(house, browser, conversation):
    ops = cast.person(house.workspace, "Olga", Role.OPS)
    for stranger in [cast.charlie().pk, ops.pk, 987654]:
        response = assign(house, browser, conversation, act="assign", owner=stranger)
        assert (response.status_code, conversation.owner) == (409, None)


def test_who_may_only_read_cannot_take(house, conversation):
    ops = signed_in(cast.person(house.workspace, "Olga", Role.OPS))
    assert assign(house, ops, conversation, act="take").status_code == 403
    assert conversation.owner is None


def test_an_outsider_finds_nothing_to_take(house, conversation):
    assert assign(house, signed_in(cast.charlie()), conversation, act="take").status_code == 404


def test_taking_is_posted(house, browser, conversation):
    assert browser.get(inbox(house, f"{conversation.pk}/assignment/")).status_code == 405


def test_the_header_offers_what_can_be_done(house, alice, bob, browser, conversation):
    def offers(**changed):
        type(conversation).objects.filter(pk=conversation.pk).update(**changed)
        context = browser.get(inbox(house, f"{conversation.pk}/header/")).context
        return {key for key in ("can_take", "can_release", "can_close", "can_reopen") if context[key]}

    assert offers() == {"can_take", "can_close"}
    assert offers(owner=alice) == {"can_release", "can_close"}
    assert offers(owner=bob) == {"can_take", "can_release", "can_close"}
    assert offers(closed_at=cast.ago(minutes=1)) == {"can_reopen"}


def test_the_header_says_from_which_number_to_which_identity(house, browser, conversation):
    context = browser.get(inbox(house, f"{conversation.pk}/header/")).context
    assert context["from_label"] == "Kopi Kita · +1 555-010-0000"
    assert context["to_label"] == "+62 811-0000-001 (phone)"
    nameless = hear(house, phone="", bsuid="ID.77", name="Noor")
    assert browser.get(inbox(house, f"{nameless.pk}/header/")).context["to_label"] == "ID.77 (WhatsApp id)"


def test_members_who_may_reply_are_offered(house, bob, browser, conversation):
    cast.person(house.workspace, "Olga", Role.OPS)
    Membership.objects.filter(user=bob).update(role=Role.OWNER)
    context = browser.get(inbox(house, f"{conversation.pk}/header/")).context
    assert [(one["name"], one["is_me"]) for one in context["members"]] == [("Alice", True), ("Bob", False)]


def test_the_page_offers_to_take_what_a_colleague_has(house, bob, browser, conversation):
    type(conversation).objects.filter(pk=conversation.pk).update(owner=bob)
    page = browser.get(inbox(house, f"{conversation.pk}/")).content.decode()
    assert 'name="act" value="take"' in page
    assert 'data-ownership="other"' in page
