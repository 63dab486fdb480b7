"""Sandbox mode on the screens where people reply: each state says what it is, and Meta's own list is told from ours."""

from __future__ import annotations

import re

import pytest

from connections import sandbox
from inbox import sending
from tests import cast
from tests.inbox.screens import hear, inbox, signed_in, version
from workspaces.models import Role

pytestmark = pytest.mark.django_db

SETTINGS = "/w/kopi-kita/settings/sandbox/"


def plain(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def composer(house, user) -> str:
    talk = house.workspace.conversations.get()
    page, polled = (signed_in(user).get(inbox(house, f"{talk.pk}/{part}")) for part in ("", "verdict/"))
    said = polled.content.decode()
    assert plain(said) in plain(page.content.decode()), "the page begins as the poll goes on"
    return said


def sign(house, user) -> str:
    """What stands above the list, on the page and in its poll."""
    page, polled = (signed_in(user).get(inbox(house, part)).content.decode() for part in ("", "list/"))
    found = re.search(r'<div class="list-sign".*?</div>', polled, re.S)
    assert found is not None
    assert found[0] in page
    return found[0]


def test_while_it_is_off_neither_composer_nor_list_speaks_of_it(house):
    hear(house)
    bob = cast.bob(house)
    assert "Sandbox mode" not in composer(house, bob)
    assert "Sandbox mode" not in sign(house, bob)
    assert " hidden" in sign(house, bob)


def test_while_it_is_on_whoever_is_whitelisted_can_be_answered_and_it_says_so(house):
    hear(house)
    sandbox.switch(house.workspace, on=True)
    sandbox.change_whitelist(house.workspace, add=[("bsuid", "ID.1001")])
    said = composer(house, cast.alice(house))
    assert 'data-verdict="clear"' in said
    assert "Only people on the whitelist receive messages. This person is on it." in plain(said)


def test_while_it_is_on_nobody_else_can_be_answered_and_it_says_who_could_change_that(house):
    hear(house)
    cast.bob(house)
    sandbox.switch(house.workspace, on=True)
    said = composer(house, cast.alice(house))
    assert 'data-verdict="blocked"' in said
    assert "this person is not on the workspace's whitelist" in plain(said).replace("&#x27;", "'")
    assert "Who can do it: Bob." in plain(said)
    assert f'href="{SETTINGS}"' in said
    assert "This person is on it." not in said


@pytest.mark.parametrize("role", [Role.OWNER, Role.ADMIN])
def test_who_may_change_it_is_told_that_it_is_they(house, role):
    hear(house)
    sandbox.switch(house.workspace, on=True)
    dana = cast.person(house.workspace, "Dana", role)
    assert "Who can do it: you. Sandbox settings" in plain(composer(house, dana))
    assert "receive messages. Change it" in plain(sign(house, dana))


@pytest.mark.parametrize("role", [Role.OPS, Role.AGENT])
def test_the_list_has_a_sign_that_leads_whoever_may_not_to_who_may(house, role):
    sandbox.switch(house.workspace, on=True)
    said = sign(house, cast.person(house.workspace, "Dana", role))
    assert "Sandbox mode is on: only people on the whitelist receive messages. Who can change it" in plain(said)
    assert f'href="{SETTINGS}"' in said


def test_the_next_poll_of_an_open_page_tells_of_a_switch_and_of_a_change_of_the_list(house):
    talk = hear(house)
    browser = signed_in(cast.alice(house))
    changes = [
        lambda: sandbox.switch(house.workspace, on=True),
        lambda: sandbox.change_whitelist(house.workspace, add=[("phone", "628110000001")]),
        lambda: sandbox.change_whitelist(house.workspace, remove=[("phone", "628110000001")]),
        lambda: sandbox.switch(house.workspace, on=False),
    ]
    verdicts = []
    for change in changes:
        seen = version(house)
        assert browser.get(inbox(house, f"{talk.pk}/verdict/?seen={seen}")).status_code == 204
        change()
        answer = browser.get(inbox(house, f"{talk.pk}/verdict/?seen={seen}"))
        verdicts.append(re.findall(r'data-verdict="(\w+)"', answer.content.decode()))
        assert browser.get(inbox(house, f"list/?seen={seen}")).status_code == 200
    assert verdicts == [["blocked"], ["clear"], ["blocked"], ["clear"]]


@pytest.mark.parametrize("whitelisted", [True, False])
def test_a_refusal_of_meta_s_own_list_is_told_from_one_of_ours(meta, whitelisted):
    number = meta.house.connection.phone_number_id
    meta.sim.add_number(id=number, account_mode="SANDBOX", allowed=["+1 555-010-0124"])
    talk = meta.hears(meta.customer())
    message = meta.writes(talk)
    if not whitelisted:
        sandbox.switch(meta.house.workspace, on=True)
    sending.deliver(message.pk)
    said = plain(signed_in(meta.alice).get(inbox(meta.house, f"{talk.pk}/thread/")).content.decode())
    if whitelisted:
        assert "the customer is not on Meta&#x27;s list of people it may write to" in said
        assert "That list is Meta&#x27;s own, and not the whitelist of sandbox mode." in said
        assert "in Meta&#x27;s dashboard (WhatsApp, API setup, “To”)" in said
        assert "Code 131030" in said
        assert meta.sends_asked() == 1
    else:
        assert "this person is not on the workspace&#x27;s whitelist" in said
        assert "131030" not in said
        assert meta.sends_asked() == 0
