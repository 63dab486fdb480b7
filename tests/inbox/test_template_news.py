"""Webhooks keep templates current: in any order, however often, and for their own app and account alone."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from connections.message_templates import evidence, listing
from connections.models import AppShare, Connection, MessageTemplate, TemplateSync
from inbox import drain
from tests import cast
from tests.cast import House, payload
from webhooks import log
from webhooks.models import WebhookEvent
from workspaces.models import Workspace, WorkspaceClock

pytestmark = pytest.mark.django_db

ID = "400000000000004"
START = datetime(2026, 11, 20, 12, tzinfo=UTC)
EVENT_FILES = ["template_rejected", "template_quality", "template_category", "template_paused", "template_texts"]


def comes(house: House, *bodies: bytes) -> None:
    for body in bodies:
        log.store(house.connection.meta_app_id, body)
    drain.drain()


def news(field: str, at: datetime, waba_id: str = "200000000000002", template_id: str = ID, **value: Any) -> bytes:
    value = {
        "message_template_id": int(template_id),
        "message_template_name": "greeting",
        "message_template_language": "id",
        **value,
    }
    entry = {"id": waba_id, "time": int(at.timestamp()), "changes": [{"field": field, "value": value}]}
    return json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()


def status(word: str, at: datetime, **value: Any) -> bytes:
    return news("message_template_status_update", at, event=word, **{"reason": "NONE", **value})


def listed(house: House, at: datetime, *rows: dict[str, Any]) -> None:
    """A whole listing of Meta's, begun at that time."""
    told = [one for row in rows if (one := listing.told_of(row, at))]
    with transaction.atomic():
        account = (house.workspace.pk, house.connection.waba_id)
        evidence.apply(*account, told, is_whole=True, at=at)


def row(**facts: Any) -> dict[str, Any]:
    usual = {"id": ID, "name": "greeting", "language": "id", "status": "APPROVED", "category": "UTILITY"}
    return {**usual, "components": [{"type": "BODY", "text": "Hello there"}], **facts}


def clock(house: House) -> int:
    return WorkspaceClock.objects.get(workspace=house.workspace).version


def test_every_kind_of_news_is_applied_to_its_group_of_facts(house):
    comes(house, *(payload(f"{name}.json") for name in EVENT_FILES))
    (one,) = house.workspace.message_templates.all()
    assert (one.template_id, one.name, one.language) == (ID, "cart_reminder_v2", "tr")
    assert (one.status, one.rejected_reason, one.status_details["title"]) == ("PAUSED", "", "FIRST_PAUSE")
    assert one.quality == "YELLOW"
    assert (one.category, one.correct_category) == ("UTILITY", "MARKETING")
    assert one.correct_category_from == datetime.fromtimestamp(1795400000, UTC)
    assert one.told_texts["body"] == "Your cart is waiting, {{1}}. Come back soon!"
    assert {event.state for event in WebhookEvent.objects.all()} == {"applied"}
    assert {event.problem for event in WebhookEvent.objects.all()} == {""}


def test_a_rejection_keeps_metas_own_words_for_the_person_who_mends_it(house):
    comes(house, payload("template_rejected.json"))
    one = MessageTemplate.objects.get()
    assert (one.status, one.rejected_reason) == ("REJECTED", "INVALID_FORMAT")
    assert one.status_details == {
        "reason": "Two variables touch each other.",
        "recommendation": "Put words between the variables.",
        "of": "REJECTED",
    }


@pytest.mark.parametrize("is_listed_first", [True, False])
def test_a_listing_of_the_same_status_takes_nothing_away_that_only_the_webhook_said(house, is_listed_first):
    """Meta's recommendation stands in the webhook alone; the listing says the same status, later."""
    later = datetime.fromtimestamp(1795300400, UTC) + timedelta(seconds=9)
    rejected = row(id=ID, status="REJECTED", rejected_reason="INVALID_FORMAT")
    if is_listed_first:
        listed(house, later, rejected)
    comes(house, payload("template_rejected.json"))
    if not is_listed_first:
        listed(house, later, rejected)
    one = MessageTemplate.objects.get()
    assert (one.status, one.rejected_reason) == ("REJECTED", "INVALID_FORMAT")
    assert one.status_details["recommendation"] == "Put words between the variables."


def test_news_of_a_template_we_do_not_have_makes_one_that_is_not_synced_yet_and_asks_for_a_listing(house):
    comes(house, status("APPROVED", START))
    one = MessageTemplate.objects.get()
    assert (one.synced_at, one.components, one.is_gone) == (None, [], False)
    assert TemplateSync.objects.get().wanted_at is not None
    TemplateSync.objects.update(wanted_at=None)
    listed(house, START + timedelta(minutes=1), row())
    comes(house, news("message_template_quality_update", START + timedelta(minutes=2), new_quality_score="RED"))
    assert TemplateSync.objects.get().wanted_at is None


def test_the_clock_is_raised_when_something_shown_has_changed_and_not_when_it_is_told_again(house):
    before = clock(house)
    comes(house, status("APPROVED", START))
    assert clock(house) == before + 1
    comes(house, status("APPROVED", START + timedelta(hours=1)), status("PAUSED", START - timedelta(hours=1)))
    assert clock(house) == before + 1
    comes(house, status("PAUSED", START + timedelta(hours=2)))
    assert clock(house) == before + 2


def test_a_decision_stands_over_its_wait_of_the_same_second(house):
    comes(house, status("APPROVED", START), status("PENDING", START))
    assert MessageTemplate.objects.get().status == "APPROVED"


def test_news_of_the_second_in_which_we_listed_stands_over_the_listing(house):
    listed(house, START.replace(microsecond=800_000), row(status="PENDING"))
    comes(house, status("APPROVED", START))
    assert MessageTemplate.objects.get().status == "APPROVED"
    listed(house, START + timedelta(seconds=1), row(status="PAUSED"))
    assert MessageTemplate.objects.get().status == "PAUSED"


def test_a_template_that_meta_tells_is_deleted_is_removed_whatever_else_was_told_in_that_second(house):
    comes(house, status("DELETED", START), status("PENDING_DELETION", START))
    assert MessageTemplate.objects.get().removed_at == START + timedelta(seconds=1)


def test_old_news_of_a_template_that_the_last_listing_did_not_have_brings_nothing_back(house):
    listed(house, START)
    comes(house, status("APPROVED", START - timedelta(days=2)))
    assert MessageTemplate.objects.get().is_gone
    comes(house, status("APPROVED", START + timedelta(days=2)))
    assert not MessageTemplate.objects.get().is_gone


def test_news_that_names_no_template_changes_nothing_and_is_kept(house):
    body = news("message_template_status_update", START, event="APPROVED").replace(ID.encode(), b"null")
    comes(house, body, news("message_template_status_update", START, event=None))
    assert MessageTemplate.objects.count() == 0
    assert {event.state for event in WebhookEvent.objects.all()} == {"applied"}


def test_a_workspace_is_told_only_by_its_own_app_and_of_its_own_account(house):
    other = cast.teh_tubruk()
    comes(house, status("APPROVED", START, waba_id=other.connection.waba_id))
    comes(other, status("APPROVED", START))
    assert MessageTemplate.objects.count() == 0
    comes(other, status("APPROVED", START, waba_id=other.connection.waba_id))
    assert [one.workspace for one in MessageTemplate.objects.all()] == [other.workspace]


def test_a_number_that_is_not_proven_hears_nothing(house):
    Connection.objects.update(proven_at=None)
    comes(house, status("APPROVED", START))
    assert MessageTemplate.objects.count() == 0


def test_an_app_that_two_workspaces_share_tells_both_of_an_account_that_both_have(house):
    other = cast.teh_tubruk()
    app, waba_id = house.connection.meta_app, house.connection.waba_id
    slug = other.workspace.slug
    AppShare.objects.create(meta_app=app, slug=slug, workspace=other.workspace, offered_at=START, accepted_at=START)
    Connection.objects.filter(pk=other.connection.pk).update(meta_app=app, waba_id=waba_id)
    before = (clock(house), clock(other))
    comes(house, status("APPROVED", START))
    assert MessageTemplate.objects.count() == 2
    assert (clock(house), clock(other)) == (before[0] + 1, before[1] + 1)


# --- The set decides, never the order -------------------------------------------------------------------------------

SECONDS = st.integers(0, 3)
IDS = st.sampled_from([ID, "400000000000005"])
WORDS = st.sampled_from(["PENDING", "APPROVED", "REJECTED", "PAUSED", "DELETED", "DREAMING"])
NEWS = st.one_of(
    st.tuples(st.just("status"), SECONDS, IDS, WORDS),
    st.tuples(st.just("quality"), SECONDS, IDS, st.sampled_from(["GREEN", "RED"])),
    st.tuples(st.just("category"), SECONDS, IDS, st.sampled_from(["UTILITY", "MARKETING"])),
    st.tuples(st.just("texts"), SECONDS, IDS, st.sampled_from(["Hello", "Good day"])),
    st.tuples(st.just("listing"), st.floats(0, 3.9).map(lambda at: round(at, 2)), st.sets(IDS), WORDS),
)


def play(house: House, told: tuple[str, Any, Any, str]) -> None:
    kind, seconds, which, word = told
    at = START + timedelta(seconds=seconds)
    if kind == "listing":
        listed(house, at, *(row(id=one, status=word) for one in sorted(which)))
        return
    value = {
        "status": {"event": word, "reason": "NONE"},
        "quality": {"new_quality_score": word},
        "category": {"previous_category": "X", "new_category": word},
        "texts": {"message_template_element": word},
    }[kind]
    field = "template_category_update" if kind == "category" else f"message_template_{kind}_update"
    field = field.replace("texts", "components")
    comes(house, news(field, at, template_id=which, **value))


def natural(workspace: Workspace) -> list[dict[str, Any]]:
    """All that is known of templates, without ids and the times of our own clock."""
    columns = [column for column in evidence.COLUMNS if column != "changed_at"]
    found = MessageTemplate.objects.filter(workspace=workspace).order_by("template_id")
    return list(found.values("template_id", *columns))


@settings(max_examples=60)
@given(st.lists(NEWS, min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_templates_are_a_function_of_what_was_told_in_any_order_and_however_often(told, random):
    again = [*told, *random.choices(told, k=2)]
    random.shuffle(again)
    found = []
    for order in (told, again):
        with transaction.atomic():
            house = cast.kopi_kita()
            for one in order:
                play(house, one)
            if order is again:
                WebhookEvent.objects.update(state="waiting")
                drain.drain()
            found.append(natural(house.workspace))
            transaction.set_rollback(True)
    assert found[0] == found[1]
