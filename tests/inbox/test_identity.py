"""Who is who, from webhook to contact: phones, BSUIDs and parents; numbers that change, or change hands."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from django.db import transaction

from inbox import drain, thread_lines
from inbox.models import Act, Contact, Conversation, Identity, Message, Sighting, Word, Work
from tests import cast
from tests.cast import House
from tests.inbox.natural import inbox_of
from webhooks.models import WebhookEvent

pytestmark = pytest.mark.django_db

NOW = cast.ago(minutes=0)
PHONE, OTHER_PHONE = "6281100", "6281200"
A, B = "ID.A", "ID.B"


def at(minutes_ago: int) -> datetime:
    return NOW - timedelta(minutes=minutes_ago)


def hears(house: House, text: str, minutes_ago: int, phone: str = "", bsuid: str = "", **fields: Any) -> dict[str, Any]:
    return cast.says(house, text, phone=phone, bsuid=bsuid, at=at(minutes_ago), wamid=f"wamid.{text}", **fields)


def arrive(house: House, *changes: dict[str, Any]) -> None:
    for change in changes:
        cast.arrives(house, change)
        drain.drain()


def number_change(house: House, old: str, new: str, minutes_ago: int, bsuid: str = "") -> dict[str, Any]:
    system = {"type": "user_changed_number", "wa_id": new, "body": "changed"} | ({"user_id": bsuid} if bsuid else {})
    stamp = str(int(at(minutes_ago).timestamp()))
    message = {"from": old, "id": "wamid.change", "timestamp": stamp, "type": "system", "system": system}
    return cast.change(house, messages=[message])


def id_update(house: House, old: str, new: str, minutes_ago: int) -> dict[str, Any]:
    ids = {"user_id": {"previous": old, "current": new}, "timestamp": str(int(at(minutes_ago).timestamp()))}
    return cast.change(house, user_id_update=[ids]) | {"field": "user_id_update"}


def with_(*texts: str) -> set[int]:
    """The contacts that these messages are with."""
    found = Message.objects.filter(text__in=texts)
    assert found.count() == len(texts)
    return set(found.values_list("conversation__contact_id", flat=True))


def every_order(house: House, *changes: dict[str, Any]) -> None:
    """Apply them in every order; whatever the order, the inbox is the same. Leaves it as the last order made it."""
    seen = []
    for order in permutations(changes):
        with transaction.atomic():
            arrive(house, *order)
            seen.append(inbox_of(house.workspace))
            transaction.set_rollback(True)
    # received_at is when we stored it, which differs here between orders.
    for inbox in seen:
        for _, facts in inbox["messages"].values():
            facts.pop("received_at")
    assert all(one == seen[0] for one in seen)
    arrive(house, *changes)


@pytest.mark.parametrize("ids", [{"phone": PHONE, "bsuid": A}, {"phone": PHONE}, {"bsuid": A}])
def test_a_person_named_in_any_way_is_one_contact(house, ids):
    arrive(house, hears(house, "one", 5, **ids), hears(house, "two", 4, **ids))
    assert len(with_("one", "two")) == 1
    assert Contact.objects.count() == Conversation.objects.count() == 1


def test_a_phone_and_a_bsuid_are_joined_when_they_are_seen_together(house):
    every_order(
        house,
        hears(house, "by phone", 9, phone=PHONE),
        hears(house, "by id", 8, bsuid=A),
        hears(house, "by both", 7, phone=PHONE, bsuid=A),
    )
    assert len(with_("by phone", "by id", "by both")) == 1
    assert Contact.objects.count() == 1
    assert Sighting.objects.values_list("phone", "bsuid", "wamid").get() == (PHONE, A, "wamid.by both")


def test_a_bsuid_in_the_field_of_the_phone_is_a_bsuid(house):
    arrive(house, cast.says(house, "odd", phone="ID.A", bsuid=""), hears(house, "even", 2, bsuid=A))
    assert len(with_("odd", "even")) == 1
    assert set(Identity.objects.values_list("kind", "value")) == {("bsuid", A)}


def test_a_parent_bsuid_joins_the_ids_below_it(house):
    every_order(
        house,
        hears(house, "one", 5, bsuid=A, from_parent_user_id="ID.ENT.P"),
        hears(house, "two", 4, bsuid=B, from_parent_user_id="ID.ENT.P"),
    )
    assert len(with_("one", "two")) == 1
    assert not Identity.objects.exclude(retired_at=None).exists()


def test_a_recycled_number_is_a_new_contact_with_a_line_in_both_threads(house):
    every_order(
        house,
        hears(house, "first owner", 9, phone=PHONE, bsuid=A),
        hears(house, "phone alone, before", 8, phone=PHONE),
        hears(house, "second owner", 5, phone=PHONE, bsuid=B),
        hears(house, "phone alone, after", 4, phone=PHONE),
    )
    assert with_("first owner", "phone alone, before").isdisjoint(with_("second owner", "phone alone, after"))
    assert Contact.objects.count() == 2
    lines = Act.objects.filter(kind=Act.Kind.NUMBER_MOVED).order_by("detail")
    assert [line.detail for line in lines] == [
        "+6281100 had another owner before.",
        "+6281100 now belongs to somebody else.",
    ]
    assert len({line.conversation_id for line in lines}) == 2


def test_the_line_of_a_recycled_number_goes_when_meta_joins_the_two_after_all(house):
    arrive(
        house,
        hears(house, "one", 9, phone=PHONE, bsuid=A),
        hears(house, "two", 5, phone=PHONE, bsuid=B),
        id_update(house, A, B, 6),
    )
    assert len(with_("one", "two")) == 1
    assert list(Act.objects.values_list("kind", "detail")) == [
        ("number_changed", "WhatsApp gave this person a new id.")
    ]


def test_a_number_change_keeps_the_person_and_says_so_in_the_thread(house):
    every_order(
        house,
        hears(house, "before", 9, phone=PHONE, bsuid=A),
        number_change(house, PHONE, OTHER_PHONE, 7, bsuid=B),
        hears(house, "after", 5, phone=OTHER_PHONE, bsuid=B),
    )
    assert len(with_("before", "after")) == 1
    conversation = Conversation.objects.get()
    assert [line.text for line in thread_lines.newest(conversation, house.workspace).lines if line.kind == "act"] == [
        "This person has a new number."
    ]
    assert set(Identity.objects.exclude(retired_at=None).values_list("value", flat=True)) == {PHONE}


def test_a_system_message_and_a_user_id_update_of_one_change_are_one_line(house):
    every_order(
        house,
        hears(house, "before", 9, phone=PHONE, bsuid=A),
        number_change(house, PHONE, OTHER_PHONE, 7, bsuid=B),
        id_update(house, A, B, 7),
    )
    assert Act.objects.filter(kind=Act.Kind.NUMBER_CHANGED).count() == 1
    assert Contact.objects.count() == 1


def test_whoever_is_first_seen_with_a_number_after_its_owner_left_it_is_somebody_else(house):
    every_order(
        house,
        hears(house, "before", 9, phone=PHONE),
        number_change(house, PHONE, OTHER_PHONE, 7),
        hears(house, "moved", 6, phone=OTHER_PHONE),
        hears(house, "stranger", 5, phone=PHONE, bsuid=B),
    )
    assert len(with_("before", "moved")) == 1
    assert with_("before").isdisjoint(with_("stranger"))


def test_whoever_had_the_new_number_before_keeps_a_thread_of_their_own(house):
    every_order(
        house,
        hears(house, "theirs", 9, phone=OTHER_PHONE),
        hears(house, "before", 8, phone=PHONE, bsuid=A),
        number_change(house, PHONE, OTHER_PHONE, 7, bsuid=B),
        hears(house, "after", 5, phone=OTHER_PHONE, bsuid=B),
    )
    assert len(with_("before", "after")) == 1
    assert with_("theirs").isdisjoint(with_("before"))


def test_people_of_two_workspaces_are_never_joined(house):
    other = cast.teh_tubruk()
    arrive(house, hears(house, "ours", 5, phone=PHONE, bsuid=A))
    arrive(other, hears(other, "theirs", 4, phone=PHONE, bsuid=A))
    assert len(with_("ours", "theirs")) == 2


def test_the_name_is_that_of_the_newest_message_whatever_came_last(house):
    every_order(
        house,
        hears(house, "one", 9, phone=PHONE, bsuid=A, name="Dewi"),
        hears(house, "two", 5, phone=PHONE, bsuid=A, name="Dewi Lestari"),
        hears(house, "three", 7, phone=PHONE, bsuid=A, name="D."),
    )
    assert Contact.objects.get().name == "Dewi Lestari"


def test_messages_that_move_are_new_to_a_poll_of_the_thread_they_come_to(house):
    arrive(house, hears(house, "by phone", 9, phone=PHONE), hears(house, "by id", 8, bsuid=A))
    seen = max(Message.objects.values_list("version", flat=True))
    arrive(house, hears(house, "by both", 7, phone=PHONE, bsuid=A))
    conversation = Conversation.objects.get()
    shown = [line.text for line in thread_lines.since(conversation, house.workspace, seen).lines]
    assert {"by both"} < set(shown)
    assert conversation.messages.filter(version__gt=seen).count() == 2


def test_an_owner_and_a_closure_go_with_the_conversation_that_is_merged(house):
    alice = cast.alice(house)
    arrive(house, hears(house, "by phone", 9, phone=PHONE), hears(house, "by id", 8, bsuid=A))
    Conversation.objects.filter(messages__text="by id").update(owner=alice, closed_at=at(6))
    arrive(house, hears(house, "by both", 7, phone=PHONE, bsuid=A))
    conversation = Conversation.objects.get()
    assert (conversation.owner, conversation.state) == (alice, "assigned")


def test_two_people_with_a_message_on_its_way_each_become_one_when_one_of_them_is_answered(house):
    arrive(house, hears(house, "one", 5, bsuid=A), hears(house, "two", 4, bsuid=B))
    underway = [_on_its_way(conversation) for conversation in Conversation.objects.all()]
    arrive(house, id_update(house, A, B, 1), hears(house, "three", 0, bsuid=B))
    assert sorted(WebhookEvent.objects.values_list("state", flat=True)) == ["applied"] * 3 + ["waiting"]
    assert Conversation.objects.count() == 2
    Message.objects.filter(pk=underway[0]).update(work=Work.DONE)
    drain.drain()
    assert set(WebhookEvent.objects.values_list("state", flat=True)) == {"applied"}
    assert set(Conversation.objects.get().messages.values_list("text", flat=True)) == {"one", "two", "three", "Yes"}


def _on_its_way(conversation: Conversation) -> int:
    """A reply that a worker is just giving to Meta."""
    return Message.objects.create(
        workspace=conversation.workspace, connection=conversation.connection, conversation=conversation,
        identity=conversation.contact.identities.get(), environment="simulator", direction="out", source="ours",
        kind="text", text="Yes", placed_at=NOW, received_at=NOW, processed_at=NOW, token=f"t{conversation.pk}",
        word=Word.SENDING, work=Work.CLAIMED, attempt=1,
    ).pk  # fmt: skip
