"""Planted secrets of an app are looked for wherever anybody could read: pages, logs, the audit trail and its export."""

from __future__ import annotations

import logging

import pytest
from django.db import connection as database
from django.test import Client

from connections.models import MetaApp
from simulator.running import running
from tests import cast
from tests.inbox.screens import signed_in
from workspaces.models import Role

pytestmark = pytest.mark.django_db

APP = "600000000000006"
GOOD, SLIP, NEXT = "planted-good-3f9a", "planted-slip-71bc", "planted-next-0d2e"


@pytest.fixture
def house(settings):
    with running(numbers=[{"app_id": APP, "app_secret": GOOD}]) as sim:
        settings.GRAPH_BASE_URLS = settings.GRAPH_BASE_URLS | {"simulator": sim.url}
        yield cast.kopi_kita()


@pytest.fixture
def owner(house) -> Client:
    return signed_in(cast.person(house.workspace, "Olga", Role.OWNER))


def everything_done(owner: Client) -> list[str]:
    """An app added with a slip, then right, rotated without an answer, its token renewed; what each answer said."""
    root = "/w/kopi-kita/settings/connections/apps/"
    said = {"name": "Orders", "app_id": APP, "place": "simulator"}
    answers = [
        owner.post(f"{root}new/", said | {"app_secret": SLIP}),
        owner.post(f"{root}new/", said | {"app_id": "x"}),
    ]
    answers.append(owner.post(f"{root}new/", said | {"app_secret": GOOD}, follow=True))
    app = MetaApp.objects.get(app_id=APP)
    unreachable = said | {"app_secret": NEXT, "place": "meta"}
    answers += [
        owner.post(f"{root}{app.pk}/", unreachable),
        owner.post(f"{root}{app.pk}/", unreachable | {"unchecked": "1"}),
    ]
    answers += [owner.get(f"{root}{app.pk}/"), owner.get(f"{root}{app.pk}/state/")]
    return [one.content.decode() for one in answers]


def test_no_answer_no_log_and_no_line_of_the_trail_holds_a_secret(house, owner, settings, caplog):
    settings.GRAPH_BASE_URLS = settings.GRAPH_BASE_URLS | {"production": "http://127.0.0.1:9"}
    caplog.set_level(logging.DEBUG)
    texts = everything_done(owner)
    for path in (
        "settings/connections/",
        "settings/audit/",
        "settings/audit/csv/",
        "diagnostics/",
        "settings/members/",
    ):
        response = owner.get(f"/w/kopi-kita/{path}")
        assert response.status_code == 200, path
        content = b"".join(response.streaming_content) if response.streaming else response.content
        texts.append(content.decode())
    with database.cursor() as cursor:
        cursor.execute("SELECT string_agg(entry::text, ' ') FROM workspaces_auditentry entry")
        texts += [cursor.fetchone()[0], caplog.text]
    app = MetaApp.objects.get(app_id=APP)
    assert (app.app_secret, app.previous_secret) == (NEXT, GOOD), "all of that was done"
    assert [text[:200] for text in texts for secret in (GOOD, SLIP, NEXT) if secret in text] == []
    assert [text[:200] for text in texts[7:] if app.verify_token in text] == [], "it is on the app's own page alone"
