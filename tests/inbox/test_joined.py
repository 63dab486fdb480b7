"""A conversation that went into another one: its address leads on, and nobody's words are lost on the way."""

from __future__ import annotations

import threading
import uuid

import pytest
from django.db import connection, transaction
from django.test import Client

from gigaviz.processes import wait_until
from inbox.models import Conversation, FormerConversation, Message
from tests import cast
from tests.cast import House
from tests.inbox.screens import inbox, signed_in, version
from tests.inbox.test_identity import A, B, arrive, hears, id_update

pytestmark = pytest.mark.django_db
C = "ID.C"
PARTS = ["thread", "header", "verdict", "panel"]


@pytest.fixture
def browser(house: House) -> Client:
    return signed_in(cast.alice(house))


@pytest.fixture
def went(house: House) -> tuple[int, int]:
    """Two conversations that turned out to be one person's: the id that is gone, and the one that stands."""
    arrive(house, hears(house, "one", 5, bsuid=A), hears(house, "two", 4, bsuid=B))
    before = set(Conversation.objects.values_list("pk", flat=True))
    arrive(house, id_update(house, A, B, 1))
    stands = Conversation.objects.get().pk
    return (before - {stands}).pop(), stands


def test_its_address_leads_on_and_the_words_begun_there_come_along(house, browser, went):
    gone, stands = went
    response = browser.get(inbox(house, f"{gone}/"))
    assert (response.status_code, response["Location"]) == (302, inbox(house, f"{stands}/?former={gone}"))
    assert f'/kopi-kita/{gone}" id="composer"' in browser.get(response["Location"]).content.decode()


def test_an_open_page_of_it_shows_the_whole_of_where_it_went(house, browser, went):
    gone, stands = went
    page = browser.get(inbox(house, f"{gone}/thread/?seen=1"))
    assert [line.text for line in page.context["lines"] if line.kind == "message"] == ["one", "two"]
    for part in ("header", "verdict", "panel"):
        assert browser.get(inbox(house, f"{gone}/{part}/?seen=1")).context["conversation"].pk == stands


def test_a_poll_or_a_reply_of_its_open_page_is_told_that_it_is_gone_and_where_to(house, browser, went):
    gone, stands = went
    said = {"headers": {"HX-Request": "true"}}
    answers = [browser.get(inbox(house, f"{gone}/{part}/?seen=1"), **said) for part in PARTS]
    form = {"text": "my words", "form_token": uuid.uuid4(), "position": version(house)}
    answers.append(browser.post(inbox(house, f"{gone}/replies/"), form, **said))
    for answer in answers:
        assert (answer.status_code, answer["X-Gigaviz-Version"]) == (410, str(version(house)))
        assert answer["X-Gigaviz-Moved"] == inbox(house, f"{stands}/?former={gone}")
    assert not Message.objects.filter(source="ours").exists()
    for part in PARTS:
        assert browser.get(inbox(house, f"{stands}/{part}/?seen=1"), **said).status_code == 200


def test_a_reply_to_it_is_not_sent_unread_but_handed_back_for_where_it_went(house, browser, went):
    gone, stands = went
    form = {"text": "my words", "form_token": uuid.uuid4(), "position": version(house)}
    response = browser.post(inbox(house, f"{gone}/replies/"), form)
    page = response.content.decode()
    assert response.status_code == 409
    assert "my words" in page
    assert "joined" in page
    assert inbox(house, f"{stands}/replies/") in page
    assert not Message.objects.filter(source="ours").exists()
    assert browser.post(inbox(house, f"{stands}/replies/"), form).status_code == 200
    assert Message.objects.get(source="ours").conversation_id == stands


def test_reading_it_says_nothing_of_where_it_went(house, browser, went):
    gone, stands = went
    assert browser.post(inbox(house, f"{gone}/seen/"), {"version": version(house)}).status_code == 204
    assert not Conversation.objects.get(pk=stands).seen_by.exists()


def test_it_is_led_on_as_often_as_that_goes_on(house, browser, went):
    gone, _ = went
    arrive(house, hears(house, "three", 3, bsuid=C), id_update(house, B, C, 0))
    stands = Conversation.objects.get().pk
    assert set(FormerConversation.objects.values_list("conversation_id", flat=True)) == {stands}
    assert browser.get(inbox(house, f"{gone}/"))["Location"] == inbox(house, f"{stands}/?former={gone}")


def test_an_outsider_is_led_nowhere(house, went):
    outsider = signed_in(cast.charlie())
    gone, _ = went
    assert outsider.get(inbox(house, f"{gone}/")).status_code == 404
    assert outsider.get(f"/w/teh-tubruk/inbox/{gone}/").status_code == 404
    for part in PARTS:
        address = f"/w/teh-tubruk/inbox/{gone}/{part}/?seen=1"
        assert outsider.get(address, headers={"HX-Request": "true"}).status_code == 404, part


@pytest.mark.django_db(transaction=True)
def test_a_reply_that_meets_the_joining_half_way_is_handed_back_as_well(house, browser):
    arrive(house, hears(house, "one", 5, bsuid=A), hears(house, "two", 4, bsuid=B))
    before = set(Conversation.objects.values_list("pk", flat=True))
    with transaction.atomic():
        arrive(house, id_update(house, A, B, 1))
        gone = (before - {Conversation.objects.get().pk}).pop()
        form = {"text": "my words", "form_token": uuid.uuid4(), "position": version(house)}
        answers: list[tuple[int, bytes]] = []

        def reply() -> None:
            response = browser.post(inbox(house, f"{gone}/replies/"), form)
            answers.append((response.status_code, response.content))
            connection.close()

        thread = threading.Thread(target=reply)
        thread.start()
        assert wait_until(somebody_waits_for_a_lock, 20)
    thread.join(20)
    assert answers[0][0] == 409
    assert b"my words" in answers[0][1]


def somebody_waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])
