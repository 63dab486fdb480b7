"""The list: what each row says, in which view, in how many queries."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from connections import sandbox
from inbox import guard
from inbox.models import Act, Conversation, Seen, Word
from inbox.rows import NEWEST, PREVIEW_LENGTH
from optouts.models import ConsentEvent
from tests import cast
from tests.inbox.screens import hear, inbox, ours, queries_of, signed_in, version

pytestmark = pytest.mark.django_db


def rows(house, browser, query=""):
    response = browser.get(inbox(house, f"list/?{query}"))
    assert response.status_code == 200
    return response.context["rows"]


def names(house, browser, query=""):
    return [row.name for row in rows(house, browser, query)]


def crowd(house, count, **said):
    for n in range(count):
        who = {"phone": f"62812{n:06}", "bsuid": f"ID.{n}", "name": f"Customer {n}"}
        cast.arrives(house, cast.says(house, f"Hello {n}", at=cast.ago(minutes=count - n), **who, **said))
    return hear(house, phone="628129999999", bsuid="ID.last", name="Last")


def test_a_row_shows_who_what_when_and_how_many_are_unread(house, browser):
    conversation = hear(house, "Is the kopi fresh?", "Hello?", name="Dewi")
    row = rows(house, browser)[0]
    assert (row.name, row.preview, row.unread, row.mark) == ("Dewi", "Hello?", 2, None)
    assert row.at == conversation.last_at
    assert row.url == inbox(house, f"{conversation.pk}/?view=open")


def test_somebody_without_a_name_is_called_by_username_or_number(house, browser):
    hear(house, phone="628110000001", bsuid="ID.1", name="")
    hear(house, phone="", bsuid="ID.2", name="")
    assert names(house, browser) == ["ID.2", "+62 811-0000-001"]


def test_the_mark_is_that_of_our_last_message_also_when_the_customer_wrote_after_it(house, browser):
    conversation = hear(house)
    ours(conversation, "Here you are", Word.READ, read_at=timezone.now())
    row = rows(house, browser)[0]
    assert (row.preview, row.mark.word, row.mark.meaning) == ("Here you are", "read", "ok")
    hear(house, "Thanks", at=cast.ago(seconds=-5))
    row = rows(house, browser)[0]
    assert (row.preview, row.mark.word, row.mark_is_past) == ("Thanks", "read", True)
    ours(conversation, "You are welcome", Word.FAILED, placed_at=cast.ago(seconds=-6))
    hear(house, "Anybody there?", at=cast.ago(seconds=-7))
    page = browser.get(inbox(house, "list/"))
    row = page.context["rows"][0]
    assert (row.preview, row.mark.word, row.unread) == ("Anybody there?", "failed", 3)
    assert "Our last message: Failed" in page.content.decode()


def test_a_row_in_which_we_said_nothing_has_no_mark(house, browser):
    hear(house)
    assert rows(house, browser)[0].mark is None


def test_our_last_message_is_found_in_an_index_however_much_a_customer_wrote(house, alice):
    talk = hear(house)
    ours(talk)
    for n in range(3):
        cast.arrives(house, cast.says(house, str(n), at=cast.ago(seconds=-n)))
    hear(house, "more", at=cast.ago(seconds=-9))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
        cursor.execute(f"EXPLAIN {NEWEST}", [PREVIEW_LENGTH, [talk.pk], alice.pk, 100])
        plan = " ".join(line for (line,) in cursor.fetchall())
    assert "messages_of_ours_in_order" in plan


def test_the_newest_conversation_is_first_whatever_arrived_last(house, browser):
    hear(house, phone="6281", bsuid="ID.1", name="New", at=cast.ago(minutes=1))
    hear(house, phone="6282", bsuid="ID.2", name="Old", at=cast.ago(hours=3))
    assert names(house, browser) == ["New", "Old"]


def test_the_views_hold_what_they_say(house, alice, browser):
    bob = cast.bob(house)
    for n, (owner, closed) in enumerate([(alice, None), (bob, None), (None, None), (alice, timezone.now())]):
        conversation = hear(house, phone=f"628{n}", bsuid=f"ID.{n}", name=f"C{n}", at=cast.ago(minutes=n + 1))
        type(conversation).objects.filter(pk=conversation.pk).update(owner=owner, closed_at=closed)
    expected = {
        "mine": ["C0"],
        "unassigned": ["C2"],
        "open": ["C0", "C1", "C2"],
        "closed": ["C3"],
        "all": ["C0", "C1", "C2", "C3"],
        "nonsense": ["C0", "C1", "C2"],
    }
    assert {view: names(house, browser, f"view={view}") for view in expected} == expected


def test_a_row_says_who_owns_it(house, alice, browser):
    conversation = hear(house)
    type(conversation).objects.filter(pk=conversation.pk).update(owner=alice)
    owner = rows(house, browser)[0].owner
    assert (owner.name, owner.initials, owner.is_me) == ("Alice", "A", True)


def test_a_page_has_fifty_rows_and_the_next_begins_where_it_ends(house, browser):
    crowd(house, 60)
    first = browser.get(inbox(house, "list/")).context
    second = browser.get(inbox(house, "list/"), {"before": first["older"]}).context
    assert (len(first["rows"]), first["has_more"]) == (50, True)
    assert (len(second["rows"]), second["has_more"], second["older"]) == (11, False, "")
    assert [row.id for row in first["rows"] + second["rows"]] == sorted(
        (row.id for row in first["rows"] + second["rows"]),
        key=lambda pk: house.workspace.conversations.get(pk=pk).last_at,
        reverse=True,
    )


@pytest.mark.parametrize(
    "before", ["x", "2026-01-01~1", "2026-01-01T00:00:00Z~x", "~", "2026-01-01T00:00:00Z~" + "9" * 30]
)
def test_a_broken_page_key_shows_the_first_page(house, browser, before):
    hear(house)
    assert len(browser.get(inbox(house, "list/"), {"before": before}).context["rows"]) == 1


def test_more_rows_take_no_more_queries(house, browser):
    crowd(house, 3)
    few = queries_of(browser, inbox(house, "list/"))
    crowd(house, 50)
    assert len(rows(house, browser)) == 50
    assert queries_of(browser, inbox(house, "list/")) == few


def test_rows_of_what_is_under_way_or_unconfirmed_take_no_more_queries(house, browser):
    newest = crowd(house, 5)
    few = queries_of(browser, inbox(house, "list/"))
    words = [Word.SENDING, Word.SENDING, Word.UNCONFIRMED, Word.UNCONFIRMED, Word.NOT_SENT, Word.CANCELLED]
    for talk, word in zip(Conversation.objects.order_by("pk"), words, strict=True):
        ours(talk, word=word, claimed_at=timezone.now())
    assert newest.pk in {row.id for row in rows(house, browser) if row.mark}
    assert queries_of(browser, inbox(house, "list/")) == few


def test_an_unchanged_list_answers_204_with_at_most_two_queries_more_than_a_member_needs(house, browser):
    hear(house)
    unchanged = inbox(house, f"list/?view=open&q=&seen={version(house)}")
    response = browser.get(unchanged)
    assert (response.status_code, response.content) == (204, b"")
    assert response["X-Gigaviz-Version"] == str(version(house))
    assert "Date" in response.headers
    # Two to know who is signed in, then the membership with its clock, and what still waits.
    assert queries_of(browser, unchanged) == 4


def test_a_change_anywhere_in_the_workspace_is_in_the_next_answer(house, browser):
    hear(house, "One")
    seen = version(house)
    hear(house, "Two")
    response = browser.get(inbox(house, f"list/?seen={seen}"))
    assert response.status_code == 200
    assert response.context["rows"][0].preview == "Two"
    assert response.context["seen"] == version(house)


def test_a_version_from_the_future_or_from_nowhere_counts_as_nothing_seen(house, browser):
    hear(house)
    for seen in [version(house) + 1, "", "x", "-1", "9" * 40, "٣"]:
        assert browser.get(inbox(house, "list/"), {"seen": seen}).status_code == 200


def test_seen_counts_only_for_the_member_who_saw(house, alice, browser):
    conversation = hear(house, "One", "Two")
    Seen.objects.create(conversation=conversation, user=alice, version=version(house))
    assert rows(house, browser)[0].unread == 0
    assert rows(house, signed_in(cast.bob(house)))[0].unread == 2
    hear(house, "Three")
    assert rows(house, browser)[0].unread == 1


def test_history_is_never_unread(house, browser):
    conversation = hear(house)
    conversation.messages.update(source="history")
    assert rows(house, browser)[0].unread == 0


def test_opted_out_sandbox_and_window_show_on_the_row(house, browser):
    conversation = hear(house, "STOP", at=cast.ago(hours=30))
    row = rows(house, browser)[0]
    assert (row.opted_out, row.sandboxed, row.environment) == (True, False, "simulator")
    assert conversation.last_inbound_at is not None
    assert row.window_closes_at == conversation.last_inbound_at + timedelta(hours=24, minutes=-1)
    assert ConsentEvent.objects.count() == 1


def test_in_sandbox_mode_those_not_on_the_whitelist_are_marked(house, browser):
    house.workspace.sandbox.is_on = True
    house.workspace.sandbox.save(update_fields=["is_on"])
    hear(house, phone="6281", bsuid="ID.1", name="In")
    hear(house, phone="6282", bsuid="ID.2", name="Out")
    hear(house, phone="6283", bsuid="ID.3", name="By parent", from_parent_user_id="ID.ENT.3")
    people = {Conversation.objects.get(contact__name=name): name for name in ("In", "Out", "By parent")}
    sandbox.change_whitelist(house.workspace, add=[("bsuid", "ID.1"), ("bsuid", "ID.ENT.3")])
    marked = {"In": False, "Out": True, "By parent": False}
    assert {row.name: row.sandboxed for row in rows(house, browser)} == marked
    now = timezone.now()
    for conversation, name in people.items():
        found = guard.verdict(conversation, now=now, membership=None, behind_since=None)
        assert ("sandbox" in {reason.code for reason in found.reasons}) == marked[name], "the guard says the same"


@pytest.mark.parametrize(
    ("fields", "preview"),
    [
        ({"type": "location", "location": {"latitude": -6.2, "longitude": 106.8}}, "Location: -6.20000, 106.80000"),
        ({"type": "image", "image": {"id": "1", "mime_type": "image/jpeg"}}, "Photo"),
        ({"type": "image", "image": {"id": "1", "caption": "Look"}}, "Look"),
        ({"type": "audio", "audio": {"id": "1", "voice": True}}, "Voice message"),
        ({"type": "document", "document": {"id": "1", "filename": "menu.pdf"}}, "menu.pdf"),
        ({"type": "hologram", "hologram": {"x": 1}}, "A message of a kind we do not know: “hologram”."),
    ],
)
def test_a_row_names_what_has_no_words(house, browser, fields, preview):
    hear(house, "", **fields)
    assert rows(house, browser)[0].preview.startswith(preview)


def test_a_token_that_does_not_decrypt_takes_no_screen_down(house, browser):
    conversation = hear(house)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE connections_connection SET access_token = 'not a ciphertext'")
    for path in [
        "",
        "list/",
        *(f"{conversation.pk}/{part}" for part in ("", "thread/", "header/", "panel/", "verdict/")),
    ]:
        assert browser.get(inbox(house, path)).status_code == 200, path


def test_closing_moves_a_row_out_of_open(house, browser):
    conversation = hear(house)
    browser.post(inbox(house, f"{conversation.pk}/closure/"), {"act": "close", "shown_owner": ""})
    assert names(house, browser) == []
    assert names(house, browser, "view=closed") == ["Dewi"]
    assert Act.objects.get().kind == "closed"


def test_what_meta_sent_and_we_have_not_applied_is_said_in_a_header(house, browser):
    hear(house)
    assert "X-Gigaviz-Behind" not in browser.get(inbox(house, "list/")).headers
    since = cast.ago(minutes=2)
    cast.arrives(house, cast.says(house, "Waiting"), at=since)
    cast.arrives(house, cast.says(house, "Waiting too"))
    for path in ["", "list/", f"list/?seen={version(house)}"]:
        count, _, at = browser.get(inbox(house, path))["X-Gigaviz-Behind"].partition(";")
        assert (count, at) == ("2", since.isoformat())


def test_a_long_backlog_is_counted_no_further_than_a_thousand_and_says_so(house, browser):
    for number in range(1002):
        cast.arrives(house, cast.says(house, f"Waiting {number}"), at=cast.ago(minutes=2))
    assert browser.get(inbox(house, "list/"))["X-Gigaviz-Behind"].startswith("1000+;")


def test_an_inbox_page_is_never_stored(house, browser):
    assert "no-store" in browser.get(inbox(house))["Cache-Control"]


def test_a_long_list_travels_packed_and_an_unchanged_one_as_nothing(house, browser):
    crowd(house, 50)
    packing = {"Accept-Encoding": "gzip"}
    plain = browser.get(inbox(house, "list/"))
    packed = browser.get(inbox(house, "list/"), headers=packing)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(packed.content) < len(plain.content) / 4
    unchanged = browser.get(inbox(house, f"list/?seen={version(house)}"), headers=packing)
    assert (unchanged.status_code, unchanged.content) == (204, b"")
