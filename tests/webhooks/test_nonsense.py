"""Nonsense, signed, through the real door and the drain: an answer, one row, and whatever is good is still applied."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from inbox import drain
from inbox.models import Act, Contact, Conversation, Message, Receipt
from optouts.models import ConsentEvent
from tests import cast
from tests.cast import PAYLOADS, House, payload
from webhooks import log, signature
from webhooks.models import WebhookEvent

from .test_payload_properties import MARK, ODDITIES, places, replaced

pytestmark = pytest.mark.django_db

FILES = sorted(file.stem for file in PAYLOADS.glob("*.json"))
HUGE = b"9" * 5000
# As they would stand in the words, the time or the place of a customer's message.
NONSENSE: dict[str, bytes] = {
    "nothing": b"",
    "no_json": b"not json",
    "half_a_message": payload("text.json")[:200],
    "no_object": b"[1, 2]",
    "a_number": b"7",
    "no_entries": b"{}",
    "nested_deeply": b"[" * 100_000,
    "nested_deeply_and_closed": b'{"entry":' * 50_000 + b"1" + b"}" * 50_000,
    "not_utf_8": b'{"entry": ["\xff\xfe\x80"]}',
    "bytes": bytes(range(256)),
    "no_text_but_zeros": b"\x00" * 64,
    "a_million_zeros": b'{"entry": [' + b"0," * 1_000_000 + b"0]}",
    "a_huge_number": HUGE,
    "a_million_empty_messages": payload("text.json").replace(b'"messages": [', b'"messages": [' + b"{}," * 1_000_000),
    "another_object": b'{"object": "page", "entry": [{"id": "1", "messaging": [{"message": {"text": "x"}}]}]}',
    "no_number": payload("text.json").replace(b'"phone_number_id": "100000000000001"', b'"phone_number_id": null'),
}
ODD_MESSAGES: dict[str, tuple[bytes, bytes]] = {
    "zero_byte": (b'"Hi, is the blue one in stock?"', b'"\\u0000 hello \\u0000"'),
    "lone_surrogate": (b'"Hi, is the blue one in stock?"', b'"\\ud83d"'),
    "not_utf_8": (b"Hi, is", b"\xff\xc0\x80"),
    "a_number": (b'"Hi, is the blue one in stock?"', b"1e400"),
    "not_a_number": (b'"Hi, is the blue one in stock?"', b"NaN"),
    "a_huge_number": (b'"Hi, is the blue one in stock?"', HUGE),
    "a_list": (b'"Hi, is the blue one in stock?"', b'[{"body": null}]'),
    "nested": (b'"Hi, is the blue one in stock?"', b"[" * 500 + b"]" * 500),
    "year_zero": (b'"1795300000"', b"-62167219200"),
    "far_future": (b'"1795300000"', b'"100000000000000000"'),
    "time_is_a_list": (b'"1795300000"', b"[1795300000]"),
    "kind_is_a_number": (b'"type": "text"', b'"type": 4'),
    "kind_is_missing": (b'"type": "text",', b""),
    "kind_is_long": (b'"type": "text"', b'"type": "' + b"x" * 10_000 + b'"'),
    "id_is_missing": (b'"id": "wamid.TEXT",', b""),
    "id_is_a_number": (b'"id": "wamid.TEXT"', b'"id": 12'),
    "id_is_long": (b'"id": "wamid.TEXT"', b'"id": "' + b"x" * 10_000 + b'"'),
    "text_is_long": (b"Hi, is", b"x" * 1_000_000),
    "name_is_odd": (b'"Ayla Demir"', b'"\\u0000\\ud800' + b"x" * 10_000 + b'"'),
    "markup": (b"Hi, is the blue one in stock?", b"<script>alert(1)</script>{{ 7|add:1 }}"),
}


def post(house: House, body: bytes) -> int:
    app = house.connection.meta_app
    headers = {"X-Hub-Signature-256": signature.sign(app.app_secret, body)}
    path = f"/webhooks/meta/{app.public_id}/"
    return Client().post(path, body, content_type="application/json", headers=headers).status_code


def good(house: House) -> str:
    """A good message that comes after; returns its wamid."""
    change = cast.says(house, "Still here?", phone="628110000009", bsuid="ID.1009", name="Good")
    assert post(house, json.dumps(cast.envelope(house, change)).encode()) == 200
    return str(change["value"]["messages"][0]["id"])


def assert_nothing_waits_and_the_good_one_is_there(wamid: str) -> None:
    assert set(WebhookEvent.objects.values_list("state", flat=True)) == {"applied"}
    assert Message.objects.get(wamid=wamid).text == "Still here?"


def pages_of(house: House, alice: Client) -> str:
    """Everything that a screen makes of what came in; each page has to answer."""
    path = f"/w/{house.workspace.slug}/inbox/"
    addresses = [f"{path}{conversation.pk}/" for conversation in Conversation.objects.all()]
    addresses += [f"{path}messages/{message.pk}/evidence/" for message in Message.objects.all()[:2]]
    answers = [alice.get(address) for address in addresses]
    assert {answer.status_code for answer in answers} == {200}
    return "".join(answer.content.decode() for answer in answers)


@pytest.fixture
def browser(house) -> Client:
    client = Client()
    client.force_login(cast.alice(house))
    return client


@pytest.mark.parametrize("name", NONSENSE)
def test_nonsense_is_answered_kept_as_it_is_and_holds_up_nothing(house, name):
    assert post(house, NONSENSE[name]) == 200
    wamid = good(house)
    drain.drain()
    assert_nothing_waits_and_the_good_one_is_there(wamid)
    event = WebhookEvent.objects.order_by("received_at", "pk")[0]
    assert bytes(event.body) == NONSENSE[name]
    assert event.problem
    assert Message.objects.count() == 1


@pytest.mark.parametrize("name", ODD_MESSAGES)
def test_an_odd_message_is_stored_and_drawn_as_one(house, browser, name):
    body = payload("text.json").replace(*ODD_MESSAGES[name])
    assert body != payload("text.json")
    assert post(house, body) == 200
    wamid = good(house)
    drain.drain()
    assert_nothing_waits_and_the_good_one_is_there(wamid)
    odd = Message.objects.exclude(wamid=wamid).get()
    assert (odd.conversation.contact.identities.get(kind="phone").value, odd.direction) == ("15550100123", "in")
    assert json.loads(odd.raw)["from_user_id"] == "US.90000000000000000123"
    assert bytes(WebhookEvent.objects.get(pk=odd.event_id or 0).body) == body
    drawn = pages_of(house, browser)
    assert f'id="message-{odd.pk}"' in drawn
    assert "<script>alert" not in drawn
    assert ConsentEvent.objects.count() == 0


def variants(name: str, oddities: list[str]) -> list[bytes]:
    """A payload with each of these in the place of each of its parts, every message with an id of its own."""
    document = json.loads(payload(f"{name}.json"))
    bodies: list[bytes] = []
    for path in places(document):
        template = json.dumps(replaced(document, path, MARK))
        for oddity in oddities:
            mine = template.replace('"wamid.', f'"wamid.{len(bodies)}.')
            bodies.append(mine.replace(json.dumps(MARK), oddity).encode())
    return bodies


@pytest.mark.parametrize("names", [FILES[start::8] for start in range(8)], ids=lambda names: f"{names[0]}_and_others")
def test_any_type_in_any_field_is_applied_and_drawn(house, browser, names):
    """Some of all pairs of field and oddity; no stride is a divisor, so every field and every oddity has its turn."""
    strides = {name: 23 if len(payload(f"{name}.json")) < 1500 else 47 for name in names}
    bodies = {body for name in names for body in variants(name, ODDITIES)[:: strides[name]]}
    for body in bodies:
        log.store(house.connection.meta_app_id, body)
    wamid = good(house)
    drain.drain()
    assert_nothing_waits_and_the_good_one_is_there(wamid)
    assert WebhookEvent.objects.count() == len(bodies) + 1
    pages_of(house, browser)


def written() -> dict[str, Any]:
    """What the inbox is made of, by natural keys."""
    return {
        "messages": sorted(Message.objects.values_list("wamid", "kind", "text", "raw", "conversation__contact__name")),
        "receipts": sorted(Receipt.objects.values_list("wamid", "status", "raw")),
        "consent": sorted(ConsentEvent.objects.values_list("value", "direction", "raw")),
        "acts": sorted(Act.objects.values_list("kind", "wamid")),
        "people": Contact.objects.count(),
    }


def test_a_repeat_of_everything_changes_nothing(house):
    bodies = [payload(f"{name}.json") for name in FILES]
    for body in bodies:
        assert post(house, body) == 200
    drain.drain()
    first = written()
    for body in reversed(bodies):
        assert post(house, body + b" ") == 200  # the same, but no verbatim repeat
    drain.drain()
    assert written() == first
    assert WebhookEvent.objects.filter(state="applied").count() == 2 * len(FILES)
