"""Templates on a real database, with several at once: one call for a form, one listing of an account, no deadlock."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from connections.graph import calls
from connections.message_templates import making, sync
from connections.message_templates.draft import Draft
from connections.models import MessageTemplate, TemplateAct, TemplateSync
from inbox import drain
from tests import cast
from tests.inbox.meta import Meta
from tests.inbox.test_order import at_once
from webhooks import log
from webhooks.models import WebhookEvent

pytestmark = pytest.mark.django_db(transaction=True)

WABA = "200000000000002"
DRAFT = Draft("order_update", "id", "UTILITY", body="It is on its way.")


@pytest.fixture(autouse=True)
def one_client(transactional_db: None, meta: Meta) -> None:
    """Made before the threads begin, so that they share it."""
    calls.shared_client()


def asked(meta: Meta, method: str) -> int:
    return sum(one["method"] == method and one["path"].endswith("/message_templates") for one in meta.sim.calls())


def test_a_form_posted_by_two_at_once_asks_meta_once(meta):
    workspace, bob, token = meta.house.workspace, cast.bob(meta.house), uuid.uuid4()
    meta.sim.fault("slow", on="graph", seconds=0.3)
    act = partial(making.create, workspace, WABA, DRAFT, token, bob)
    outcomes = at_once(act, act, act)
    assert asked(meta, "POST") == 1
    assert TemplateAct.objects.get().outcome == "accepted"
    assert MessageTemplate.objects.count() == 1
    done = [one for one in outcomes if isinstance(one, making.Outcome)]
    assert len(done) == 3
    assert sorted(one.is_repeat for one in done) == [False, True, True]


def test_an_account_is_listed_by_one_at_a_time(meta):
    meta.sim.template("greeting", "Hello there")
    meta.sim.fault("slow", on="graph", seconds=0.3)
    runs = at_once(*[partial(sync.sync, meta.house.workspace.pk, WABA)] * 3)
    assert asked(meta, "GET") == 1
    assert sorted(run is None for run in runs) == [False, True, True]


def test_listings_news_and_acts_at_once_wait_for_each_other_and_lose_nothing(meta):
    bob, now = cast.bob(meta.house), timezone.now()
    ids = [str(400000000000200 + number) for number in range(20)]
    for template_id in ids:
        for second, word in enumerate(("PENDING", "APPROVED", "PAUSED")):
            log.store(meta.house.connection.meta_app_id, news(template_id, word, int(now.timestamp()) + 60 + second))
    create = partial(making.create, meta.house.workspace, WABA, DRAFT, uuid.uuid4(), bob)
    list_ = partial(sync.sync, meta.house.workspace.pk, WABA)
    found = at_once(drain.drain, drain.drain, drain.drain, list_, create)
    assert [one for one in found if isinstance(one, Exception)] == []
    drain.drain()
    assert set(WebhookEvent.objects.values_list("state", flat=True)) == {"applied"}
    told = MessageTemplate.objects.filter(template_id__in=ids)
    assert set(told.values_list("status", flat=True)) == {"PAUSED"}
    assert [one.is_gone for one in told] == [False] * len(ids)
    assert MessageTemplate.objects.filter(name="order_update").count() == 1
    assert TemplateSync.objects.count() == 1
    assert sync.due(now + timedelta(minutes=10)) == [(meta.house.workspace.pk, WABA)]


def news(template_id: str, word: str, at: int) -> bytes:
    value = {"event": word, "message_template_id": int(template_id), "reason": "NONE"}
    change = {"field": "message_template_status_update", "value": value}
    entry = {"id": WABA, "time": at, "changes": [change]}
    return json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()
