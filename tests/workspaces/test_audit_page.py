"""The audit trail's page and its CSV: everything that was done, found again, by those who may."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, date, datetime
from unittest.mock import patch
from urllib.parse import parse_qsl

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from tests import cast
from tests.inbox.screens import queries_of, signed_in
from workspaces import audit, audit_search
from workspaces.audit import Action
from workspaces.audit_export import harmless
from workspaces.audit_words import DEEDS
from workspaces.models import AuditEntry, Role

pytestmark = pytest.mark.django_db
PAGE = "/w/kopi-kita/settings/audit/"
BOTH = [PAGE, f"{PAGE}csv/"]


@pytest.fixture
def browser(bob):
    return signed_in(bob)


def happened(house, actor=None, action=Action.MEMBER_ADDED, target="dana@example.com", at=None, **values):
    with patch("django.utils.timezone.now", return_value=at or timezone.now()):  # it is never rewritten
        return audit.record(house.workspace.pk, actor, action, target, **values)


def sentences(response) -> list[str]:
    assert response.status_code == 200
    return [sentence for _, sentence, _ in response.context["entries"]]


def rows(response) -> list[dict[str, str]]:
    assert response.status_code == 200
    return list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode())))


@pytest.mark.parametrize("address", BOTH)
@pytest.mark.parametrize("role", Role)
def test_owners_admins_and_ops_may_read_it_and_agents_may_not(house, role, address):
    response = signed_in(cast.person(house.workspace, "Dana", role)).get(address)
    assert response.status_code == (403 if role == Role.AGENT else 200)


@pytest.mark.parametrize("address", BOTH)
def test_outsiders_and_strangers_and_other_methods_are_refused(house, browser, address):
    assert signed_in(cast.charlie()).get(address).status_code == 404
    assert Client().get(address).status_code == 302
    assert browser.post(address).status_code == 405


def test_only_those_who_may_see_it_are_shown_the_tab(house, browser):
    members = "/w/kopi-kita/settings/members/"
    assert PAGE in browser.get(members).content.decode()
    assert PAGE not in signed_in(cast.alice(house)).get(members).content.decode()


def test_it_says_who_did_what_from_what_to_what_the_newest_first(house, bob, browser):
    happened(house, bob, Action.ROLE_CHANGED, "alice@example.com", before={"role": "agent"}, after={"role": "ops"})
    happened(house, None, Action.SANDBOX_SWITCHED, "Kopi Kita", before={"is_on": True}, after={"is_on": False})
    response = browser.get(PAGE)
    assert sentences(response) == [
        "The command line switched sandbox mode off",
        "Bob changed the role of alice@example.com",
        "The command line created the workspace Kopi Kita",
    ]
    (change,) = response.context["entries"][1][2]
    assert (change.name, change.before, change.after) == ("role", "agent", "ops")
    said = response.content.decode()
    assert '<del dir="auto">agent</del>' in said
    assert " UTC)" in said


def test_what_stayed_as_it_was_is_no_change(house, browser):
    happened(house, before={"name": "Orders", "color": None}, after={"name": "Orders", "color": ["a", True], "n": 0})
    changes = browser.get(PAGE).context["entries"][0][2]
    assert [(one.name, one.before, one.after) for one in changes] == [("color", "nothing", "a, yes"), ("n", "", "0")]


@pytest.mark.parametrize("action", Action)
def test_every_action_has_its_words(action):
    assert "{" not in DEEDS[action].format(target="x", state="on", how_many="")


def test_an_action_without_words_is_told_by_its_own(house, browser):
    AuditEntry.objects.create(workspace=house.workspace, action="moon painted", target="blue")
    assert sentences(browser.get(PAGE))[0] == "The command line moon painted: blue"


def test_of_a_person_whose_account_is_gone_it_is_not_said_that_a_command_did_it(house, browser):
    dana = cast.person(house.workspace, "Dana", Role.ADMIN)
    happened(house, dana, target="x@example.com")
    dana.delete()
    assert sentences(browser.get(PAGE))[0] == "Somebody whose account is gone added x@example.com"
    assert len(sentences(browser.get(PAGE, {"person": "command"}))) == 1


def test_of_what_somebody_of_another_workspace_did_the_workspace_is_said(house, browser):
    happened(house, None, Action.APP_SHARED, "Shop", after={"app_id": "1"}, by_workspace="teh-tubruk")
    assert sentences(browser.get(PAGE))[0] == "Somebody of teh-tubruk shared the Meta app Shop"
    assert len(sentences(browser.get(PAGE, {"person": "command"}))) == 1


@pytest.mark.parametrize(
    ("before", "after", "deed"),
    [
        ({"name": "Old"}, {"name": "Kopi"}, "renamed the connection Kopi"),
        ({}, {"has_new_token": True}, "entered a new token for Kopi, to be proven"),
        ({}, {"has_new_token": False}, "took away the new token of Kopi"),
        ({}, {"removed": True}, "removed the connection Kopi"),
        ({"name": "Old", "waba_id": "1"}, {"name": "Kopi", "waba_id": "2"}, "edited the connection Kopi"),
        ({}, {}, "edited the connection Kopi"),
    ],
)
def test_an_edit_of_one_thing_says_which(house, bob, browser, before, after, deed):
    happened(house, bob, Action.CONNECTION_CHANGED, "Kopi", before=before, after=after, about=1)
    assert sentences(browser.get(PAGE))[0] == f"Bob {deed}"


def test_what_was_typed_into_a_name_stays_text(house, browser):
    happened(house, target="<script>alert(1)</script>", after={"<b>": "<i>"})
    said = browser.get(PAGE).content.decode()
    assert "<script>alert" not in said
    assert "<b>" not in said
    assert "<i>" not in said


def test_a_stranger_to_the_workspace_stands_in_neither_the_list_nor_the_filter(house, browser):
    other = cast.teh_tubruk()
    charlie = cast.person(other.workspace, "Charlie", Role.OWNER)
    happened(other, charlie, target="theirs@example.com")
    said = browser.get(PAGE).content.decode()
    assert "theirs@example.com" not in said
    assert "Charlie" not in said
    assert browser.get(PAGE, {"person": charlie.pk}).status_code == 422


def test_it_is_found_by_person_action_and_target(house, bob, browser):
    dana = cast.person(house.workspace, "Dana", Role.OPS)
    happened(house, bob, Action.MEMBER_ADDED, "dana@example.com")
    happened(house, dana, Action.MEMBER_LEFT, "dana@example.com")
    house.workspace.memberships.filter(user=dana).delete()
    assert sentences(browser.get(PAGE, {"person": dana.pk})) == ["Dana left the workspace"]
    assert sentences(browser.get(PAGE, {"action": "member added"})) == ["Bob added dana@example.com"]
    assert len(sentences(browser.get(PAGE, {"target": "DANA@"}))) == 2
    assert len(sentences(browser.get(PAGE, {"target": "DANA@", "person": bob.pk}))) == 1


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"since": "2026-03-02"}, 2),
        ({"until": "2026-03-01"}, 1),
        ({"since": "2026-03-02", "until": "2026-03-02"}, 1),
        # 23:30 on the first in UTC is the second in Jakarta, and 00:30 on the third there is the second here.
        ({"until": "2026-03-01", "zone": "Asia/Jakarta"}, 0),
        ({"since": "2026-03-02", "until": "2026-03-02", "zone": "Asia/Jakarta"}, 1),
        ({"since": "2026-03-03", "zone": "Asia/Jakarta"}, 2),
        ({"since": "0001-01-01", "until": "9999-12-31"}, 3),
        ({"since": "0001-01-01", "zone": "Asia/Jakarta"}, 3),
        ({"until": "9999-12-31", "zone": "America/New_York"}, 3),
    ],
)
def test_days_are_the_readers(house, browser, asked, found):
    for at in (
        datetime(2026, 3, 1, 23, 30, tzinfo=UTC),
        datetime(2026, 3, 2, 17, 30, tzinfo=UTC),
        datetime(2026, 3, 3, 9, 0, tzinfo=UTC),
    ):
        happened(house, target="then@example.com", at=at)
    assert len(sentences(browser.get(PAGE, {"target": "then@", **asked}))) == found


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("person", "0"),
        ("person", "x"),
        ("person", "9" * 30),
        ("action", "moon painted"),
        ("since", "yesterday"),
        ("until", "2026-02-30"),
        ("target", "x" * 201),
        ("target", "\x00"),
    ],
)
@pytest.mark.parametrize("address", BOTH)
def test_a_filter_that_makes_no_sense_is_answered_at_its_field_and_keeps_what_was_typed(browser, field, value, address):
    response = browser.get(address, {field: value, "target": "kept"} if field != "target" else {field: value})
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    said = response.content.decode()
    assert "Nothing was looked for" in said
    assert field == "target" or 'value="kept"' in said


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../../etc/passwd", "Asia", "x" * 300])
def test_days_of_a_zone_that_we_do_not_know_are_those_of_utc(house, browser, zone):
    happened(house, target="then@example.com", at=datetime(2026, 3, 1, 23, 30, tzinfo=UTC))
    response = browser.get(PAGE, {"target": "then@", "until": "2026-03-01", "zone": zone})
    assert len(sentences(response)) == 1
    assert "<span data-zone>UTC</span>" in response.content.decode()


def test_a_period_that_ends_before_it_begins_is_said_so(browser):
    response = browser.get(PAGE, {"since": "2026-03-02", "until": "2026-03-01"})
    assert response.status_code == 422
    assert "until" in response.context["form"].errors


@pytest.mark.parametrize("before", ["x", "~", "2026-01-01T00:00:00Z~x", "9" * 40])
def test_a_page_that_is_none_is_the_newest(browser, before):
    assert len(sentences(browser.get(PAGE, {"before": before}))) == 1


def test_pages_hold_every_entry_once_those_of_one_moment_too(house, browser, monkeypatch):
    monkeypatch.setattr(audit_search, "PAGE", 3)
    then = datetime(2026, 3, 1, tzinfo=UTC)
    for n in range(10):
        happened(house, target=f"{n}@example.com", at=then)
    found: list[str] = []
    query: dict[str, str] = {"action": "member added"}
    while query:
        response = browser.get(PAGE, query)
        found += [entry.target for entry, *_ in response.context["entries"]]
        query = dict(parse_qsl(response.context["next"]))
    assert found == [f"{n}@example.com" for n in range(9, -1, -1)]


def test_a_page_costs_the_same_however_many_people_it_names(house, bob, browser):
    happened(house, bob)
    few = queries_of(browser, PAGE)
    for n in range(5):
        happened(house, cast.person(house.workspace, f"P{n}", Role.OPS))
    assert queries_of(browser, PAGE) == few


def test_nothing_found_says_so_and_offers_a_way_back(browser):
    said = browser.get(PAGE, {"target": "nothing is called this"}).content.decode()
    assert "Nothing like that happened" in said
    assert f'href="{PAGE}"' in said


def test_the_csv_has_all_rows_of_the_same_filter_with_times_in_utc(house, bob, browser, monkeypatch):
    monkeypatch.setattr(audit_search, "PAGE", 2)
    at = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
    for n in range(5):
        happened(house, bob, target=f"{n}@example.com", at=at, before={"role": "é"}, after={"role": "ops"})
    found = rows(browser.get(f"{PAGE}csv/", {"action": "member added", "before": "x"}))
    assert [row["target"] for row in found] == [f"{n}@example.com" for n in range(4, -1, -1)]
    assert found[0] == {
        "time (UTC)": "2026-03-01T23:30:00+00:00",
        "who": "Bob",
        "e-mail": "bob@example.com",
        "action": "member added",
        "target": "4@example.com",
        "before": '{"role": "é"}',
        "after": '{"role": "ops"}',
        "in words": "Bob added 4@example.com",
    }


def test_the_csv_is_a_download_that_nobody_keeps(browser):
    response = browser.get(f"{PAGE}csv/")
    assert response.streaming
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"].startswith('attachment; filename="audit-kopi-kita-')
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1"])
def test_no_cell_is_a_formula(house, browser, cell):
    happened(house, target=cell)
    assert rows(browser.get(f"{PAGE}csv/"))[0]["target"] == f"'{cell}"
    assert harmless("plain = text") == "plain = text"


FILL = """
INSERT INTO workspaces_auditentry (workspace_id, actor_id, action, target, before, after, created_at)
SELECT %s, (%s::bigint[])[1 + n %% 3], 'whitelist', 'Kopi', '{}', '{}', now() - n * interval '1 minute'
FROM generate_series(1, 20000) n
"""


def test_in_a_long_trail_a_page_is_found_by_an_index_and_read_no_further(house, bob):
    people = [bob.pk, *(cast.person(house.workspace, f"P{n}", Role.OPS).pk for n in range(2))]
    with connection.cursor() as cursor:
        cursor.execute(FILL, [house.workspace.pk, people])
        cursor.execute("ANALYZE workspaces_auditentry")
    blank = {"person": "", "action": "", "target": "", "since": None, "until": None, "zone": "UTC"}
    for asked in ({}, {"person": str(bob.pk)}, {"action": "whitelist"}, {"since": date(2020, 1, 1)}):
        plan = audit_search.entries(house.workspace, blank | asked)[:51].explain(analyze=True)
        read = [int(float(rows)) for rows in re.findall(r"audit_by_\w+ .*actual time=\S+ rows=(\S+) loops", plan)]
        assert read, plan
        assert max(read) < 60, plan
