"""Every shape that Meta is known to send, and the items that stand in it."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.cast import PAYLOADS, payload
from webhooks.items import Message, Notice, Person
from webhooks.payload import MOST_ITEMS, parse

from .expected import EXPECTED

FILES = sorted(file.stem for file in PAYLOADS.glob("*.json"))


def at_path(document: Any, path: str) -> Any:
    for step in re.findall(r"[a-z_]+|\d+", path):
        document = document[int(step)] if step.isdigit() else document[step]
    return document


def rebuilt(**value: Any) -> bytes:
    metadata = {"display_phone_number": "15550100000", "phone_number_id": "100000000000001"}
    changes = [{"field": "messages", "value": {"metadata": metadata, **value}}]
    return json.dumps({"entry": [{"id": "200000000000002", "changes": changes}]}).encode()


def messages(body: bytes) -> list[Message]:
    return [item for item in parse(body).items if isinstance(item, Message)]


def test_every_payload_is_expected_to_say_something():
    assert sorted(EXPECTED) == FILES


@pytest.mark.parametrize("name", FILES)
def test_a_payload_says_what_stands_in_it(name):
    body = payload(f"{name}.json")
    parsed = parse(body)
    assert parsed.problem == ""
    assert [type(item) for item in parsed.items] == [kind for kind, _ in EXPECTED[name]]
    for item, (_, fields) in zip(parsed.items, EXPECTED[name], strict=True):
        expected = dict(fields)
        if isinstance(expected.get("details"), list):
            original = at_path(json.loads(body), item.path)
            expected["details"] = {part: original[part] for part in expected["details"]}
        assert {field: getattr(item, field) for field in expected} == expected


@pytest.mark.parametrize("name", FILES)
def test_an_item_carries_its_exact_fragment_and_says_where_it_stood(name):
    body = payload(f"{name}.json")
    document = json.loads(body)
    for item in parse(body).items:
        found = at_path(document, item.path)
        assert item.waba_id == at_path(document, item.path[: len("entry[0]")])["id"]
        if not isinstance(item, Notice):
            assert json.loads(item.raw) == found
        elif item.kind != "history":  # whose messages are items of their own
            assert json.loads(item.raw).items() <= {**found, **found.get("value", {})}.items()


@pytest.mark.parametrize("name", FILES)
def test_items_of_a_number_name_it(name):
    body = payload(f"{name}.json")
    for item in parse(body).items:
        value = at_path(json.loads(body), item.path[: len("entry[0].changes[0]")])["value"]
        assert item.phone_number_id == value.get("metadata", {}).get("phone_number_id", "")


@pytest.mark.parametrize("name", FILES)
def test_a_repeat_of_an_element_in_another_body_has_the_same_ids(name):
    body = payload(f"{name}.json")
    doubled = json.loads(body)
    doubled["entry"] *= 2
    ids = [(getattr(item, "wamid", ""), item.raw) for item in parse(body).items]
    again = [(getattr(item, "wamid", ""), item.raw) for item in parse(json.dumps(doubled).encode()).items]
    assert again == ids * 2


@pytest.mark.parametrize("stamp", ["1795300000", 1795300000, 1795300000.0])
def test_a_timestamp_is_read_as_a_string_and_as_a_number(stamp):
    (message,) = messages(rebuilt(messages=[{"from": "15550100123", "id": "wamid.1", "timestamp": stamp}]))
    assert message.provider_at is not None
    assert message.provider_at.timestamp() == 1795300000


NO_TIMES = [
    "null",
    '""',
    '"soon"',
    "0",
    "-62135596800",
    '"-1"',
    "100000000000000000",
    '"99999999999999999"',
    "true",
    "[]",
]


@pytest.mark.parametrize("stamp", [*NO_TIMES, "1e300", "1e400", "NaN", "1" + "0" * 5000])
def test_what_is_no_time_of_whatsapps_life_is_no_time(stamp):
    body = rebuilt(messages=[{"from": "15550100123", "id": "wamid.1", "timestamp": "STAMP"}])
    (message,) = messages(body.replace(b'"STAMP"', stamp.encode()))
    assert (message.wamid, message.provider_at) == ("wamid.1", None)


def test_a_phone_is_read_however_it_is_spaced():
    (message,) = messages(rebuilt(messages=[{"from": "+1 (555) 010-0123", "id": "wamid.1"}]))
    assert message.person == Person("15550100123")


def test_the_name_of_one_person_is_never_given_to_another():
    contacts = [{"profile": {"name": "Ayla"}, "wa_id": "15550100123"}]
    (message,) = messages(rebuilt(contacts=contacts, messages=[{"from": "15550100124", "id": "wamid.1"}]))
    assert (message.person, message.name) == (Person("15550100124"), "")


def test_the_only_contact_of_the_only_message_is_its_sender():
    contacts = [{"profile": {"name": "Deniz"}, "user_id": "TR.1"}]
    (message,) = messages(rebuilt(contacts=contacts, messages=[{"id": "wamid.1"}]))
    assert (message.person, message.name) == (Person("", "TR.1"), "Deniz")


def test_one_contact_of_several_messages_names_only_whom_it_names():
    contacts = [{"profile": {"name": "Ayla"}, "user_id": "US.1"}]
    both = messages(
        rebuilt(
            contacts=contacts,
            messages=[{"from_user_id": "US.1", "id": "wamid.1"}, {"from": "15550100124", "id": "wamid.2"}],
        )
    )
    assert [(one.person, one.name) for one in both] == [(Person("", "US.1"), "Ayla"), (Person("15550100124"), "")]


def test_messages_without_an_id_are_told_apart_by_what_they_say():
    said = [{"from": "15550100123", "text": {"body": body}, "type": "text"} for body in ("One", "Two", "One")]
    first, second, third = messages(rebuilt(messages=said))
    assert first.wamid.startswith("odd:")
    assert first.wamid == third.wamid != second.wamid


def test_a_change_of_number_that_names_nobody_new_stays_a_message():
    system = {"type": "user_changed_number", "body": "User changed number", "wa_id": {}}
    (message,) = messages(
        rebuilt(messages=[{"from": "15550100123", "id": "wamid.1", "type": "system", "system": system}])
    )
    assert (message.kind, message.text) == ("system", "User changed number")


def test_a_value_that_does_not_say_for_which_number_it_is_is_a_problem():
    body = json.dumps({"entry": [{"changes": [{"field": "messages", "value": {"messages": [{"id": "wamid.1"}]}}]}]})
    parsed = parse(body.encode())
    assert parsed.problem == "entry[0].changes[0] does not say which number it is for; the raw body is kept."
    assert isinstance(parsed.items[0], Message)


@pytest.mark.parametrize("number_id", ["1000 1001", "100,1", "1" * 65, "", None, {}, "10\u00001"])
def test_a_number_id_that_cannot_be_one_is_no_number(number_id):
    body = rebuilt(messages=[{"id": "wamid.1"}]).replace(b'"100000000000001"', json.dumps(number_id).encode())
    assert parse(body).items[0].phone_number_id == ""


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", "This is not JSON; the raw body is kept."),
        (b'{"entry": [', "This is not JSON; the raw body is kept."),
        (b"[" * 100_000, "This is nested too deeply to be read; the raw body is kept."),
        (b"[1]", "The body is JSON, but not an object; the raw body is kept."),
        (b"{}", "Nothing that we know stands in this body; the raw body is kept."),
        (b'{"entry": [7]}', "entry[0] could not be read; the raw body is kept."),
        (b'{"entry": "x"}', "entry[0] could not be read; the raw body is kept."),
        (b'{"entry": [{"id": "1"}]}', "entry[0] could not be read; the raw body is kept."),
        (
            b'{"entry": [{"changes": [{"field": "messages"}]}]}',
            "entry[0].changes[0] could not be read; the raw body is kept.",
        ),
    ],
)
def test_what_cannot_be_read_is_a_problem_in_words(body, problem):
    assert parse(body).problem == problem


def test_an_element_that_cannot_be_read_spoils_none_beside_it():
    parsed = parse(rebuilt(messages=[7, {"from": "15550100123", "id": "wamid.1"}, "words", None]))
    assert [type(item) for item in parsed.items] == [Notice, Message, Notice, Notice]
    assert [item.raw for item in parsed.items if isinstance(item, Notice)] == ["7", '"words"', "null"]
    assert parsed.items[1].path == "entry[0].changes[0].value.messages[1]"
    assert parsed.problem == "entry[0].changes[0].value.messages[0] could not be read; the raw body is kept."


def test_a_byte_order_mark_and_other_encodings_of_json_are_read():
    body = payload("text.json")
    for other in (b"\xef\xbb\xbf" + body, body.decode().encode("utf-16"), body.decode().encode("utf-32-be")):
        assert parse(other) == parse(body)


def test_bytes_that_are_not_utf_8_cost_only_themselves():
    (message,) = messages(payload("text.json").replace(b"Hi, is", b"Hi, \xff\xfe is"))
    assert message.text == "Hi, \ufffd\ufffd is the blue one in stock?"


def test_three_megabytes_of_statuses_are_all_read():
    status = {"id": "wamid.1", "status": "sent", "timestamp": "1795300000", "recipient_id": "15550100123"}
    body = rebuilt(statuses=[status] * 30_000)
    assert len(body) < 3 * 1024 * 1024
    parsed = parse(body)
    assert (len(parsed.items), parsed.problem) == (30_000, "")


@pytest.mark.parametrize("element", ["{}", "7", "[]"])
def test_what_would_fill_a_workers_memory_is_not_read_to_its_end(element):
    body = rebuilt(messages=["ELEMENT"]).replace(b'"ELEMENT"', ",".join([element] * 1_000_000).encode())
    parsed = parse(body)
    assert (len(parsed.items), parsed.problem) == (
        MOST_ITEMS,
        "More stands in this body than we read of one; the raw body is kept.",
    )
