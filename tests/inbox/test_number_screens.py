"""What the composer says of its number: not ready, paused, a token that ends; with the way out for who can take it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from connections import pausing
from connections.models import Connection
from tests import cast
from tests.inbox.screens import hear, inbox, signed_in
from workspaces.models import Role

pytestmark = pytest.mark.django_db


def verdict(house, user) -> str:
    conversation = house.workspace.conversations.get()
    response = signed_in(user).get(inbox(house, f"{conversation.pk}/verdict/"))
    assert response.status_code == 200
    return str(response.content.decode())


def settings_of(house) -> str:
    return f"/w/kopi-kita/settings/connections/numbers/{house.connection.pk}/"


@pytest.mark.parametrize("change", ["not ready", "paused"])
def test_a_number_that_sends_nothing_says_so_with_a_link_for_who_can_change_it(house, change):
    hear(house)
    bob, alice = cast.bob(house), cast.alice(house)
    if change == "paused":
        pausing.pause(house.connection, bob)
    else:
        Connection.objects.update(proven_at=None)
    for_bob, for_alice = verdict(house, bob), verdict(house, alice)
    assert f"is {change}:" in for_bob
    assert f"is {change}:" in for_alice
    assert settings_of(house) in for_bob
    assert "Who can do it: you." in for_bob
    assert settings_of(house) not in for_alice
    assert "Who can do it: Bob." in for_alice


@pytest.mark.parametrize(
    ("ahead", "said"),
    [(15, ""), (13, "ends in 13 days"), (1, "ends tomorrow"), (0, "ends today"), (-1, "ended on")],
)
def test_the_end_of_a_token_is_told_from_two_weeks_ahead_to_who_can_replace_it(house, ahead, said):
    hear(house)
    last_minute = timezone.now().replace(hour=23, minute=59, second=59)
    Connection.objects.update(token_ends_at=last_minute + timedelta(days=ahead))
    bob, alice = cast.bob(house), cast.alice(house)
    assert ('data-banner="token"' in verdict(house, bob)) == bool(said)
    assert said in verdict(house, bob)
    assert 'data-banner="token"' not in verdict(house, alice), "an agent can do nothing about it"
    for address in ("/w/kopi-kita/settings/connections/", settings_of(house)):
        page = signed_in(bob).get(address).content.decode()
        assert ("oken end" in page) == bool(said), address


def test_access_to_data_that_ends_is_told_too(house):
    hear(house)
    Connection.objects.update(
        token_ends_at=timezone.now() + timedelta(days=90), data_access_ends_at=timezone.now() + timedelta(days=3)
    )
    owner = cast.person(house.workspace, "Olga", Role.OWNER)
    assert "The data access of this number&#x27;s token ends" in verdict(house, owner)
