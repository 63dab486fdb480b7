"""What we ask of Graph, to the byte where it matters: addresses, headers, bodies, pages."""

from __future__ import annotations

import pytest

from connections.graph import client, requests
from connections.graph.account import Address, GraphAccount
from connections.graph.errors import GraphError, Refused, Unauthorised, Unconfirmed, Unusable

from .wire import ACCEPTED, ACCOUNT, AYLA, DENIZ, WAMID, Wire


@pytest.fixture
def wire(monkeypatch):
    return Wire(monkeypatch)


def test_a_text_goes_to_the_accounts_own_number_with_its_own_token(wire, settings):
    wire.answer(200, ACCEPTED)
    client.send_text(ACCOUNT, AYLA, "Hello", "token.1")
    request = wire.requests[0]
    assert request.method == "POST"
    assert str(request.url) == "https://graph.facebook.com/v25.0/100000000000001/messages"
    assert request.headers["authorization"] == "Bearer EAAtest|token-123"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["user-agent"] == f"Gigaviz/{settings.VERSION}"
    assert wire.body == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "+15550100123",
        "type": "text",
        "text": {"preview_url": False, "body": "Hello"},
        "biz_opaque_callback_data": "token.1",
    }


def test_the_version_is_the_settings_and_the_server_is_the_accounts(wire, settings):
    settings.GRAPH_VERSION = "v26.0"
    wire.answer(200, ACCEPTED)
    account = GraphAccount("http://127.0.0.1:8801/", "7", "8", "t")
    client.send_text(account, AYLA, "Hello", "")
    assert str(wire.requests[0].url) == "http://127.0.0.1:8801/v26.0/7/messages"


@pytest.mark.parametrize("value", ["15550100123", "+15550100123"])
def test_a_number_always_has_its_plus_sign(value):
    assert Address("phone", value).fields() == {"to": "+15550100123"}


@pytest.mark.parametrize("kind", ["bsuid", "parent_bsuid"])
def test_a_user_id_is_a_recipient_and_never_a_to(kind):
    assert Address(kind, "US.ENT.9f00A").fields() == {"recipient": "US.ENT.9f00A"}


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("phone", ""),
        ("phone", "+"),
        ("phone", "TR.9f00000000000000a130"),
        ("phone", "0155501"),
        ("phone", "1555 0100"),
        ("phone", "1" * 16),
        ("phone", "١٥٥٥٠١٠٠١٢٣"),
        ("bsuid", ""),
        ("bsuid", "15550100123"),
        ("bsuid", "TR.a b"),
        ("bsuid", "TR." + "a" * 133),
    ],
)
def test_an_address_that_is_none_is_never_put_on_the_wire(wire, kind, value):
    with pytest.raises(Unusable):
        client.send_text(ACCOUNT, Address(kind, value), "Hello", "")
    assert wire.requests == []


def test_a_reply_quotes_and_an_empty_reference_is_left_out(wire):
    wire.answer(200, ACCEPTED)
    client.send_text(ACCOUNT, DENIZ, "Hello", "", WAMID, preview_url=True)
    assert wire.body["context"] == {"message_id": WAMID}
    assert wire.body["recipient"] == "TR.9f00000000000000a130"
    assert wire.body["text"]["preview_url"] is True
    assert "biz_opaque_callback_data" not in wire.body
    assert "to" not in wire.body


def test_any_kind_of_message_can_be_sent(wire):
    wire.answer(200, ACCEPTED)
    template = {"name": "order_update", "language": {"code": "tr"}}
    client.send(ACCOUNT, requests.addressed(AYLA, "template", template, callback_data="token.1"))
    assert wire.body["template"] == template


def test_text_of_every_script_and_even_half_a_character_can_be_sent(wire):
    wire.answer(200, ACCEPTED)
    client.send_text(ACCOUNT, AYLA, "Çay ☕ \ud83d", "")
    assert wire.body["text"]["body"] == "Çay ☕ \ud83d"


def test_what_cannot_be_written_is_refused_before_the_wire(wire):
    with pytest.raises(Unusable):
        client.send(ACCOUNT, {"location": {"latitude": float("nan")}})
    with pytest.raises(Unusable):
        client.send_text(ACCOUNT, AYLA, "Hello", "x" * 513)
    assert wire.requests == []


@pytest.mark.parametrize("token", ["", "two words", "line\nbreak", "ünicode", "nul\x00"])
def test_a_token_that_is_none_is_unauthorised_and_not_shown(wire, token):
    with pytest.raises(Unauthorised) as caught:
        client.send_text(GraphAccount("", "7", "8", token), AYLA, "Hello", "")
    assert wire.requests == []
    assert not token or token not in str(caught.value)


def test_an_id_stays_one_segment_of_the_path_and_an_empty_one_is_not_asked(wire):
    wire.answer(200, {"url": "https://lookaside.fbsbx.com/x"})
    client.media_url(ACCOUNT, "../me?a=b#c")
    assert wire.requests[0].url.raw_path.startswith(b"/v25.0/..%2Fme%3Fa%3Db%23c?")
    for nothing in ("", ".", ".."):
        with pytest.raises(Unusable):
            client.media_url(ACCOUNT, nothing)


@pytest.mark.parametrize("body", [{}, {"success": False}, {"success": "true"}, []])
def test_a_command_is_done_only_when_meta_says_so(wire, body):
    wire.answer(200, body)
    with pytest.raises(Unconfirmed):
        client.subscribe_app(ACCOUNT)


def test_subscribing_posts_nothing_but_the_token(wire):
    wire.answer(200, {"success": True})
    client.subscribe_app(ACCOUNT)
    assert wire.requests[0].url.path == "/v25.0/200000000000002/subscribed_apps"
    assert wire.requests[0].content == b""


def test_the_number_is_asked_for_its_health_and_its_limit_by_todays_names(wire):
    wire.answer(200, {"data": [{"id": "100000000000001"}]})
    assert client.waba_phone_numbers(ACCOUNT) == [{"id": "100000000000001"}]
    fields = wire.requests[0].url.params["fields"].split(",")
    assert {"status", "health_status", "whatsapp_business_manager_messaging_limit"} <= set(fields)
    assert "messaging_limit_tier" not in fields


def test_a_list_is_read_to_its_end_by_cursor_and_never_by_the_address_in_it(wire):
    page = {"cursors": {"before": "a", "after": "b"}, "next": "https://evil.example/?access_token=x"}
    wire.answer(200, {"data": [{"id": "1"}, "odd"], "paging": page})
    wire.answer(200, {"data": [{"id": "2"}], "paging": {"cursors": {"before": "b", "after": "c"}}})
    assert client.waba_phone_numbers(ACCOUNT) == [{"id": "1"}, {"id": "2"}]
    assert [request.url.params.get("after") for request in wire.requests] == [None, "b"]
    assert {request.url.host for request in wire.requests} == {"graph.facebook.com"}


def test_a_list_that_never_ends_is_left(wire):
    wire.answer(200, {"data": [{"id": "1"}], "paging": {"cursors": {"after": "b"}, "next": "x"}})
    assert len(client.waba_phone_numbers(ACCOUNT)) == client.MOST_PAGES


@pytest.mark.parametrize(
    "paging", [None, [], {"next": "x"}, {"next": "x", "cursors": []}, {"next": "x", "cursors": {}}]
)
def test_odd_paging_ends_a_list(wire, paging):
    wire.answer(200, {"data": [], "paging": paging})
    assert client.waba_phone_numbers(ACCOUNT) == []


@pytest.mark.parametrize(
    ("ask", "body"),
    [
        (lambda: client.subscribed_apps(ACCOUNT), {"data": {}}),
        (lambda: client.waba_phone_numbers(ACCOUNT), {}),
        (lambda: client.debug_token(ACCOUNT, "EAA"), {"data": []}),
        (lambda: client.media_url(ACCOUNT, "3"), {"id": "3"}),
    ],
)
def test_an_answer_of_another_shape_is_an_error_and_not_an_empty_result(wire, ask, body):
    wire.answer(200, body)
    with pytest.raises(GraphError):
        ask()


def test_a_token_is_inspected_by_the_token_given_for_it(wire):
    wire.answer(200, {"data": {"is_valid": True}})
    assert client.debug_token(ACCOUNT, "EAAother", caller_token="1|secret") == {"is_valid": True}
    assert wire.requests[0].url.params["input_token"] == "EAAother"
    assert wire.requests[0].headers["authorization"] == "Bearer 1|secret"


def test_a_refusal_is_one_of_the_errors_that_mean_not_accepted(wire):
    wire.answer(401, {"error": {"code": 190}})
    with pytest.raises(Refused):
        client.send_text(ACCOUNT, AYLA, "Hello", "token.1")
