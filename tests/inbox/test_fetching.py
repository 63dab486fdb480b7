"""Customers' files: fetched by a job of their own to private storage, whole and as announced, or with a reason."""

from __future__ import annotations

import base64
import hashlib
import json
import stat
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from django.utils import timezone

from connections.graph import calls
from inbox import media, tasks
from inbox.models import Media, Message
from inbox.sql import rows
from simulator.samples import sample
from tests.inbox.files import PAGE, PICTURE, announced, arrives, files, tries
from tests.inbox.meta import Meta
from workspaces.models import WorkspaceClock

pytestmark = pytest.mark.django_db

GONE = "Meta does not have this file any more"


@pytest.fixture(autouse=True)
def folder(settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "kept"
    return tmp_path / "kept"


@pytest.fixture
def dewi(meta: Meta):
    return meta.customer()


@pytest.mark.parametrize(("kind", "sniffed"), [("image", "image/png"), ("document", "application/pdf")])
def test_a_file_is_pending_until_it_is_fetched_and_then_stored(meta, dewi, folder, kind, sniffed):
    found = arrives(meta, dewi, kind)
    assert (found.state, found.pk in media.due(), files(folder)) == ("pending", True, [])
    tries(found)
    assert (found.state, found.reason, found.sniffed_type, media.due()) == ("stored", "", sniffed, [])
    (path,) = files(folder)
    assert path == folder / found.stored_as
    assert path.read_bytes() == sample(kind)[0]
    assert found.size == path.stat().st_size


def test_what_is_kept_is_readable_by_ourselves_alone_and_its_name_says_nothing(meta, dewi, folder):
    found = tries(arrives(meta, dewi, "document", PAGE, mime_type="text/plain", filename="passport of Dewi.txt"))
    (path,) = files(folder)
    assert [stat.S_IMODE(one.stat().st_mode) for one in (path, path.parent, folder)] == [0o600, 0o700, 0o700]
    assert "passport" not in found.stored_as
    assert path.suffix == ""


def test_the_screens_hear_of_it(meta, dewi):
    found = arrives(meta, dewi)
    before = WorkspaceClock.objects.get(workspace=meta.house.workspace).version
    tries(found)
    assert Message.objects.get(pk=found.pk).version > before


def test_a_file_is_fetched_once_however_often_it_is_hinted_at(meta, dewi, folder):
    found = arrives(meta, dewi)
    for _ in range(3):
        tasks.fetch_media(found.pk)
    assert (len(files(folder)), Media.objects.get().tries) == (1, 1)


def test_due_files_are_hinted_at_unless_there_are_hints_enough(meta, dewi, monkeypatch):
    arrives(meta, dewi)
    assert media.dispatch() == 1
    monkeypatch.setattr(media, "MOST_HINTS", -1)
    assert media.dispatch() == 0


def test_a_file_that_fails_is_tried_again_later_and_says_why(meta, dewi, folder):
    found = arrives(meta, dewi)
    meta.sim.fault("html", on="media", status=502, count=1)
    tries(found)
    assert (found.state, found.tries, files(folder)) == ("pending", 1, [])
    assert found.reason.endswith(".")
    assert found.due_at is not None
    assert found.due_at - timezone.now() > timedelta(seconds=4)
    tasks.fetch_media(found.pk)
    assert Media.objects.get().tries == 1, "not before it is due"
    assert (tries(found).state, found.reason) == ("stored", "")


def test_after_the_last_try_it_has_failed_and_a_person_can_ask_again(meta, dewi, folder):
    found = arrives(meta, dewi)
    meta.sim.fault("html", on="media", status=502)
    assert [tries(found).state for _ in range(5)] == ["pending"] * 4 + ["failed"]
    assert (found.due_at, media.due()) == (None, [])
    assert tries(found).tries == 5, "a machine does not try again"
    meta.sim.clear_faults()
    assert media.retry(found.pk)
    assert not media.retry(found.pk), "it is pending already"
    assert tries(found).state == "stored"


def test_an_address_that_has_grown_old_is_asked_for_anew(meta, dewi):
    found = arrives(meta, dewi)
    meta.sim.fault("html", on="media", status=404, skip=1, count=1)  # the address is given, the file is not there
    assert GONE in tries(found).reason
    assert tries(found).state == "stored"
    asked = [one for one in meta.sim.calls() if one["path"].endswith(found.media_id)]
    assert len(asked) == 2


def test_a_file_that_meta_no_longer_has_says_so(meta):
    found = announced(meta, id="999999999999999")
    assert GONE in tries(found).reason
    assert tries(found, 4).state == "failed"
    assert GONE in found.reason


def test_a_file_that_is_not_the_one_announced_is_not_kept(meta, folder):
    found = announced(meta, sha256=base64.b64encode(hashlib.sha256(b"another").digest()).decode())
    tries(found)
    assert (found.state, files(folder)) == ("pending", [])
    assert "checksum differs" in found.reason
    assert tries(found, 4).state == "failed"


def test_without_a_checksum_in_the_message_the_one_beside_the_address_counts(meta, folder, answers):
    found = announced(meta, sha256="")
    answers.append(
        httpx.Response(200, json={"url": f"{meta.sim.url}/file", "sha256": hashlib.sha256(b"a").hexdigest()})
    )
    answers.append(httpx.Response(200, content=b"b"))
    assert "checksum differs" in tries(found).reason
    answers.append(
        httpx.Response(200, json={"url": f"{meta.sim.url}/file", "sha256": hashlib.sha256(b"b").hexdigest()})
    )
    answers.append(httpx.Response(200, content=b"b"))
    assert tries(found).state == "stored"


def test_a_file_that_is_too_big_is_given_up_at_once(meta, dewi, folder, settings):
    settings.MEDIA_MAX_BYTES = len(PICTURE) - 1
    found = tries(arrives(meta, dewi))
    assert (found.state, found.tries, files(folder)) == ("failed", 1, [])
    assert "larger than" in found.reason


@pytest.fixture
def answers(meta: Meta, monkeypatch) -> Iterator[list[httpx.Response]]:
    """Graph's next answers, as they come over the wire."""
    waiting: list[httpx.Response] = []
    client = httpx.Client(transport=httpx.MockTransport(lambda request: waiting.pop(0)))
    monkeypatch.setattr(calls, "shared_client", lambda: client)
    monkeypatch.setattr("connections.graph.media.shared_client", lambda: client)
    yield waiting
    assert waiting == [], "nothing else was asked"


@pytest.mark.parametrize(
    "url", ["http://169.254.169.254/latest/meta-data/", "https://evil.example/a", "file:///etc/passwd"]
)
def test_a_file_on_a_server_that_is_not_metas_is_never_asked_for(meta, folder, answers, url):
    found = announced(meta)
    answers.append(httpx.Response(200, json={"url": url}))
    tries(found)
    assert (found.state, found.tries, files(folder)) == ("failed", 1, [])
    assert "not on a server of Meta's" in found.reason


def test_a_file_with_a_token_that_does_not_decrypt_says_so(meta, dewi):
    found = arrives(meta, dewi)
    rows("UPDATE connections_connection SET access_token = 'not a token'")
    assert "cannot be decrypted" in tries(found).reason


def test_a_disk_that_takes_nothing_is_said_and_tried_again(meta, dewi, folder):
    found = arrives(meta, dewi)
    folder.write_text("a file where the folder should be")
    tries(found)
    assert (found.state, found.reason) == ("pending", "It could not be written to our own storage.")
    folder.unlink()
    assert tries(found).state == "stored"


@pytest.mark.parametrize("left", ["ab/abc.part", "ab/abc"], ids=["half of it", "whole, and not written down"])
def test_what_a_worker_left_that_was_killed_is_cleared_away_by_the_next_try(meta, dewi, folder, left):
    found = arrives(meta, dewi)
    Media.objects.update(tries=1, stored_as="ab/abc")  # as the claim wrote it
    (folder / left).parent.mkdir(parents=True)
    (folder / left).write_bytes(b"some of it")
    tries(found)
    assert (found.state, files(folder)) == ("stored", [folder / found.stored_as])


@pytest.fixture
def overtaken(meta: Meta, monkeypatch) -> Callable[[Media, httpx.Response], None]:
    """A try that the next one overtakes while it waits for the file, which then comes as this answer."""

    def overtake(found: Media, late: httpx.Response) -> None:
        def answer(request: httpx.Request) -> httpx.Response:
            asked.append(request)
            if len(asked) == 2:
                tries(found)
                return late
            if len(asked) % 2:
                return httpx.Response(200, json={"url": f"{meta.sim.url}/file"})
            return httpx.Response(200, content=PICTURE)

        asked: list[httpx.Request] = []
        client = httpx.Client(transport=httpx.MockTransport(answer))
        monkeypatch.setattr(calls, "shared_client", lambda: client)
        monkeypatch.setattr("connections.graph.media.shared_client", lambda: client)
        tries(found)
        assert len(asked) == 4

    return overtake


@pytest.mark.parametrize("late", [httpx.Response(502), httpx.Response(200, content=PICTURE)], ids=["failed", "whole"])
def test_a_try_that_was_overtaken_neither_overwrites_a_stored_file_nor_leaves_its_own(meta, folder, overtaken, late):
    found = announced(meta)
    overtaken(found, late)
    found.refresh_from_db()
    assert (found.state, found.reason, found.tries) == ("stored", "", 2)
    assert files(folder) == [folder / found.stored_as]
    assert files(folder)[0].read_bytes() == PICTURE


def test_a_file_that_kills_its_workers_is_given_up_in_the_end(meta, dewi):
    found = arrives(meta, dewi)
    Media.objects.update(tries=media.MOST_TRIES)
    tries(found)
    assert found.state == "failed"
    assert "never came to an end" in found.reason


def test_a_lost_file_never_loses_the_message(meta, dewi):
    found = announced(meta, id="999999999999999", caption="Look at this")
    tries(found, 5)
    message = Message.objects.get(pk=found.pk)
    assert (message.text, message.kind) == ("Look at this", "image")


def test_nothing_of_a_webhook_decides_where_a_file_is_kept(meta, folder):
    found = tries(announced(meta, filename="../../../x", mime_type="../../y"))
    assert json.dumps(found.stored_as) == json.dumps(str(files(folder)[0].relative_to(folder)))
