"""Change markers: what people changed stands in the threads it concerns, at its time, and nowhere else."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import pytest
from django.db import connection, transaction
from django.utils import timezone

from connections import pausing, sandbox
from connections.models import Connection
from inbox import change_markers, thread_lines
from inbox.models import Conversation, Message
from inbox.sql import rows
from tests import cast
from tests.inbox.screens import hear, inbox, ours, queries_of, signed_in, version
from tests.inbox.statements import statements
from workspaces import audit
from workspaces.audit import MARKERS, Action
from workspaces.clock import tick
from workspaces.models import AuditEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(house):
    return signed_in(cast.alice(house))


def shown(house, browser, conversation, query="") -> list[str]:
    response = browser.get(inbox(house, f"{conversation.pk}/thread/?{query}"))
    if response.status_code == 204:
        return []
    assert response.status_code == 200
    return [line.text for line in response.context["lines"]]


def changed(house, action=Action.TOKEN_REPLACED, actor=None, at=None, about="", **values):
    connection = house.connection
    own = {"connection": connection.pk, "app": connection.meta_app_id, "waba": connection.waba_id}
    subject = about or own.get(MARKERS[action])
    with patch("django.utils.timezone.now", return_value=at or timezone.now()), transaction.atomic():
        return audit.record(house.workspace.pk, actor, action, connection.name, about=subject, **values)


def test_a_change_is_a_line_at_its_time_among_the_messages(house, bob, browser):
    conversation = hear(house, "before", at=cast.ago(minutes=9))
    changed(house, Action.SANDBOX_SWITCHED, bob, at=cast.ago(minutes=5), after={"is_on": False})
    changed(house, actor=bob, at=cast.ago(minutes=4))
    ours(conversation, "after")
    pausing.pause(house.connection, bob)
    assert shown(house, browser, conversation) == [
        "before",
        "Bob switched sandbox mode off",
        "Bob replaced the token of Kopi Kita",
        "after",
        "Bob paused Kopi Kita",
    ]


@pytest.mark.parametrize("action", MARKERS)
def test_every_kind_of_change_is_shown_where_it_belongs_and_not_in_threads_of_another_number(house, browser, action):
    conversation = hear(house)
    changed(house, action)
    assert len(shown(house, browser, conversation)) == 2
    if MARKERS[action] != "workspace":
        changed(house, action, about="999")
        assert len(shown(house, browser, conversation)) == 2


def test_what_another_workspace_changes_is_not_shown_here(house, browser):
    conversation, other = hear(house), cast.teh_tubruk()
    changed(other, Action.SANDBOX_SWITCHED)
    own = house.connection  # the same ids, written by another workspace
    audit.record(other.workspace.pk, None, Action.TOKEN_REPLACED, "Theirs", about=own.pk)
    audit.record(other.workspace.pk, None, Action.TEMPLATE_CHANGED, "Theirs", about=own.waba_id)
    assert shown(house, browser, conversation) == ["Hello"]


def test_what_is_no_change_of_what_happens_to_messages_is_not_shown(house, bob, browser):
    conversation = hear(house)
    audit.record(house.workspace.pk, bob, Action.MEMBER_ADDED, "dana@example.com")
    AuditEntry.objects.create(workspace=house.workspace, action="sandbox mode", target="written by hand")
    assert shown(house, browser, conversation) == ["Hello"]


def test_what_was_changed_before_the_first_line_is_not_shown(house, browser):
    seen = tick([house.workspace.pk])[house.workspace.pk]
    changed(house, at=cast.ago(minutes=9))
    conversation = hear(house, at=cast.ago(minutes=5))
    assert shown(house, browser, conversation) == ["Hello"]
    assert shown(house, browser, conversation, f"seen={seen}") == ["Hello"]


def test_each_page_has_the_changes_between_its_own_lines_and_none_twice(house, browser, monkeypatch):
    monkeypatch.setattr(thread_lines, "PAGE", 2)
    start = cast.ago(hours=1)
    conversation = hear(house, at=start)
    for n in range(1, 5):
        ours(conversation, str(n), placed_at=start + timedelta(minutes=n))
    for n in range(-1, 6):
        changed(house, at=start + timedelta(minutes=n, seconds=30), about=house.connection.pk)
    pages, query = [], "x=1"
    while query:
        response = browser.get(inbox(house, f"{conversation.pk}/thread/?{query}"))
        lines = response.context["lines"]
        pages.append("".join("|" if line.kind == "change" else line.text[-1] for line in lines))
        query = f"before={response.context['earlier']}" if response.context["earlier"] else ""
    assert pages == ["3|4|", "1|2|", "o|"]  # of the two after the last line, the newer stands for both


def test_many_of_one_kind_between_two_lines_are_one_line_that_says_so(house, bob, browser):
    conversation = hear(house, at=cast.ago(minutes=9))
    for n in range(4):
        sandbox.change_whitelist(house.workspace, add=[("bsuid", f"ID.{n}")], actor=bob)
    pausing.pause(house.connection, bob)
    assert shown(house, browser, conversation)[1:] == [
        "Bob changed the whitelist: 1 added (the last of 4 changes)",
        "Bob paused Kopi Kita",
    ]
    ours(conversation, "between")
    sandbox.change_whitelist(house.workspace, remove=[("bsuid", "ID.1")], actor=bob)
    assert shown(house, browser, conversation)[-1] == "Bob changed the whitelist: 1 removed"


def test_a_poll_brings_a_change_though_the_conversation_did_not_change(house, bob, browser):
    conversation = hear(house)
    seen = version(house)
    pausing.pause(house.connection, bob)
    response = browser.get(inbox(house, f"{conversation.pk}/thread/?seen={seen}"))
    assert [line.text for line in response.context["lines"]] == ["Bob paused Kopi Kita"]
    assert response["X-Gigaviz-Version"] == str(version(house))
    assert shown(house, browser, conversation, f"seen={version(house)}") == []
    assert Conversation.objects.get(pk=conversation.pk).version == conversation.version


def test_a_poll_brings_a_change_to_a_page_that_shows_earlier_lines_only_from_there_on(house, browser, monkeypatch):
    monkeypatch.setattr(thread_lines, "PAGE", 1)
    conversation = hear(house, at=cast.ago(minutes=9))
    ours(conversation, "newest")
    seen = version(house)
    key = browser.get(inbox(house, f"{conversation.pk}/thread/")).context["earlier"]
    changed(house, at=cast.ago(minutes=5))
    changed(house)
    assert len(shown(house, browser, conversation, f"seen={seen}&from={key}")) == 1
    assert len(shown(house, browser, conversation, f"seen={seen}")) == 2


def test_a_poll_that_brings_no_more_than_it_can_leaves_newer_changes_to_the_next(house, browser, monkeypatch):
    monkeypatch.setattr(thread_lines, "CHANGES", 2)
    conversation = hear(house)
    seen = version(house)
    for n in range(4):
        ours(conversation, str(n))
    changed(house)
    Conversation.objects.update(version=version(house))
    found, polls = [], 0
    while seen < version(house):
        response = browser.get(inbox(house, f"{conversation.pk}/thread/?seen={seen}"))
        seen, polls = int(response["X-Gigaviz-Version"]), polls + 1
        found += [line.text for line in response.context["lines"]]
    assert found == ["0", "1", "2", "3", "The command line replaced the token of Kopi Kita"]
    assert polls == 2


def test_an_unchanged_thread_is_answered_without_another_look_however_many_changes_there_were(house, browser):
    conversation = hear(house, "one")
    address = inbox(house, f"{conversation.pk}/thread/?seen=")
    changed(house)
    unchanged = queries_of(browser, f"{address}{version(house)}")
    seen = version(house)
    hear(house, "other", phone="6289", bsuid="ID.9")
    elsewhere = queries_of(browser, f"{address}{seen}")
    for _ in range(5):
        changed(house)
    assert queries_of(browser, f"{address}{version(house)}") == unchanged
    seen = version(house)
    hear(house, "other", phone="6289", bsuid="ID.9")
    assert browser.get(f"{address}{seen}").status_code == 204
    assert queries_of(browser, f"{address}{seen}") == elsewhere


def test_a_change_asks_nobody_for_one_more_click(house, bob, browser):
    conversation = hear(house)
    form = {"text": "At once", "form_token": str(uuid.uuid4()), "position": version(house), "confirm": ""}
    changed(house, actor=bob)
    sandbox.change_whitelist(house.workspace, add=[("bsuid", "ID.1001")], actor=bob)
    response = browser.post(inbox(house, f"{conversation.pk}/replies/"), form, headers={"HX-Request": "true"})
    assert response.status_code == 200
    assert Message.objects.get(direction="out").text == "At once"


def test_a_change_makes_nothing_unread_and_moves_no_conversation(house, browser):
    conversation = hear(house)
    before = Conversation.objects.values().get(pk=conversation.pk)
    changed(house)
    assert Conversation.objects.values().get(pk=conversation.pk) == before


def test_a_change_and_the_clock_are_written_together_or_not_at_all(house):
    before = version(house)
    with transaction.atomic():
        changed(house)
        transaction.set_rollback(True)
    assert version(house) == before
    assert not AuditEntry.objects.filter(version__isnull=False).exists()


def test_of_an_account_only_threads_of_its_numbers_are_told(house, browser):
    other = Connection.objects.get(pk=house.connection.pk)
    other.pk, other.phone_number_id, other.waba_id, other.name = None, "777", "888", "Other"
    other.save()
    conversation = hear(house)
    changed(house, Action.TEMPLATE_CHANGED, about="888")
    assert shown(house, browser, conversation) == ["Hello"]


def test_a_change_long_ago_says_its_own_time(house, browser):
    then = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
    conversation = hear(house, at=datetime(2026, 3, 1, 9, 0, tzinfo=UTC))
    entry = changed(house, at=then)
    said = browser.get(inbox(house, f"{conversation.pk}/thread/")).content.decode()
    assert f'id="change-{entry.pk}"' in said
    assert '<local-time datetime="2026-03-01T09:30:00+00:00">09:30</local-time>' in said


LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
FILL = """
INSERT INTO workspaces_auditentry (workspace_id, action, target, before, after, created_at, subject_kind, subject_id,
    version)
SELECT %(workspace)s, 'whitelist', 'x', '{}', '{}', now() - n * interval '1 minute', 'workspace',
    %(workspace)s::text, 30000 - n FROM generate_series(1, 20000) n
"""


def test_among_many_changes_a_page_reads_the_newest_and_a_poll_what_it_has_not_seen(house):
    with connection.cursor() as cursor:
        cursor.execute(FILL, {"workspace": house.workspace.pk})
        cursor.execute("ANALYZE workspaces_auditentry")
    for seen, count, index in ((0, change_markers.MOST, "audit_markers "), (29_990, 9, "audit_markers_by_version")):
        with statements() as sent:
            assert len(change_markers.between(house.connection, LONG_AGO, seen=seen)) == count
        assert len(sent) == 2
        asked = [["workspace"], [str(house.workspace.pk)], house.workspace.pk, seen, LONG_AGO, None, list(MARKERS), 200]
        plan = "\n".join(row[0] for row in rows(f"EXPLAIN {change_markers.NEWEST}", asked))
        assert index in plan
        assert "Seq Scan on workspaces_auditentry" not in plan
