"""Fetching customers' files: from Meta's servers only, whole or not at all, never past the limit."""

from __future__ import annotations

import base64
import hashlib
import io

import httpx
import pytest

from connections.graph import media
from connections.graph.account import GraphAccount
from connections.graph.errors import GraphError, NotSent, Refused, TooBig, Unauthorised, Unconfirmed, Unusable
from connections.graph.media import download_media

from .wire import ACCOUNT, Wire

URL = "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=3&hash=EXAMPLE"
SIMULATED = GraphAccount("http://127.0.0.1:8801", "7", "8", "sim-token")


@pytest.fixture
def wire(monkeypatch):
    return Wire(monkeypatch)


def fetch(url: str = URL, account: GraphAccount = ACCOUNT, max_bytes: int = 1_000, timeout: float = 10):
    into = io.BytesIO()
    return download_media(account, url, into, max_bytes=max_bytes, timeout=timeout), into.getvalue()


def test_a_file_comes_whole_with_its_type_its_size_and_its_digest(wire):
    wire.answer(200, b"OggS...", content_type="audio/ogg; codecs=opus")
    got, content = fetch()
    assert content == b"OggS..."
    assert (got.size, got.content_type) == (7, "audio/ogg")
    digest = hashlib.sha256(content)
    assert got.matches(digest.hexdigest())
    assert got.matches(digest.hexdigest().upper())
    assert got.matches(base64.b64encode(digest.digest()).decode())
    assert not got.matches("")
    assert not got.matches(base64.b64encode(b"another").decode())


def test_the_token_goes_with_it_and_the_bytes_are_asked_for_as_they_are(wire):
    wire.answer(200, b"x")
    fetch()
    assert wire.requests[0].headers["authorization"] == f"Bearer {ACCOUNT.access_token}"
    assert wire.requests[0].headers["accept-encoding"] == "identity"


def test_a_file_of_exactly_the_limit_is_kept_and_one_byte_more_is_not(wire):
    wire.answer(200, b"x" * 1_000)
    assert fetch()[0].size == 1_000
    wire.answers.clear()
    wire.answer(200, b"x" * 1_001)
    with pytest.raises(TooBig):
        fetch()


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/file",
        "https://lookaside.fbsbx.com.evil.example/file",
        "https://evilfbsbx.com/file",
        "https://lookaside.fbsbx.com@evil.example/file",
        "http://lookaside.fbsbx.com/file",
        "https://lookaside.fbsbx.com:8443/file",
        "http://169.254.169.254/latest/meta-data/",
        "http://127.0.0.1:8801/file",
        "file:///etc/passwd",
        "https://" + "a" * 64 + ".fbsbx.com/",
        "https://a..fbsbx.com/",
        "/relative",
        "",
        "https://[::1",
        "https://lookaside.fbsbx.com/\x00",
    ],
)
def test_an_address_that_is_not_metas_is_never_asked(wire, url):
    with pytest.raises(Unusable):
        fetch(url)
    assert wire.requests == []


def test_a_simulated_number_fetches_from_its_simulator_and_from_nowhere_else(wire):
    wire.answer(200, b"x")
    assert fetch("http://127.0.0.1:8801/media/3", SIMULATED)[1] == b"x"
    for url in (URL, "http://127.0.0.1:8802/media/3", "https://127.0.0.1:8801/media/3"):
        with pytest.raises(Unusable):
            fetch(url, SIMULATED)
    assert len(wire.requests) == 1


def test_a_redirect_to_another_of_metas_servers_is_followed_without_the_token(wire):
    wire.answer(302, b"", location="https://scontent.fbcdn.net/file")
    wire.answer(200, b"x")
    assert fetch()[1] == b"x"
    assert "authorization" not in wire.requests[1].headers


def test_a_redirect_on_the_same_server_keeps_the_token(wire):
    wire.answer(302, b"", location="/elsewhere")
    wire.answer(200, b"x")
    fetch()
    assert wire.requests[1].headers["authorization"] == f"Bearer {ACCOUNT.access_token}"


@pytest.mark.parametrize("location", ["https://evil.example/", "http://169.254.169.254/", "file:///etc/passwd"])
def test_a_redirect_away_from_meta_is_not_followed(wire, location):
    wire.answer(302, b"", location=location)
    with pytest.raises(GraphError):
        fetch()
    assert len(wire.requests) == 1


def test_redirects_in_a_circle_end(wire):
    wire.answer(302, b"", location=URL)
    with pytest.raises(Unconfirmed):
        fetch()
    assert len(wire.requests) == media.MOST_REDIRECTS + 1


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (404, b"", Refused),
        (401, b'{"error":{"code":190}}', Unauthorised),
        (403, b"<html>", Refused),
        (500, b"<html>", Unconfirmed),
        (206, b"part", Unconfirmed),
        (204, b"", Unconfirmed),
    ],
)
def test_an_answer_that_is_not_the_file_says_what_it_was(wire, status, body, kind):
    wire.answer(status, body)
    with pytest.raises(GraphError) as caught:
        fetch()
    assert type(caught.value) is kind
    assert caught.value.http_status == status


def test_a_lost_connection_is_an_error_by_name(wire):
    wire.fail(httpx.ConnectError("refused"))
    with pytest.raises(NotSent):
        fetch()


def test_a_file_that_takes_too_long_is_given_up(wire):
    wire.answer(200, b"x")
    with pytest.raises(Unconfirmed, match="in time"):
        fetch(timeout=-1)
