"""Diagnostics shows what came by the door and is not simply in the inbox, to ops and admins of the app's owner."""

from __future__ import annotations

import json

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from inbox import drain, reaper
from tests import cast
from tests.inbox.screens import hear, signed_in
from webhooks import log, wake
from webhooks.models import WebhookEvent
from workspaces.models import Membership, Role

pytestmark = pytest.mark.django_db

PAGE = "/w/kopi-kita/diagnostics/"


@pytest.fixture
def ops(house):
    oki = cast.person(house.workspace, "Oki", Role.OPS)
    return signed_in(oki)


def text_of(browser: Client) -> str:
    response = browser.get(PAGE)
    assert response.status_code == 200
    return response.content.decode()


def arrived(house, body: bytes) -> WebhookEvent:
    log.store(house.connection.meta_app_id, body)
    drain.drain()
    return WebhookEvent.objects.order_by("-id")[0]


def test_with_nothing_odd_it_says_so_and_when_the_last_event_came(house, ops):
    hear(house)
    page = text_of(ops)
    assert "None. Bodies that cannot be understood" in page
    assert "none in seven days" not in page


def test_before_the_first_event_it_says_that_none_came(ops):
    assert "none in seven days" in text_of(ops)


def test_it_says_whether_metas_handshake_passed_and_of_this_workspaces_apps_only(house, ops):
    cast.teh_tubruk()
    page = text_of(ops)
    assert "handshake for Kopi Kita app</dt><dd>never: paste" in page
    assert "Teh Tubruk" not in page
    asked = {"hub.mode": "subscribe", "hub.verify_token": "verify", "hub.challenge": "1"}
    answer = Client().get(f"/webhooks/meta/{house.connection.meta_app.public_id}/", asked)
    assert answer.status_code == 200
    assert "handshake for Kopi Kita app</dt><dd>passed" in text_of(ops)


def test_a_broker_that_cannot_be_reached_is_said(ops, settings, monkeypatch):
    waker = wake.Waker()  # as in a process that has just started
    monkeypatch.setattr(wake, "_waker", waker)
    assert "from this web process" not in text_of(ops)
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert waker.queued("ingest") == 0
    assert "1 from this web process since it started: is Redis running?" in text_of(ops)


@pytest.mark.parametrize("body", [b"not json", b"\xff\xfe", b"[]", b'{"entry": 5}'])
def test_a_signed_body_that_is_not_understood_is_listed_with_its_raw_body(house, ops, body):
    event = arrived(house, body)
    page = text_of(ops)
    assert event.problem
    assert f"{PAGE}events/{event.day}/{event.pk}/" in page
    raw = ops.get(f"{PAGE}events/{event.day}/{event.pk}/")
    assert raw.content.decode() == body.decode("utf-8", errors="backslashreplace")
    assert (raw.headers["Content-Type"], raw.headers["X-Content-Type-Options"]) == (
        "text/plain; charset=utf-8",
        "nosniff",
    )


def test_an_orphan_is_listed_for_the_apps_owner_and_nobody_else(house, ops):
    other = cast.teh_tubruk()
    event = arrived(house, json.dumps(cast.envelope(house, cast.says(other))).encode())
    assert f"not connected here: {other.connection.phone_number_id}" in text_of(ops)
    theirs = signed_in(cast.person(other.workspace, "Tari", Role.ADMIN))
    page = theirs.get("/w/teh-tubruk/diagnostics/").content.decode()
    assert "not connected here: " not in page
    assert theirs.get(f"/w/teh-tubruk/diagnostics/events/{event.day}/{event.pk}/").status_code == 404


def test_an_event_that_was_set_aside_says_why_and_that_nothing_is_lost(house, ops):
    event = arrived(house, b"{}")
    WebhookEvent.objects.filter(pk=event.pk).update(state="set_aside", problem="The database refused it.")
    page = text_of(ops)
    assert "The database refused it. Nothing of it is lost" in page


def test_refusals_are_counted_by_reason_with_what_to_do(house, ops):
    for _ in range(2):
        log.count_refusal(house.connection.meta_app_id, "wrong")
    page = text_of(ops)
    assert "2 × wrong" in page
    assert "compare the app secret" in page


def test_a_backlog_is_counted_with_its_age(house, ops):
    log.store(house.connection.meta_app_id, b"{}")
    assert "1, since" in text_of(ops)


def test_the_reapers_last_run_is_shown(ops):
    assert "never: is a worker running?" in text_of(ops)
    reaper.reap()
    assert "never: is a worker running?" not in text_of(ops)


@pytest.mark.parametrize(("role", "status"), [("owner", 200), ("admin", 200), ("ops", 200), ("agent", 403)])
def test_who_may_look(house, role, status):
    member = cast.person(house.workspace, "Somebody", Role(role))
    event = arrived(house, b"odd")
    browser = signed_in(member)
    assert browser.get(PAGE).status_code == status
    assert browser.get(f"{PAGE}events/{event.day}/{event.pk}/").status_code == status
    rail = browser.get("/w/kopi-kita/inbox/").content.decode()
    assert (f'href="{PAGE}"' in rail) == (status == 200)
    assert Membership.objects.count() == 1


def test_outsiders_find_nothing_and_visitors_are_asked_to_sign_in(house):
    event = arrived(house, b"odd")
    charlie = signed_in(cast.charlie())
    for path in (PAGE, f"{PAGE}events/{event.day}/{event.pk}/"):
        assert charlie.get(path).status_code == 404
        assert Client().get(path).status_code == 302


@pytest.mark.parametrize("path", ["2026-13-45/1/", "2026-11-24/0/", "yesterday/1/", "2026-11-24/99999999999999999999/"])
def test_an_address_of_nothing_is_a_404(ops, path):
    assert ops.get(f"{PAGE}events/{path}").status_code == 404


def test_it_only_reads(ops):
    assert ops.post(PAGE).status_code == 405


def test_it_takes_as_many_queries_for_many_events_as_for_one(house, ops):
    def queries() -> int:
        with CaptureQueriesContext(connection) as counted:
            ops.get(PAGE)
        return len(counted)

    arrived(house, b"odd 0")
    queries()  # the first answer may look up what is kept for some seconds
    one = queries()
    for number in range(1, 8):
        arrived(house, b"odd %d" % number)
    assert queries() == one
