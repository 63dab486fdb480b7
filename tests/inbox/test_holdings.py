"""What somebody said holds for them wherever they go, and for nobody who has their number after them (P7)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from connections import sandbox
from connections.models import Sandbox
from inbox import guard, rows
from inbox.models import Conversation
from optouts import ledger
from optouts.models import ConsentEvent
from tests import cast
from tests.cast import House
from tests.inbox.screens import inbox, signed_in
from tests.inbox.test_identity import OTHER_PHONE, PHONE, A, B, arrive, hears, id_update, number_change
from workspaces.models import Membership

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    made = cast.kopi_kita()
    cast.alice(made)
    return made


def against(house: House, text: str) -> set[str]:
    """What stands against a reply in the conversation with this text, which its row in the list says as well."""
    conversation = Conversation.objects.select_related("connection", "contact", "owner").get(messages__text=text)
    alice = Membership.objects.get(workspace=house.workspace)
    found = guard.verdict(conversation, now=timezone.now(), membership=alice, behind_since=None)
    codes = {reason.code for reason in found.reasons}
    whitelist = sandbox.held_to(house.workspace.pk)
    row = rows.rows_of(house.workspace, alice.user, [conversation], chosen=None, query="", whitelist=whitelist)[0]
    assert (row.opted_out, row.sandboxed) == ("opted_out" in codes, "sandbox" in codes)
    return codes


def in_many_orders(house: House, check: Callable[[], None], *changes: dict[str, Any]) -> None:
    """Every one of them comes first, and last, and before and after each of the others."""
    turned = [changes[n:] + changes[:n] for n in range(len(changes))]
    for order in turned + [one[::-1] for one in turned]:
        with transaction.atomic():
            arrive(house, *order)
            check()
            transaction.set_rollback(True)


def test_a_stop_goes_with_its_sender_and_not_with_the_number_that_they_left(house):
    def check() -> None:
        assert against(house, "mine again") == {"opted_out"}
        assert against(house, "new here") == set()

    in_many_orders(
        house,
        check,
        hears(house, "STOP", 50, phone=PHONE),
        number_change(house, PHONE, OTHER_PHONE, 40),
        hears(house, "mine again", 30, phone=OTHER_PHONE),
        hears(house, "new here", 20, phone=PHONE, bsuid=B),
    )


def test_a_stop_of_who_has_the_number_now_is_theirs_alone(house):
    def check() -> None:
        assert against(house, "mine again") == set()
        assert against(house, "new here") == {"opted_out"}

    in_many_orders(
        house,
        check,
        hears(house, "before", 50, phone=PHONE),
        number_change(house, PHONE, OTHER_PHONE, 40),
        hears(house, "mine again", 30, phone=OTHER_PHONE),
        hears(house, "new here", 20, phone=PHONE, bsuid=B),
        hears(house, "STOP", 10, phone=PHONE, bsuid=B),
    )


def test_what_comes_from_a_number_between_two_people_may_be_either_and_opens_nothing_again(house):
    def check() -> None:
        assert against(house, "mine again") == {"opted_out"}

    in_many_orders(
        house,
        check,
        hears(house, "STOP", 50, phone=PHONE),
        number_change(house, PHONE, OTHER_PHONE, 40),
        hears(house, "START", 35, phone=PHONE),
        hears(house, "mine again", 30, phone=OTHER_PHONE),
        hears(house, "new here", 20, phone=PHONE, bsuid=B),
    )


def test_a_stop_from_a_number_between_two_people_holds_for_both(house):
    arrive(
        house,
        hears(house, "first", 50, phone=PHONE),
        number_change(house, PHONE, OTHER_PHONE, 40),
        hears(house, "STOP", 35, phone=PHONE),
        hears(house, "mine again", 30, phone=OTHER_PHONE),
        hears(house, "new here", 20, phone=PHONE, bsuid=B),
    )
    assert against(house, "mine again") == against(house, "new here") == {"opted_out"}


def test_who_opted_out_can_opt_in_again_from_the_number_they_moved_to(house):
    arrive(
        house,
        hears(house, "STOP", 50, phone=PHONE),
        number_change(house, PHONE, OTHER_PHONE, 40),
        hears(house, "START", 30, phone=OTHER_PHONE),
        hears(house, "new here", 20, phone=PHONE, bsuid=B),
    )
    assert against(house, "START") == set()


def test_an_opt_out_by_a_user_id_that_was_replaced_is_still_theirs(house):
    arrive(
        house,
        hears(house, "STOP", 50, phone=PHONE, bsuid=A),
        id_update(house, A, B, 40),
        hears(house, "it is me", 30, phone=PHONE, bsuid=B),
        hears(house, "new here", 20, phone=PHONE, bsuid="ID.Z"),
    )
    assert against(house, "it is me") == {"opted_out"}
    assert against(house, "new here") == set()


def test_it_can_be_lifted_and_is_shown_where_its_sender_is_now(house):
    arrive(
        house,
        hears(house, "STOP", 50, phone=PHONE),
        number_change(house, PHONE, OTHER_PHONE, 40),
        hears(house, "mine again", 30, phone=OTHER_PHONE),
        hears(house, "new here", 20, phone=PHONE, bsuid=B),
    )
    bob = signed_in(cast.bob(house))
    event = ConsentEvent.objects.get()
    mine, theirs = (Conversation.objects.get(messages__text=text) for text in ("mine again", "new here"))
    form = {"event": event.pk, "reason": "They asked on the phone"}
    assert bob.post(inbox(house, f"{theirs.pk}/consent/lift/"), form).status_code == 404
    assert bob.get(inbox(house, f"{theirs.pk}/panel/")).context["consent_events"] == []
    assert bob.get(inbox(house, f"{mine.pk}/panel/")).context["consent_events"] == [event]
    assert bob.post(inbox(house, f"{mine.pk}/consent/lift/"), form).status_code == 200
    assert ledger.standing(house.workspace.pk, [("phone", PHONE)]).everything is None


def test_a_whitelisted_number_that_somebody_left_lets_nothing_out_to_where_they_went(house):
    Sandbox.objects.filter(workspace=house.workspace).update(is_on=True)
    sandbox.change_whitelist(house.workspace, add=[("phone", PHONE)])
    arrive(house, hears(house, "one", 50, phone=PHONE))
    assert against(house, "one") == set()
    arrive(house, number_change(house, PHONE, OTHER_PHONE, 40), hears(house, "two", 30, phone=OTHER_PHONE))
    assert against(house, "two") == {"sandbox"}
