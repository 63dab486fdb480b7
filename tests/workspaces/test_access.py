"""Who may do what: decided in one decorator, and every address of a workspace goes through it."""

from __future__ import annotations

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from inbox import urls as inbox_urls
from tests import cast
from tests.inbox.screens import hear, ours, signed_in
from workspaces.access import Ability, may
from workspaces.models import Membership, Role

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.workspaces.addresses")]

BOTH = {
    Ability.READ,
    Ability.REPLY,
    Ability.RECORD_OPT_OUT,
    Ability.LIFT_OPT_OUT,
    Ability.MANAGE_OPT_OUTS,
    Ability.DIAGNOSE,
    Ability.MANAGE_SANDBOX,
    Ability.MANAGE_CONNECTIONS,
    Ability.MANAGE_TEMPLATES,
    Ability.MANAGE_MEMBERS,
    Ability.REQUIRE_SECOND_FACTOR,
    Ability.SEE_AUDIT,
}
MAY = {
    Role.OWNER: BOTH | {Ability.SHARE_APPS, Ability.MANAGE_OWNERS},
    Role.ADMIN: BOTH,
    Role.OPS: {Ability.READ, Ability.DIAGNOSE, Ability.SEE_AUDIT},
    Role.AGENT: {Ability.READ, Ability.REPLY, Ability.RECORD_OPT_OUT},
}


def at(ability: Ability, slug: str = "kopi-kita") -> str:
    return f"/w/{slug}/{ability.name.lower()}/"


@pytest.mark.parametrize("ability", Ability)
@pytest.mark.parametrize("role", Role)
def test_each_role_may_do_what_the_table_says_and_nothing_else(house, role, ability):
    response = signed_in(cast.person(house.workspace, "Dana", role)).get(at(ability))
    assert response.status_code == (200 if ability in MAY[role] else 403)
    said = response.content.decode()
    assert (f"Kopi Kita, {role}" in said) == (ability in MAY[role])


def test_a_refusal_names_the_role_what_it_may_not_do_and_whom_to_ask(house):
    response = signed_in(cast.alice(house)).get(at(Ability.LIFT_OPT_OUT))
    assert response.status_code == 403
    said = response.content.decode()
    assert "Your role, Agent, may not lift an opt-out." in said
    assert "Ask an admin" in said


@pytest.mark.parametrize("ability", Ability)
def test_to_an_outsider_a_workspace_looks_like_one_that_does_not_exist(house, ability):
    browser = signed_in(cast.charlie())
    there, nowhere = browser.get(at(ability)), browser.get(at(ability, "no-such-place"))
    assert (there.status_code, nowhere.status_code) == (404, 404)
    assert there.content == nowhere.content


def test_an_anonymous_visitor_is_sent_to_sign_in_and_comes_back(house):
    response = Client().get(at(Ability.READ))
    assert response.status_code == 302
    assert response.headers["Location"] == "/accounts/login/?next=/w/kopi-kita/read/"


def test_a_poll_whose_session_has_ended_is_answered_401_and_never_a_redirect(house):
    browser = signed_in(cast.alice(house))
    polls = {"HX-Request": "true"}
    assert browser.get(at(Ability.READ), headers=polls).status_code == 200
    Session.objects.all().delete()
    response = browser.get(at(Ability.READ), headers=polls)
    assert response.status_code == 401
    assert "Sign in again" in response.content.decode()


def test_a_member_who_was_removed_is_an_outsider_at_once(house):
    alice = cast.alice(house)
    browser = signed_in(alice)
    assert browser.get(at(Ability.READ)).status_code == 200
    Membership.objects.filter(user=alice).delete()
    assert browser.get(at(Ability.READ)).status_code == 404


def test_a_deactivated_person_is_signed_out_at_once(house):
    alice = cast.alice(house)
    browser = signed_in(alice)
    type(alice).objects.filter(pk=alice.pk).update(is_active=False)
    assert browser.get(at(Ability.READ)).status_code == 302


def test_a_deactivated_member_may_nothing_whatever_their_role(house):
    owner = cast.person(house.workspace, "Olga", Role.OWNER)
    type(owner).objects.filter(pk=owner.pk).update(is_active=False)
    membership = Membership.objects.get(user=owner)
    assert [ability for ability in Ability if may(membership, ability)] == []


def test_a_role_in_one_workspace_is_worth_nothing_in_another(house):
    charlie = cast.charlie()
    Membership.objects.filter(user=charlie).update(role=Role.OWNER)
    Membership.objects.create(workspace=house.workspace, user=charlie, role=Role.OPS)
    browser = signed_in(charlie)
    assert browser.get(at(Ability.LIFT_OPT_OUT, "teh-tubruk")).status_code == 200
    assert browser.get(at(Ability.LIFT_OPT_OUT)).status_code == 403


def test_the_wrong_method_is_405_for_members_and_strangers_alike(house):
    assert signed_in(cast.alice(house)).get("/w/kopi-kita/act/").status_code == 405
    assert Client().get("/w/kopi-kita/act/").status_code == 405
    assert signed_in(cast.bob(house)).post("/w/kopi-kita/act/").status_code == 200


def test_a_superuser_without_membership_is_an_outsider(house):
    root = cast.charlie()
    type(root).objects.filter(pk=root.pk).update(is_superuser=True)
    assert signed_in(root).get(at(Ability.READ)).status_code == 404


@pytest.fixture
def addresses(house):
    """Every address of the inbox, with the ids of things that exist."""
    conversation = hear(house)
    ids = {"<int:conversation_id>": conversation.pk, "<int:message_id>": ours(conversation).pk}
    found = []
    for pattern in inbox_urls.urlpatterns:
        path = str(pattern.pattern)
        for name, number in ids.items():
            path = path.replace(name, str(number))
        assert "<" not in path, "a new kind of id: say which one exists"
        found.append(f"/w/kopi-kita/inbox/{path}")
    return found


def ask(browser: Client, address: str, **headers: str):
    """Ask with the method that the address takes."""
    response = browser.get(address, headers=headers)
    return browser.post(address, headers=headers) if response.status_code == 405 else response


def test_every_address_of_the_inbox_is_closed_to_outsiders(addresses):
    browser = signed_in(cast.charlie())
    assert {address: ask(browser, address).status_code for address in addresses} == dict.fromkeys(addresses, 404)


def test_every_address_of_the_inbox_asks_an_anonymous_visitor_to_sign_in(addresses):
    for address in addresses:
        assert ask(Client(), address).headers["Location"].startswith("/accounts/login/?next="), address
        assert ask(Client(), address, **{"HX-Request": "true"}).status_code == 401, address


def test_no_answer_of_the_inbox_is_kept_by_the_browser_or_a_proxy(house, addresses):
    browser = signed_in(cast.bob(house))
    for address in addresses:
        response = ask(browser, address)
        assert response.status_code in {200, 204, 404, 409, 422}, address
        if response.status_code != 404:
            assert {"no-store", "private"} <= set(response.headers["Cache-Control"].split(", ")), address


def test_what_only_reads_refuses_to_be_posted_to_and_what_acts_refuses_to_be_read(house, addresses):
    browser = signed_in(cast.bob(house))
    for address in addresses:
        statuses = {browser.get(address).status_code == 405, browser.post(address).status_code == 405}
        assert statuses == {True, False}, address
