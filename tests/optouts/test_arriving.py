"""STOP and START as they arrive: recorded with the message that says them, whole, and only an explicit word reopens."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from inbox import drain, guard
from inbox.models import Contact, Conversation, Identity, Message, Receipt
from optouts import ledger
from optouts.models import ConsentEvent
from tests import cast
from tests.cast import House
from tests.inbox.screens import inbox, signed_in
from workspaces.models import Membership, WorkspaceClock

pytestmark = pytest.mark.django_db

DEWI = {("phone", "628110000001"), ("bsuid", "ID.1001")}


def hears(house: House, text: str, **facts: Any) -> None:
    cast.arrives(house, cast.says(house, text, **facts))
    drain.drain()


def is_out(house: House) -> bool:
    return ledger.standing(house.workspace.pk, DEWI).everything is not None


def test_stop_is_recorded_with_the_message_that_says_it(house):
    hears(house, "STOP!", wamid="wamid.stop")
    event = ConsentEvent.objects.get()
    message = Message.objects.get()
    assert is_out(house)
    assert (event.quote, event.evidence, event.source, event.scope) == ("STOP!", "wamid.stop", "words", "all")
    assert event.provider_at == message.provider_at
    assert (event.event_day, event.event_id, event.raw) == (message.event_day, message.event_id, message.raw)


def test_stop_then_ok_stays_opted_out_and_start_reopens(house):
    hears(house, "Stop", at=cast.ago(minutes=9))
    for n, text in enumerate(["ok", "thanks", "yes please", "Do you deliver?"]):
        hears(house, text, at=cast.ago(minutes=8 - n))
        assert is_out(house), text
    hears(house, "Start", at=cast.ago(minutes=1))
    assert not is_out(house)


def test_words_that_arrive_in_the_wrong_order_give_the_same_answer(house):
    hears(house, "START", at=cast.ago(minutes=1))
    hears(house, "STOP", at=cast.ago(minutes=9))
    assert not is_out(house)
    hears(house, "STOP", at=cast.ago(seconds=5))
    assert is_out(house)


def test_a_message_that_arrives_twice_is_one_opt_out(house):
    for _ in range(2):
        change = cast.says(house, "STOP", wamid="wamid.stop", at=cast.ago(minutes=5))
        cast.arrives(house, change, cast.says(house, "other", phone="62899", bsuid="ID.9"))
        drain.drain()
    assert ConsentEvent.objects.count() == 1


def test_a_sentence_with_the_word_in_it_is_no_opt_out(house):
    hears(house, "Please stop by the shop")
    assert not ConsentEvent.objects.exists()


def test_a_button_says_it_as_well(house):
    hears(house, "", type="button", button={"text": "Stop", "payload": "stop"})
    assert is_out(house)
    assert ConsentEvent.objects.get().source == "button"


def test_a_caption_or_a_group_says_nothing(house):
    hears(house, "", type="image", image={"id": "1", "caption": "STOP"})
    hears(house, "STOP", group_id="group-1")
    assert not ConsentEvent.objects.exists()


def prefers(house: House, value: str, category: str = "marketing_messages", detail: str = "Stopped") -> None:
    """They chose this in WhatsApp's own settings."""
    person = {"wa_id": "628110000001", "user_id": "ID.1001"}
    said = {**person, "category": category, "value": value, "timestamp": 1795300460, "detail": detail}
    preference = cast.change(house, contacts=[{"profile": {"name": "Dewi"}, **person}], user_preferences=[said])
    cast.arrives(house, preference | {"field": "user_preferences"})
    drain.drain()


def clock_of(house: House) -> int:
    return WorkspaceClock.objects.get(workspace=house.workspace).version


def test_open_screens_hear_of_a_preference_once(house):
    before = clock_of(house)
    prefers(house, "stop")
    assert clock_of(house) == before + 1
    prefers(house, "stop", detail="told again")
    assert clock_of(house) == before + 1


def test_metas_own_preference_stops_marketing_only(house):
    prefers(house, "stop")
    found = ledger.standing(house.workspace.pk, DEWI)
    assert found.everything is None
    assert found.marketing is not None
    assert found.marketing.source == "preference"


def test_a_preference_of_another_category_says_nothing_of_marketing(house):
    prefers(house, "stop", "service_messages")
    prefers(house, "stop", "")
    assert not ConsentEvent.objects.exists()


def fails(house: House, code: int, word: str = "failed", **recipient: Any) -> None:
    cast.arrives(house, cast.status(house, "wamid.ad", word, errors=[{"code": code, "title": "t"}], **recipient))
    drain.drain()


def test_metas_refusal_of_marketing_is_recorded_once_as_an_opt_out_of_it(house):
    for told in ("t", "told again"):
        fails(house, 131050, recipient_id="628110000001", recipient_user_id="ID.1001", biz_opaque_callback_data=told)
    event = ConsentEvent.objects.get()
    assert (event.scope, event.direction, event.source, event.evidence) == ("marketing", "out", "refusal", "wamid.ad")
    found = ledger.standing(house.workspace.pk, DEWI)
    assert found.everything is None
    assert found.marketing == event


def test_another_failure_or_one_that_names_nobody_is_no_opt_out(house):
    fails(house, 131049, recipient_id="628110000001")
    fails(house, 131050, "sent", recipient_id="628110000001")
    fails(house, 131050)
    assert not ConsentEvent.objects.exists()


def test_the_screen_quotes_them_and_says_what_would_change_it(house):
    hears(house, "Berhenti")
    conversation = Conversation.objects.get()
    browser = signed_in(cast.alice(house))
    page = browser.get(inbox(house, f"{conversation.pk}/verdict/")).content.decode()
    assert "“Berhenti”" in page
    assert "START" in page


def test_the_refusal_and_its_receipt_are_kept_together_or_not_at_all(house):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE optouts_consentevent ADD CONSTRAINT broken CHECK (source <> 'refusal')")
    fails(house, 131050, recipient_id="628110000001")
    assert not Receipt.objects.exists()
    assert not ConsentEvent.objects.exists()


def test_an_opt_out_survives_the_contact_and_meets_them_when_they_come_back(house):
    hears(house, "STOP", at=cast.ago(minutes=9))
    talk = Conversation.objects.get()
    Conversation.objects.update(reply_to=None)
    for gone in (Message.objects, Conversation.objects, Identity.objects, Contact.objects):
        gone.all().delete()
    assert is_out(house)
    hears(house, "Hello again", at=cast.ago(minutes=1))
    fresh = Conversation.objects.get()
    assert fresh.contact_id != talk.contact_id
    membership = Membership.objects.get(user=cast.alice(house))
    found = guard.verdict(fresh, now=timezone.now(), membership=membership, behind_since=None)
    assert [reason.code for reason in found.reasons] == ["opted_out"]


def test_message_and_opt_out_are_kept_together_or_not_at_all(house):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE optouts_consentevent ADD CONSTRAINT broken CHECK (quote <> 'STOP')")
    cast.arrives(house, cast.says(house, "STOP"))
    drain.drain()
    assert not Message.objects.exists()
    assert not ConsentEvent.objects.exists()
