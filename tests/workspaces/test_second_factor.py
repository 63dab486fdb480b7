"""A workspace that asks everybody for a second factor opens nothing to a member without one, and no other closes."""

from __future__ import annotations

import re

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

from diagnostics import urls as diagnostics_urls
from inbox import urls as inbox_urls
from tests import cast
from tests.inbox.screens import hear, ours, queries_of, signed_in
from tests.workspaces.test_account import confirmed, with_passkey
from workspaces.models import Membership, Role, Workspace, WorkspaceClock

pytestmark = pytest.mark.django_db
PAGE = "/w/kopi-kita/settings/members/"
SWITCH = "/w/kopi-kita/settings/second-factor/requirement/"
DOOR = "/w/kopi-kita/settings/second-factor/"


def with_factor(user):
    TOTP.activate(user, generate_totp_secret())
    return user


def text(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def ask_for_it(house) -> None:
    Workspace.objects.filter(pk=house.workspace.pk).update(needs_second_factor=True)


def test_switching_is_written_down_and_reaches_the_screens(house, bob):
    browser = signed_in(with_factor(bob))
    before = WorkspaceClock.objects.get(workspace=house.workspace).version
    page = browser.post(SWITCH, {"needed": "yes"}, follow=True)
    assert "Kopi Kita asks everybody for a second factor now." in text(page)
    assert WorkspaceClock.objects.get(workspace=house.workspace).version == before + 1
    browser.post(SWITCH, {"needed": "no"})
    entries = house.workspace.audit_entries.filter(action="two-factor sign-in required").order_by("pk")
    assert [(one.actor, one.before, one.after) for one in entries] == [
        (bob, {"is_required": False}, {"is_required": True}),
        (bob, {"is_required": True}, {"is_required": False}),
    ]


def test_the_same_again_leaves_no_second_line(house, bob):
    browser = signed_in(with_factor(bob))
    for _ in range(2):
        browser.post(SWITCH, {"needed": "yes"})
    assert house.workspace.audit_entries.filter(action="two-factor sign-in required").count() == 1


def test_whoever_switches_it_on_needs_one_themselves(house, bob):
    page = signed_in(bob).post(SWITCH, {"needed": "yes"}, follow=True)
    assert "Set up a second factor for yourself first" in text(page)
    house.workspace.refresh_from_db()
    assert not house.workspace.needs_second_factor


@pytest.mark.parametrize("said", [{}, {"needed": ""}, {"needed": "perhaps"}])
def test_a_post_that_says_neither_leaves_it_as_it_is(house, bob, said):
    ask_for_it(house)
    page = signed_in(with_factor(bob)).post(SWITCH, said)
    assert page.status_code == 422
    assert "nothing was changed" in text(page)
    house.workspace.refresh_from_db()
    assert house.workspace.needs_second_factor


def test_a_passkey_is_one_too(house, bob):
    with_passkey(confirmed(bob))
    signed_in(bob).post(SWITCH, {"needed": "yes"})
    house.workspace.refresh_from_db()
    assert house.workspace.needs_second_factor
    assert "Passkey" in text(signed_in(bob).get(PAGE))


def test_recovery_codes_alone_are_no_second_factor(house, bob):
    RecoveryCodes.activate(bob)
    signed_in(bob).post(SWITCH, {"needed": "yes"})
    house.workspace.refresh_from_db()
    assert not house.workspace.needs_second_factor


def test_a_member_without_one_is_led_to_it_and_gets_in_once_it_is_there(house):
    ask_for_it(house)
    alice = cast.alice(house)
    browser = signed_in(alice)
    answer = browser.get("/", follow=True)
    assert answer.redirect_chain[-1][0] == DOOR
    assert "Kopi Kita asks everybody for a second factor" in text(answer)
    assert "/accounts/2fa/totp/activate/" in text(answer)
    with_factor(alice)
    assert browser.get(DOOR, follow=True).redirect_chain[-1][0] == "/w/kopi-kita/inbox/"
    assert browser.get("/w/kopi-kita/inbox/").status_code == 200


@pytest.mark.parametrize("role", Role)
def test_it_holds_for_every_role(house, role):
    ask_for_it(house)
    assert signed_in(cast.person(house.workspace, "Dana", role)).get(PAGE).headers["Location"] == DOOR


def test_every_address_of_the_workspace_is_closed_and_a_poll_says_so_without_a_redirect(house):
    conversation = hear(house)
    ids: dict[str, object] = {"<int:conversation_id>": conversation.pk, "<int:message_id>": ours(conversation).pk}
    ids |= {"<day:day>": "2026-11-24", "<int:event_id>": 1}
    ask_for_it(house)
    browser = signed_in(cast.person(house.workspace, "Olga", Role.OWNER))
    for folder, patterns in (("inbox", inbox_urls.urlpatterns), ("diagnostics", diagnostics_urls.urlpatterns)):
        for pattern in patterns:
            path = str(pattern.pattern)
            for name, number in ids.items():
                path = path.replace(name, str(number))
            assert "<" not in path, "a new kind of id: say which one exists"
            address = f"/w/kopi-kita/{folder}/{path}"
            for ask in (browser.get, browser.post):
                answer = ask(address)
                if answer.status_code != 405:
                    assert (answer.status_code, answer.headers["Location"]) == (302, DOOR), address
                    poll = ask(address, headers={"HX-Request": "true"})
                    assert poll.status_code == 403, address
                    assert "asks everybody for a second factor now" in text(poll)


def test_other_workspaces_stay_open_and_are_offered(house):
    ask_for_it(house)
    charlie = cast.charlie()
    Membership.objects.create(workspace=house.workspace, user=charlie, role=Role.AGENT)
    browser = signed_in(charlie)
    page = browser.get("/", follow=True)
    assert page.redirect_chain[-1][0] == DOOR
    assert "/w/teh-tubruk/inbox/" in text(page)
    assert browser.get("/w/teh-tubruk/inbox/").status_code == 200


def test_the_door_itself_leads_on_where_nothing_is_asked_and_is_closed_to_others(house, bob):
    assert signed_in(bob).get(DOOR).headers["Location"] == "/w/kopi-kita/inbox/"
    assert signed_in(cast.charlie()).get(DOOR).status_code == 404


def test_the_list_of_members_says_who_is_kept_out(house, bob):
    cast.alice(house)
    ask_for_it(house)
    page = text(signed_in(with_factor(bob)).get(PAGE))
    assert page.count("No second factor: kept out") == 1


def test_asking_costs_a_poll_no_query(house, bob):
    browser = signed_in(with_factor(bob))
    address = "/w/kopi-kita/inbox/list/?seen=1000000"
    before = queries_of(browser, address)
    ask_for_it(house)
    assert queries_of(browser, address) == before
