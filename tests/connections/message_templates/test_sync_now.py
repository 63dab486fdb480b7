"""The button "Sync now": for those who may change templates, of an account of theirs; it says what came of it."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from connections.models import Connection, TemplateSync
from tests import cast
from tests.inbox.meta import Meta
from tests.inbox.screens import signed_in
from workspaces.models import Role

pytestmark = pytest.mark.django_db

PAGE = "/w/kopi-kita/templates/"


@pytest.fixture
def bob(meta: Meta) -> Client:
    return signed_in(cast.bob(meta.house))


def press(browser: Client, waba_id: str = "200000000000002") -> str:
    answer = browser.post(f"{PAGE}sync/", {"waba_id": waba_id}, follow=True)
    assert answer.redirect_chain == [(PAGE, 302)]
    return str(answer.content.decode())


def test_it_lists_the_templates_and_says_how_many(meta, bob):
    meta.sim.template("greeting", "Hello there")
    page = press(bob)
    assert "Synced: Meta has 1 template." in page
    assert "greeting" in page
    assert "1 template as of" in page


def test_what_went_wrong_is_a_sentence_with_a_next_step(meta, bob):
    meta.sim.fault("html", on="graph", count=1)
    page = press(bob)
    assert "Not synced: " in page
    assert "failed: " in page


def test_while_another_sync_runs_it_says_so(meta, bob):
    now = timezone.now()
    TemplateSync.objects.create(workspace=meta.house.workspace, waba_id="200000000000002", started_at=now)
    page = press(bob)
    assert "being synced already" in page
    assert "being synced since" in page


@pytest.mark.parametrize(("role", "status"), [("owner", 302), ("admin", 302), ("ops", 403), ("agent", 403)])
def test_who_may_press_it(meta, role, status):
    browser = signed_in(cast.person(meta.house.workspace, "Dana", Role(role)))
    assert browser.post(f"{PAGE}sync/", {"waba_id": "200000000000002"}).status_code == status


def test_outsiders_strangers_other_accounts_and_reading_get_nowhere(meta, bob):
    other = cast.teh_tubruk()
    charlie = signed_in(cast.person(other.workspace, "Charlie", Role.ADMIN))
    assert charlie.post(f"{PAGE}sync/", {"waba_id": "200000000000002"}).status_code == 404
    assert Client().post(f"{PAGE}sync/").headers["Location"].startswith("/accounts/login/")
    assert bob.get(f"{PAGE}sync/").status_code == 405
    for waba_id in ("", other.connection.waba_id, "x" * 1000, "\0"):
        assert bob.post(f"{PAGE}sync/", {"waba_id": waba_id}).status_code == 404
    Connection.objects.filter(workspace=other.workspace).delete()
    assert TemplateSync.objects.count() == 0
