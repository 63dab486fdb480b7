"""A failed message says since which change its number fails, in its bubble and in its evidence."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection, transaction

from connections.models import Connection
from inbox import causes
from inbox.failing_since import CAUSES
from inbox.models import Message, SendAttempt, Word, Work
from tests import cast
from tests.inbox.screens import hear, inbox, ours, queries_of, signed_in
from workspaces import audit
from workspaces.audit import Action
from workspaces.audit_words import DONE
from workspaces.models import Role

pytestmark = pytest.mark.django_db
TOKEN = {"outcome": "refused", "code": 190, "title": "OAuthException"}
BAYU = "the token of Kopi Kita was replaced by Bayu"


@pytest.fixture
def bayu(house):
    return cast.person(house.workspace, "Bayu", Role.ADMIN)


@pytest.fixture
def conversation(house):
    return hear(house, at=cast.ago(hours=3))


@pytest.fixture
def browser(house):
    return signed_in(cast.alice(house))


def called(
    conversation, minutes: float, outcome: str, *, problem: dict[str, Any] | None = None, **values: Any
) -> Message:
    """A message of ours, called so many minutes ago, with what came of it."""
    start = cast.ago(minutes=minutes)
    word = Word.ACCEPTED if outcome == "accepted" else Word.FAILED
    message = ours(conversation, str(minutes), word, placed_at=start, attempt=1, problem=problem or {}, work=Work.DONE)
    wamid = f"wamid.{message.pk}" if outcome == "accepted" else None
    own = {"connection_id": conversation.connection_id, "phone_number_id": "1", "recipient_kind": "phone"}
    SendAttempt.objects.create(
        message=message, number=1, started_at=start, outcome=outcome, wamid=wamid, **own | values
    )
    return message


def refused(conversation, minutes: float, problem: dict[str, Any] | None = None) -> Message:
    problem = problem or TOKEN
    return called(conversation, minutes, "refused", problem=problem, code=problem.get("code"))


def changed(house, minutes: float, action=Action.TOKEN_REPLACED, actor=None, **values: Any) -> datetime:
    at = cast.ago(minutes=minutes)
    subject = {"sandbox mode": None, "app secret replaced": house.connection.meta_app_id}
    about = subject.get(action, house.connection.pk)
    with patch("django.utils.timezone.now", return_value=at), transaction.atomic():
        audit.record(house.workspace.pk, actor, action, "Kopi Kita", about=about, **values)
    return at


def cause_of(house, browser, message: Message):
    lines = browser.get(inbox(house, f"{message.conversation_id}/thread/")).context["lines"]
    return next(line.cause for line in lines if line.kind == "message" and line.id == message.pk)


def test_a_failure_names_the_change_since_which_the_number_sends_nothing(house, bayu, conversation, browser):
    called(conversation, 60, "accepted")
    at = changed(house, 40, actor=bayu)
    message = refused(conversation, 20)
    assert (cause_of(house, browser, message).done, cause_of(house, browser, message).at) == (BAYU, at)
    page = browser.get(inbox(house, f"{conversation.pk}/thread/")).content.decode()
    assert f'Failing since {BAYU} at <local-time datetime="{at.isoformat()}"' in page
    evidence = browser.get(inbox(house, f"messages/{message.pk}/evidence/"))
    kinds = [(entry.kind, entry.title) for entry in evidence.context["entries"]]
    assert kinds[0] == ("change", "Bayu replaced the token of Kopi Kita")
    assert [kind for kind, _ in kinds] == ["change", "written", "attempt"]
    assert "Nothing was accepted from this number" in evidence.content.decode()


def test_what_was_accepted_after_the_change_clears_it(house, bayu, conversation, browser):
    changed(house, 40, actor=bayu)
    called(conversation, 30, "accepted")
    assert cause_of(house, browser, refused(conversation, 20)) is None


def test_what_failed_before_a_change_does_not_fail_because_of_it(house, bayu, conversation, browser):
    called(conversation, 60, "accepted")
    first = refused(conversation, 50)
    changed(house, 40, actor=bayu)
    assert cause_of(house, browser, first) is None
    assert cause_of(house, browser, refused(conversation, 20)) is None


def test_that_one_person_could_not_be_reached_before_the_change_does_not_hide_it(house, bayu, conversation, browser):
    called(conversation, 60, "accepted")
    refused(conversation, 50, {"outcome": "refused", "code": 131026})
    changed(house, 40, actor=bayu)
    assert cause_of(house, browser, refused(conversation, 20)).done == BAYU


def test_once_the_number_sends_again_it_is_told_as_over(house, bayu, conversation, browser):
    changed(house, 40, actor=bayu)
    message = refused(conversation, 20)
    called(conversation, 10, "accepted")
    assert cause_of(house, browser, message).is_over
    page = browser.get(inbox(house, f"{conversation.pk}/thread/")).content.decode()
    assert f"It failed after {BAYU}" in page
    assert "the number has sent since" in page


@pytest.mark.parametrize(
    "problem",
    [
        {"outcome": "refused", "code": 131026},  # this person
        {"outcome": "refused", "code": 131047},  # this person's window
        {"outcome": "unconfirmed", "code": None},
        {"outcome": "guard", "reasons": [{"code": "opted_out"}]},
        {},
    ],
)
def test_what_no_setting_can_have_brought_about_names_none(house, bayu, conversation, browser, problem):
    changed(house, 40, actor=bayu)
    message = refused(conversation, 20, problem or {"x": 1})
    assert cause_of(house, browser, message) is None


@pytest.mark.parametrize(
    ("code", "action", "done"),
    [
        ("sandbox", Action.SANDBOX_SWITCHED, "sandbox mode was switched on by the command line"),
        ("paused", Action.CONNECTION_PAUSED, "Kopi Kita was paused by the command line"),
        ("window_closed", Action.SANDBOX_SWITCHED, None),
        ("paused", Action.SANDBOX_SWITCHED, None),
    ],
)
def test_what_the_guard_refused_names_the_change_that_made_it_refuse(house, conversation, browser, code, action, done):
    changed(house, 40, action, after={"is_on": True})
    reason = {"outcome": "guard", "sentence": "No.", "reasons": [{"code": code}]}
    message = called(conversation, 20, "not_sent", problem=reason)
    found = cause_of(house, browser, message)
    assert (found.done if found else None) == done


def test_a_message_that_was_accepted_and_then_reported_as_failed_names_none(house, bayu, conversation, browser):
    called(conversation, 40, "accepted")
    changed(house, 30, actor=bayu)
    message = called(conversation, 20, "accepted", problem=TOKEN)
    Message.objects.filter(pk=message.pk).update(word=Word.FAILED)
    assert cause_of(house, browser, message) is None


def test_a_change_of_another_number_or_another_workspace_is_not_named(house, bayu, conversation, browser):
    with patch("django.utils.timezone.now", return_value=cast.ago(minutes=40)):
        audit.record(house.workspace.pk, bayu, Action.TOKEN_REPLACED, "Other", about=house.connection.pk + 1)
        audit.record(cast.teh_tubruk().workspace.pk, None, Action.TOKEN_REPLACED, "T", about=house.connection.pk)
    assert cause_of(house, browser, refused(conversation, 20)) is None


def test_a_new_name_or_a_token_that_is_only_kept_is_no_cause(house, bayu, conversation, browser):
    changed(house, 40, actor=bayu)
    changed(house, 32, Action.CONNECTION_CHANGED, bayu, before={"name": "Kopi"}, after={"name": "Kopi Kita"})
    changed(house, 30, Action.CONNECTION_CHANGED, bayu, after={"has_new_token": True})
    assert cause_of(house, browser, refused(conversation, 20)).done == BAYU


def test_what_another_number_sent_clears_nothing(house, bayu, conversation, browser):
    changed(house, 40, actor=bayu)
    other = hear(cast.teh_tubruk(), at=cast.ago(hours=2))
    called(other, 30, "accepted")
    assert cause_of(house, browser, refused(conversation, 20)).done == BAYU


def test_each_of_many_failures_names_its_own_change_in_three_queries(house, bayu, conversation, browser):
    address = inbox(house, f"{conversation.pk}/thread/")
    called(conversation, 60, "accepted")
    none = queries_of(browser, address)
    changed(house, 50, actor=bayu)
    early = refused(conversation, 45)
    called(conversation, 40, "accepted")
    changed(house, 30, Action.APP_SECRET_REPLACED)
    late = [refused(conversation, minutes) for minutes in (20, 15, 10)]
    found = causes.causes_of(conversation.connection, Message.objects.all())
    secret = "the secret of the Meta app Kopi Kita was replaced by the command line"
    assert {pk: one.done for pk, one in found.items()} == {early.pk: BAYU} | {one.pk: secret for one in late}
    assert queries_of(browser, address) <= none + 3


@pytest.mark.parametrize("action", sorted(frozenset[Action]().union(*CAUSES.values())))
def test_whatever_may_be_a_cause_can_be_said(action):
    assert "{" not in DONE[action].format(target="Kopi", state="on")


FILL = """
INSERT INTO inbox_sendattempt (message_id, connection_id, number, started_at, outcome, wamid, title, details,
    fbtrace_id, raw, phone_number_id, recipient_kind, recipient, token_fingerprint, graph_version, worker)
SELECT %(message)s, %(connection)s, 1 + n, now() - interval '1 hour' - n * interval '1 second',
    CASE WHEN n %% 2 = 0 THEN 'refused' ELSE 'accepted' END, CASE WHEN n %% 2 = 1 THEN 'wamid.filled.' || n END, '', '',
    '', '', '1', 'phone', '1', '', 'v1', ''
FROM generate_series(1, 20000) n
"""


def test_among_many_calls_the_few_that_count_are_found_by_their_indexes(house, bayu, conversation, browser):
    message = refused(conversation, 20)
    values = {"message": called(conversation, 100, "accepted").pk, "connection": conversation.connection_id}
    with connection.cursor() as cursor:
        cursor.execute(FILL, values)
        cursor.execute("ANALYZE inbox_sendattempt")
        cursor.execute(f"EXPLAIN (ANALYZE) {causes.AROUND}", [causes.FAR, causes.PERSONAL, [message.pk]])
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert plan.count("attempts_accepted") == 2, plan
    assert "attempts_refused" in plan
    assert "Seq Scan on inbox_sendattempt" not in plan


def test_a_token_that_does_not_decrypt_does_not_take_the_evidence_down(house, bayu, conversation, browser):
    message = refused(conversation, 20)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE connections_connection SET access_token = 'broken'")
    with pytest.raises(Exception, match="decrypt"):
        _ = Connection.objects.get(pk=house.connection.pk).access_token
    assert browser.get(inbox(house, f"messages/{message.pk}/evidence/")).status_code == 200
