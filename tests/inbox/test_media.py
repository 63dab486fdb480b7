"""Customers' files as they are served: to members of the workspace, and so that nothing in them can run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from inbox.models import Media, Message
from simulator.samples import sample
from tests import cast
from tests.inbox.files import PAGE, PICTURE, announced, arrives, tries
from tests.inbox.meta import Meta
from tests.inbox.screens import inbox, signed_in
from workspaces.models import Role

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "kept"
    return tmp_path / "kept"


@pytest.fixture
def dewi(meta: Meta):
    return meta.customer()


@pytest.fixture
def browser(meta: Meta) -> Client:
    return signed_in(meta.alice)


def address(meta: Meta, found: Media, more: str = "") -> str:
    return inbox(meta.house, f"messages/{found.pk}/media/{more}")


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content)


def test_a_picture_is_shown_with_the_type_seen_in_it_and_can_do_nothing(meta, dewi, browser):
    found = tries(arrives(meta, dewi))
    response = browser.get(address(meta, found))
    assert (response.status_code, body(response)) == (200, PICTURE)
    headers = response.headers
    assert headers["Content-Type"] == "image/png"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert headers["Content-Disposition"].startswith("inline")
    assert "no-store" in headers["Cache-Control"]
    assert headers["Content-Length"] == str(len(PICTURE))


@pytest.mark.parametrize(
    ("content", "claimed"),
    [
        (PAGE, "image/png"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "image/png"),
        (b"#!/bin/sh\nrm -rf /\n", "image/jpeg"),
        (b"plain words", "image/png"),
    ],
)
def test_what_could_run_is_only_ever_a_download_whatever_it_claims_to_be(meta, browser, content, claimed):
    found = tries(announced(meta, content=content, mime_type=claimed, filename="cat.png"))
    headers = browser.get(address(meta, found)).headers
    assert headers["Content-Type"] == "application/octet-stream"
    assert headers["Content-Disposition"].startswith("attachment")
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_a_document_is_downloaded_under_its_own_name(meta, dewi, browser):
    pdf = sample("document")[0]
    found = tries(arrives(meta, dewi, "document", pdf, mime_type="application/pdf", filename="Preisliste ☕.pdf"))
    headers = browser.get(address(meta, found)).headers
    assert headers["Content-Type"] == "application/pdf"
    assert headers["Content-Disposition"] == "attachment; filename*=utf-8''Preisliste%20%E2%98%95.pdf"


@pytest.mark.parametrize(
    "name", ['a"b\r\nSet-Cookie: x=y\r\n.png', "../../etc/passwd", "\\..\\x.png", "é\u202egpj.exe"]
)
def test_a_files_name_cannot_write_headers(meta, browser, name):
    found = tries(announced(meta, filename=name))
    response = browser.get(address(meta, found))
    assert response.status_code == 200
    assert "Set-Cookie" not in response.headers
    assert "\n" not in response.headers["Content-Disposition"]


@pytest.mark.parametrize(
    ("asked", "status", "content_range", "content"),
    [
        ("bytes=0-3", 206, "bytes 0-3/10", b"0123"),
        ("bytes=4-", 206, "bytes 4-9/10", b"456789"),
        ("bytes=-2", 206, "bytes 8-9/10", b"89"),
        ("bytes=8-99", 206, "bytes 8-9/10", b"89"),
        ("bytes=0-", 206, "bytes 0-9/10", b"0123456789"),
    ],
)
def test_a_player_may_ask_for_a_part(meta, browser, asked, status, content_range, content):
    found = tries(announced(meta, content=b"0123456789"))
    response = browser.get(address(meta, found), headers={"Range": asked})
    assert (response.status_code, response.headers["Content-Range"], body(response)) == (status, content_range, content)
    assert response.headers["Content-Length"] == str(len(content))


@pytest.mark.parametrize("asked", ["bytes=10-", "bytes=9-3", "bytes=-0"])
def test_a_part_outside_the_file_is_refused(meta, browser, asked):
    found = tries(announced(meta, content=b"0123456789"))
    response = browser.get(address(meta, found), headers={"Range": asked})
    assert (response.status_code, response.headers["Content-Range"]) == (416, "bytes */10")


@pytest.mark.parametrize("asked", ["bytes=0-1,3-4", "lines=1-2", "bytes=", "bytes=-", "bytes=٣-٤", f"bytes={10**40}-"])
def test_a_part_asked_for_in_another_way_is_the_whole(meta, browser, asked):
    found = tries(announced(meta, content=b"0123456789"))
    response = browser.get(address(meta, found), headers={"Range": asked})
    assert body(response) == b"0123456789"


def test_who_may_read_the_inbox_may_see_a_file_and_nobody_else(meta, dewi):
    found = tries(arrives(meta, dewi))
    where = address(meta, found)
    ops = cast.person(meta.house.workspace, "Olga", Role.OPS)
    assert signed_in(ops).get(where).status_code == 200
    assert signed_in(cast.charlie()).get(where).status_code == 404
    assert Client().get(where).status_code == 302
    assert Client().get(where, headers={"HX-Request": "true"}).status_code == 401


def test_a_file_is_not_found_through_another_workspace(meta, dewi):
    found = tries(arrives(meta, dewi))
    charlie = signed_in(cast.charlie())
    assert charlie.get(f"/w/teh-tubruk/inbox/messages/{found.pk}/media/").status_code == 404
    assert charlie.post(f"/w/teh-tubruk/inbox/messages/{found.pk}/media/retry/").status_code == 404


@pytest.mark.parametrize("stored_as", ["../secret", "/etc/passwd", "", ".", "ab/gone"])
def test_a_name_that_leads_out_of_the_folder_leads_nowhere(meta, dewi, browser, folder, stored_as):
    found = tries(arrives(meta, dewi))
    (folder.parent / "secret").write_text("secret")
    Media.objects.update(stored_as=stored_as)
    assert browser.get(address(meta, found)).status_code == 404


def test_a_file_that_is_not_stored_is_not_there(meta, dewi, browser):
    assert browser.get(address(meta, arrives(meta, dewi))).status_code == 404


def test_no_address_but_this_one_serves_files(meta, dewi, browser):
    found = tries(arrives(meta, dewi))
    for path in (f"/media/{found.stored_as}", f"/static/{found.stored_as}", f"/{found.stored_as}"):
        assert browser.get(path).status_code == 404


def test_an_agent_asks_again_for_a_file_that_failed(meta, browser):
    found = announced(meta, id="999999999999999")
    tries(found, 5)
    response = browser.post(address(meta, found, "retry/"))
    found.refresh_from_db()
    assert (response.status_code, found.state, found.tries) == (200, "pending", 0)
    assert "being fetched from Meta" in response.content.decode()


def test_who_may_only_read_cannot_ask_again(meta):
    found = announced(meta, id="999999999999999")
    tries(found, 5)
    ops = signed_in(cast.person(meta.house.workspace, "Olga", Role.OPS))
    assert ops.post(address(meta, found, "retry/")).status_code == 403
    assert signed_in(meta.alice).get(address(meta, found, "retry/")).status_code == 405


def test_a_picture_a_voice_note_and_a_document_are_drawn_as_such(meta, dewi, browser):
    kinds = [arrives(meta, dewi, kind) for kind in ("image", "audio", "document")]
    thread = inbox(meta.house, f"{Message.objects.latest('pk').conversation_id}/")
    assert browser.get(thread).content.decode().count("being fetched from Meta") == 3
    for one in kinds:
        tries(one)
    page = browser.get(thread).content.decode()
    for tag, one in zip(("<img", "<audio", "<a "), kinds, strict=True):
        assert address(meta, one) in page
        assert tag in page
