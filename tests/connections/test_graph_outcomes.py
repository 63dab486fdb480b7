"""What each answer of Graph means for a message: the table behind "a message is never sent twice by a machine"."""

from __future__ import annotations

import json

import httpx
import pytest

from connections.graph import client
from connections.graph.answers import verdict
from connections.graph.errors import (
    GraphError,
    NotSent,
    Refused,
    Throttled,
    Unauthorised,
    Unconfirmed,
)

from .test_catalogue import CODES, MACHINE_MAY_REPEAT
from .wire import ACCEPTED, ACCOUNT, AYLA, WAMID, Wire

HTML = b"<html><body><h1>502 Bad Gateway</h1></body></html>"


@pytest.fixture
def wire(monkeypatch):
    return Wire(monkeypatch)


def send():
    return client.send_text(ACCOUNT, AYLA, "Hello", "token.1")


def raised() -> GraphError:
    with pytest.raises(GraphError) as caught:
        send()
    return caught.value


def envelope(code: object, **more: object) -> dict:
    return {"error": {"message": f"(#{code}) Said", "type": "OAuthException", "code": code, **more}}


def test_two_hundred_with_a_message_id_is_accepted(wire):
    wire.answer(200, ACCEPTED, x_fb_trace_id="Atrace")
    got = send()
    assert (got.wamid, got.wa_id, got.user_id, got.message_status) == (WAMID, "15550100123", "", "")
    assert (got.http_status, got.fbtrace_id) == (200, "Atrace")
    assert json.loads(got.raw) == ACCEPTED


def test_a_template_to_a_user_id_tells_its_state_and_the_id(wire):
    contacts = [{"input": "TR.9f", "user_id": "TR.9f"}]
    wire.answer(200, {**ACCEPTED, "contacts": contacts, "messages": [{"id": "wamid.X", "message_status": "paused"}]})
    got = send()
    assert (got.wamid, got.wa_id, got.user_id, got.message_status) == ("wamid.X", "", "TR.9f", "paused")


TABLE = [
    # Graph's own envelope: the code decides where it is known.
    (400, envelope(130429), Throttled),
    (400, envelope(131056), Throttled),
    (400, envelope(4), Throttled),
    (400, envelope(80007), Throttled),
    (500, envelope(131057), Throttled),
    (429, envelope(999123), Throttled),
    (401, envelope(190), Unauthorised),
    (401, envelope(0), Unauthorised),
    (400, envelope("190"), Unauthorised),
    (401, envelope(999123), Unauthorised),
    (400, envelope(100), Refused),
    (400, envelope(131047), Refused),
    (400, envelope(131049), Refused),
    (404, envelope(132001), Refused),
    (403, envelope(200), Refused),
    (403, envelope(368), Refused),
    (500, envelope(131045), Refused),
    (400, envelope(999123), Refused),
    (400, {"error": {"message": "No code at all"}}, Refused),
    (400, {"error": "a string"}, Refused),
    (400, envelope(1), Unconfirmed),
    (503, envelope(2), Unconfirmed),
    (500, envelope(131000), Unconfirmed),
    (500, envelope(131016), Unconfirmed),
    (500, envelope(999123), Unconfirmed),
    (500, envelope(0), Unconfirmed),
    (400, envelope(999123, is_transient=True), Unconfirmed),
    (500, {"error": {"message": "No code at all"}}, Unconfirmed),
    # Something else answered in Graph's place.
    (400, HTML, Refused),
    (401, HTML, Refused),
    (403, HTML, Refused),
    (404, b"", Refused),
    (413, b"too big", Refused),
    (429, b"slow down", Throttled),
    (408, HTML, Unconfirmed),
    (500, HTML, Unconfirmed),
    (502, HTML, Unconfirmed),
    (503, b"", Unconfirmed),
    (504, b"[]", Unconfirmed),
    (599, HTML, Unconfirmed),
    (301, HTML, Unconfirmed),
    (302, HTML, Unconfirmed),
    # Yes, but.
    (200, HTML, Unconfirmed),
    (200, b"", Unconfirmed),
    (200, b"null", Unconfirmed),
    (200, b"[]", Unconfirmed),
    (200, b'"accepted"', Unconfirmed),
    (200, b"\xff\xfe\x00", Unconfirmed),
    (200, b"[" * 100_000, Unconfirmed),
    (200, b'{"messages":[{"id":' + b"9" * 5_000 + b"}]}", Unconfirmed),
    (200, b'{"messages":[{"id":"wamid.X"}]}' + b" " * 1_100_000 + b"!", Unconfirmed),
    (200, {}, Unconfirmed),
    (200, {"messages": []}, Unconfirmed),
    (200, {"messages": "wamid.X"}, Unconfirmed),
    (200, {"messages": [None]}, Unconfirmed),
    (200, {"messages": [{}]}, Unconfirmed),
    (200, {"messages": [{"id": ""}]}, Unconfirmed),
    (200, {"messages": [{"id": 17}]}, Unconfirmed),
    (200, {"messages": [{"id": "wamid.\x00"}]}, Unconfirmed),
    (200, {"messages": [{"id": "wamid.\ud800"}]}, Unconfirmed),
    (200, {"messages": [{"id": "w" * 513}]}, Unconfirmed),
    (200, {**ACCEPTED, **envelope(131056)}, Unconfirmed),
    (204, b"", Unconfirmed),
    # Codes that are no codes.
    (400, envelope(True), Refused),
    (400, envelope(None), Refused),
    (400, envelope(-5), Refused),
    (400, envelope(131056.0), Refused),
    (400, envelope(10**12), Refused),
    (500, envelope(10**12), Unconfirmed),
]


@pytest.mark.parametrize(("status", "body", "kind"), TABLE)
def test_every_answer_has_its_outcome(wire, status, body, kind):
    wire.answer(status, body)
    error = raised()
    assert type(error) is kind
    assert error.http_status == status
    assert len(wire.requests) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 500, 503])
def test_every_code_of_the_catalogue_has_the_outcome_its_line_promises(status):
    for code, retry in CODES.items():
        kind = verdict(status, code)
        if retry == "ambiguous" or (code == 0 and status >= 500):
            assert kind is Unconfirmed, code
        elif code in MACHINE_MAY_REPEAT:
            assert kind is Throttled, code
        else:
            assert kind in (Refused, Unauthorised), code


def test_no_answer_outside_the_errors_is_ever_taken_for_a_refusal():
    for status in [*range(100, 200), *range(300, 400), *range(600, 1000)]:
        assert verdict(status, 131056) is verdict(status, None) is Unconfirmed


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (httpx.ConnectError("[Errno 111] Connection refused"), NotSent),
        (httpx.ConnectTimeout("timed out"), NotSent),
        (httpx.PoolTimeout(""), NotSent),
        (httpx.ProxyError("407"), NotSent),
        (httpx.UnsupportedProtocol("no http"), NotSent),
        (httpx.WriteError("broken pipe"), Unconfirmed),
        (httpx.WriteTimeout("timed out"), Unconfirmed),
        (httpx.ReadError("reset by peer"), Unconfirmed),
        (httpx.ReadTimeout("timed out"), Unconfirmed),
        (httpx.CloseError(""), Unconfirmed),
        (httpx.RemoteProtocolError("Server disconnected"), Unconfirmed),
        (httpx.LocalProtocolError("state"), Unconfirmed),
        (httpx.DecodingError("gzip"), Unconfirmed),
    ],
)
def test_only_what_broke_before_the_first_byte_is_not_sent(wire, error, kind):
    wire.fail(error)
    got = raised()
    assert type(got) is kind
    assert got.http_status is None
    assert got.reason.endswith(".")


def test_an_error_carries_all_that_meta_said(wire):
    data = {"messaging_product": "whatsapp", "details": "Too many messages to this recipient"}
    body = envelope(131056, error_subcode=2494055, error_data=data, fbtrace_id="Abc", error_user_title="Slow")
    wire.answer(400, body)
    error = raised()
    assert (error.code, error.subcode, error.fbtrace_id) == (131056, 2494055, "Abc")
    assert (error.title, error.message, error.details) == ("Slow", "(#131056) Said", data["details"])
    assert json.loads(error.raw) == body
    assert str(error) == "Meta asked us to wait. (HTTP 400, code 131056)"


def test_details_may_be_a_plain_string_and_the_trace_may_come_in_a_header(wire):
    wire.answer(400, envelope(100, error_data="Just words"), x_fb_trace_id="Hdr")
    error = raised()
    assert (error.details, error.fbtrace_id) == ("Just words", "Hdr")


def test_what_meta_says_can_be_stored_whatever_it_is(wire):
    wire.answer(400, envelope(100, error_data={"details": "a\x00b\ud800c" + "x" * 9_000}))
    error = raised()
    assert error.details.startswith("a\ufffdb?c")
    assert len(error.details) <= 1_000
    assert len(error.raw) <= 4_000
    error.raw.encode()


def test_a_long_answer_is_read_no_further_than_a_megabyte(wire):
    wire.answer(500, b"x" * 3_000_000)
    assert type(raised()) is Unconfirmed
