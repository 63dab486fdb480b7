"""Tokens, numbers and words stay out of logs, errors and other people's hands."""

from __future__ import annotations

import logging
import os

import httpx
import pytest

from connections.graph import calls, client
from connections.graph.account import Address, GraphAccount
from connections.graph.errors import GraphError, Unconfirmed

from .wire import ACCEPTED, ACCOUNT, AYLA, WAMID, Wire


@pytest.fixture
def wire(monkeypatch):
    return Wire(monkeypatch)


def test_neither_an_account_nor_an_address_nor_an_answer_shows_what_is_private(wire):
    wire.answer(200, ACCEPTED)
    accepted = client.send_text(ACCOUNT, AYLA, "Hello", "token.1")
    shown = repr(ACCOUNT) + repr(AYLA) + repr(accepted)
    for secret in (ACCOUNT.access_token, AYLA.value, WAMID):
        assert secret not in shown


def test_a_token_that_meta_quotes_back_is_struck_out(wire):
    quoted = f"Malformed access token {ACCOUNT.access_token}"
    body = {"error": {"code": 190, "message": quoted, "error_data": quoted, "error_user_title": quoted}}
    wire.answer(400, body)
    with pytest.raises(GraphError) as caught:
        client.send_text(ACCOUNT, AYLA, "Hello", "token.1")
    error = caught.value
    for words in (error.message, error.details, error.title, error.raw, str(error)):
        assert ACCOUNT.access_token not in words
    assert error.message == "Malformed access token ***"


def test_a_token_under_inspection_is_struck_out_too(wire):
    wire.answer(400, {"error": {"code": 190, "message": "Bad EAAother for 1|secret"}})
    with pytest.raises(GraphError) as caught:
        client.debug_token(ACCOUNT, "EAAother", caller_token="1|secret")
    assert caught.value.message == "Bad *** for ***"


def test_nothing_private_is_logged_even_at_the_finest_level(wire, caplog):
    caplog.set_level(logging.DEBUG)
    wire.answer(200, {"data": {"is_valid": True}})
    client.debug_token(ACCOUNT, "EAAother")
    wire.answers.clear()
    wire.answer(400, {"error": {"code": 100, "message": "Hello +15550100123"}})
    with pytest.raises(GraphError):
        client.send_text(ACCOUNT, AYLA, "Hello", "token.1")
    for secret in ("EAAother", ACCOUNT.access_token, AYLA.value, "Hello"):
        assert secret not in caplog.text


def test_the_words_of_an_error_name_nobody():
    error = Unconfirmed("Lost.", http_status=500, code=1, message="To +15550100123", raw="+15550100123")
    assert str(error) == "Lost. (HTTP 500, code 1)"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(wire, status):
    wire.answer(status, b"", location="https://evil.example/")
    with pytest.raises(Unconfirmed):
        client.send_text(ACCOUNT, AYLA, "Hello", "token.1")
    assert len(wire.requests) == 1


def test_workspaces_share_connections_and_no_cookies(wire):
    wire.answer(200, ACCEPTED, set_cookie="who=first; Path=/")
    client.send_text(ACCOUNT, AYLA, "Hello", "token.1")
    client.send_text(GraphAccount("", "9", "8", "other"), Address("phone", "15550100124"), "Hello", "token.2")
    assert "cookie" not in wire.requests[1].headers


def test_the_simulator_on_this_machine_is_never_asked_through_a_proxy(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    with calls.shared_client.__wrapped__() as http:
        direct = http._transport
        assert http._transport_for_url(httpx.URL("http://127.0.0.1:8801/")) is direct
        assert http._transport_for_url(httpx.URL("http://localhost:8801/")) is direct
        assert http._transport_for_url(httpx.URL("https://graph.facebook.com/")) is not direct


def test_a_process_has_one_client_and_a_forked_one_its_own():
    first = calls.shared_client()
    assert calls.shared_client() is first
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writer, b"own" if calls.shared_client() is not first else b"shared")
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reader, 10) == b"own"
    os.close(reader)
    os.close(writer)
