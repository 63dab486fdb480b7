"""Templates are made, changed and deleted at Meta, over HTTP: once, by the rules, with Meta's word where it fits."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.test import Client
from django.utils import timezone

from connections.graph import calls
from connections.message_templates import sync
from connections.models import Connection, MessageTemplate, TemplateAct
from tests import cast
from tests.gigaviz.test_pages import check
from tests.inbox.meta import Meta
from tests.inbox.screens import signed_in
from workspaces.models import AuditEntry, Role, WorkspaceClock

from .rows import body, known

pytestmark = pytest.mark.django_db

WABA = "200000000000002"
PAGE = "/w/kopi-kita/templates/"
NEW = f"{PAGE}new/{WABA}/"


@pytest.fixture
def bob(meta: Meta) -> Client:
    return signed_in(cast.bob(meta.house))


def form(**fields: Any) -> dict[str, Any]:
    usual = {"name": "order_update", "language": "id", "category": "UTILITY", "body": "Hi {{1}}, it is on its way."}
    return {"form_token": str(uuid.uuid4()), **usual, "samples": "Dewi", **fields}


def posts(meta: Meta, method: str = "POST") -> list[dict[str, Any]]:
    asked = [one for one in meta.sim.calls() if one["method"] == method]
    return [one for one in asked if not one["path"].endswith(("/messages", "/subscriptions"))]


def there(meta: Meta, name: str = "order_update", **facts: Any) -> MessageTemplate:
    """A template at Meta and, synced, here."""
    meta.sim.template(name, "Hello there, all well?", language="id", **facts)
    sync.sync(meta.house.workspace.pk, WABA)
    return MessageTemplate.objects.get(name=name)


def at(row: MessageTemplate, part: str = "") -> str:
    return f"{PAGE}{row.pk}/{part}"


def said(response: Any) -> str:
    assert response.status_code == 422
    return str(response.content.decode())


def error_of(page: str, field: str) -> str:
    """What is said under a field."""
    found = re.search(rf'id="id_{field}_error">(.*?)</div>', page, re.S)
    return re.sub(r"<[^>]*>|\s+", " ", found[1]) if found else ""


# --- Making ---------------------------------------------------------------------------------------------------------


def test_a_template_is_made_shown_and_written_down_and_metas_review_arrives(meta, bob):
    response = bob.post(
        NEW, form(header="Order", footer="Kopi Kita", button_2_kind="QUICK_REPLY", button_2_text="Stop")
    )
    row = MessageTemplate.objects.get()
    assert response.headers["Location"] == at(row)
    assert (row.name, row.language, row.category, row.status) == ("order_update", "id", "UTILITY", "PENDING")
    assert [one["type"] for one in row.components] == ["HEADER", "BODY", "FOOTER", "BUTTONS"]
    assert row.components[1]["example"] == {"body_text": [["Dewi"]]}
    (entry,) = AuditEntry.objects.filter(action="template created")
    assert (entry.target, entry.after) == ("order_update", {"category": "UTILITY", "language": "id"})
    meta.hook.wait(lambda: meta.hook.changes("message_template_status_update"))
    meta.brings()
    row.refresh_from_db()
    assert row.status == "APPROVED"
    assert "It can be sent." in bob.get(at(row)).content.decode()
    run = sync.sync(meta.house.workspace.pk, WABA)
    assert run is not None
    assert run.count == 1
    assert MessageTemplate.objects.get().components == row.components


def test_the_form_begins_empty_and_is_strict(meta, bob):
    response = bob.get(NEW)
    assert response.status_code == 200
    check(response)
    assert "Send to Meta for review" in response.content.decode()


def test_bad_input_is_said_field_by_field_and_what_was_typed_is_kept_and_meta_is_not_asked(meta, bob):
    typed = form(name="Order Update", header="Thanks 🙏", body="{{1}} is here", samples="", footer="f" * 61)
    typed |= {"button_4_kind": "URL", "button_4_text": "Open", "button_4_value": "example.com", "category": "OTHER"}
    page = said(bob.post(NEW, typed))
    assert "small letters" in error_of(page, "name")
    assert "no emoji" in error_of(page, "header")
    assert "neither begins nor ends" in error_of(page, "body")
    assert "{{1}} has no sample" in error_of(page, "samples")
    assert "60 characters" in error_of(page, "footer")
    assert "whole web address" in error_of(page, "button_4_value")
    assert error_of(page, "category")
    assert error_of(page, "language") == ""
    for words in ("Order Update", "Thanks 🙏", "{{1}} is here", "example.com", typed["form_token"]):
        assert words in page
    assert posts(meta) == []
    assert TemplateAct.objects.count() == 0


@pytest.mark.parametrize("token", ["", "no-token", "\0"])
def test_a_form_with_a_broken_token_says_so_and_asks_nothing(meta, bob, token):
    assert "This form is broken or too old" in said(bob.post(NEW, form(form_token=token)))
    assert posts(meta) == []


def test_signs_that_cannot_be_stored_are_refused_in_their_field(meta, bob):
    page = said(bob.post(NEW, form(body="Hello \0 there", samples="", name="a\0b")))
    assert "Null characters" in error_of(page, "body")
    assert posts(meta) == []


def test_a_form_posted_twice_makes_one_template(meta, bob):
    typed = form()
    first, second = bob.post(NEW, typed), bob.post(NEW, typed)
    assert first.headers["Location"] == second.headers["Location"]
    assert len(posts(meta)) == 1
    assert AuditEntry.objects.filter(action="template created").count() == 1


def test_a_form_whose_first_posting_is_on_its_way_says_so_and_asks_nothing(meta, bob):
    typed = form()
    TemplateAct.objects.create(
        workspace=meta.house.workspace, waba_id=WABA, form_token=typed["form_token"], kind="create",
        name="order_update", started_at=timezone.now(),
    )  # fmt: skip
    assert "sent already, and Meta has not answered yet" in said(bob.post(NEW, typed))
    assert posts(meta) == []


@pytest.mark.parametrize(
    ("code", "subcode", "field", "words"),
    [
        (2388047, None, "header", "header is not valid"),
        (100, 2388072, "body", "body is not valid"),
        (100, 2388073, "footer", "footer is not valid"),
        (2388299, None, "body", "begins or ends with a variable"),
        (100, 2388293, "body", "too many variables"),
        (100, 2388024, "name", "in this language already"),
        (100, 2388023, "name", "still deleting"),
    ],
)
def test_metas_refusal_is_said_in_the_field_it_is_about(meta, bob, monkeypatch, code, subcode, field, words):
    error = {"code": code, "error_subcode": subcode, "message": "(#100) Invalid parameter"}
    answers(monkeypatch, httpx.Response(400, json={"error": error}))
    typed = form()
    page = said(bob.post(NEW, typed))
    assert words in error_of(page, field)
    assert "it is on its way." in page
    assert typed["form_token"] not in page  # what is sent next is another act
    assert TemplateAct.objects.get().outcome == "refused"
    assert MessageTemplate.objects.count() == 0


def test_a_refusal_that_names_no_field_is_said_in_metas_words_above_the_form(meta, bob, monkeypatch):
    error = {"code": 100, "error_user_title": "Odd", "error_user_msg": "Something about it is odd.", "message": "x"}
    answers(monkeypatch, httpx.Response(400, json={"error": error}))
    assert "Meta says: Odd: Something about it is odd." in said(bob.post(NEW, form()))


def answers(monkeypatch, answer: httpx.Response | Exception) -> None:
    """Meta's answer to all that is asked, faked at the wire."""

    def handle(_request: httpx.Request) -> httpx.Response:
        if isinstance(answer, Exception):
            raise answer
        return answer

    client = httpx.Client(transport=httpx.MockTransport(handle))
    monkeypatch.setattr(calls, "shared_client", lambda: client)


@pytest.mark.parametrize("fault", ["lost_answer", "html", "unreadable"])
def test_when_metas_answer_is_lost_the_form_says_what_is_not_known_keeps_it_and_offers_a_sync(meta, bob, fault):
    meta.sim.fault(fault, on="graph", count=1)
    page = said(bob.post(NEW, form()))
    assert "Whether Meta has made it is not known" in page
    assert "To the list and its sync" in page
    assert "it is on its way." in page
    assert TemplateAct.objects.get().outcome == "unconfirmed"
    assert MessageTemplate.objects.count() == 0
    bob.post(f"{PAGE}sync/", {"waba_id": WABA})
    assert MessageTemplate.objects.filter(name="order_update").count() == (0 if fault == "html" else 1)


def test_when_meta_cannot_be_reached_nothing_was_made_and_the_form_says_so(meta, bob, settings):
    settings.GRAPH_BASE_URLS = settings.GRAPH_BASE_URLS | {"simulator": "http://127.0.0.1:1"}
    page = said(bob.post(NEW, form()))
    assert "Nothing was made." in page
    assert "could not be reached" in page
    assert TemplateAct.objects.get().outcome == "not sent"


def test_a_refused_token_says_what_to_do_and_is_not_shown(meta, bob):
    Connection.objects.update(access_token="EAAplanted")
    page = said(bob.post(NEW, form()))
    assert "access token" in page
    assert "EAAplanted" not in page


def test_a_name_that_is_taken_in_this_language_is_refused_before_meta_is_asked(meta, bob):
    there(meta)
    asked = len(posts(meta))
    assert "in id already" in error_of(said(bob.post(NEW, form())), "name")
    assert len(posts(meta)) == asked
    assert bob.post(NEW, form(language="en_US")).status_code == 302


def test_a_name_rests_for_thirty_days_after_an_approved_template_was_deleted(meta, bob):
    row = there(meta)
    bob.post(at(row, "deletion/"), {"form_token": str(uuid.uuid4()), "scope": "all", "confirmed": "on"})
    assert "Meta takes the name again from" in error_of(said(bob.post(NEW, form())), "name")
    MessageTemplate.objects.update(gone_at=timezone.now() - timedelta(days=31))
    # We would let it pass now; Meta, which remembers its own time, does not.
    MessageTemplate.objects.update(seen_at=timezone.now() - timedelta(days=32))
    assert "still deleting" in error_of(said(bob.post(NEW, form())), "name")


def test_a_preview_shows_what_is_typed_before_it_may_be_sent(meta, bob):
    page = bob.post(f"{PAGE}preview/", {"body": "Hi {{1}}", "header": "Thanks 🙏"}).content.decode()
    assert '<mark class="template-variable">{{1}}</mark>' in page
    assert "Thanks 🙏" in page
    assert bob.post(f"{PAGE}preview/", {}).status_code == 200


# --- Changing -------------------------------------------------------------------------------------------------------


def test_an_edit_begins_with_what_is_there_and_is_read_back_from_meta(meta, bob):
    row = there(meta, status="REJECTED")
    page = bob.get(at(row, "edit/")).content.decode()
    assert "Hello there, all well?" in page
    response = bob.post(at(row, "edit/"), form(body="Good day to you", samples="", category="MARKETING"))
    assert response.headers["Location"] == at(row)
    row.refresh_from_db()
    assert row.components == [{"type": "BODY", "text": "Good day to you"}]
    assert (row.category, row.name) == ("MARKETING", "order_update")
    assert row.status != "REJECTED"  # in review, or through it already
    (entry,) = AuditEntry.objects.filter(action="template changed")
    assert (entry.before, entry.after) == ({"category": "UTILITY"}, {"category": "MARKETING", "language": "id"})


def test_an_edit_that_cannot_be_read_back_says_so_and_is_synced_soon(meta, bob):
    row = there(meta, status="REJECTED")
    meta.sim.fault("html", on="graph", skip=1, count=1)
    response = bob.post(at(row, "edit/"), form(body="Good day to you", samples=""), follow=True)
    assert "could not be read back" in response.content.decode()
    wanted = meta.house.workspace.template_syncs.get().wanted_at
    assert wanted is not None
    assert sync.due(wanted + sync.WANTED_AT_MOST_EVERY) == [(meta.house.workspace.pk, WABA)]


def test_an_edit_posted_twice_is_one_edit_though_meta_takes_only_one_a_day(meta, bob):
    row, typed = there(meta), form()
    assert bob.post(at(row, "edit/"), typed).headers["Location"] == at(row)
    assert bob.post(at(row, "edit/"), typed).headers["Location"] == at(row)
    assert len(posts(meta)) == 1
    assert AuditEntry.objects.filter(action="template changed").count() == 1


@pytest.mark.parametrize("status", ["PENDING", "DISABLED", "IN_APPEAL", "PENDING_DELETION", "DREAMING"])
def test_only_approved_rejected_and_paused_templates_are_edited(meta, bob, status):
    row = known(meta.house, status=status, language="id")
    assert "Meta takes edits only of" in bob.get(at(row, "edit/")).content.decode()
    assert "Meta takes edits only of" in said(bob.post(at(row, "edit/"), form()))
    assert posts(meta) == []


def test_an_approved_template_is_edited_once_a_day_and_ten_times_in_thirty_days(meta, bob):
    row = known(meta.house)

    def edited(ago: timedelta) -> None:
        TemplateAct.objects.create(
            workspace=meta.house.workspace, waba_id=WABA, form_token=uuid.uuid4(), kind="edit", name=row.name,
            template_id=row.template_id, status_before="APPROVED", started_at=timezone.now() - ago, outcome="accepted",
        )  # fmt: skip

    def why_not() -> str:
        found = re.search(r"It cannot be edited: ([^<]*)", bob.get(at(row, "edit/")).content.decode())
        return found[1] if found else ""

    assert why_not() == ""
    edited(timedelta(hours=23))
    assert "one edit of an approved template in 24 hours" in why_not()
    TemplateAct.objects.update(started_at=timezone.now() - timedelta(hours=25))
    assert why_not() == ""
    for days in range(2, 11):
        edited(timedelta(days=days))
    assert "10 edits of an approved template in 30 days" in why_not()
    TemplateAct.objects.filter(started_at__lt=timezone.now() - timedelta(days=9)).update(
        started_at=timezone.now() - timedelta(days=31)
    )
    assert why_not() == ""


def test_the_category_of_an_approved_template_stays(meta, bob):
    row = known(meta.house, language="id")
    page = said(bob.post(at(row, "edit/"), form(category="MARKETING")))
    assert "cannot be changed" in error_of(page, "category")
    assert posts(meta) == []


def test_metas_own_limits_are_said_where_we_did_not_know_of_an_edit(meta, bob):
    row = there(meta)
    assert bob.post(at(row, "edit/"), form()).status_code == 302
    meta.sim.template(row.name, language="id", status="APPROVED")
    MessageTemplate.objects.update(status="APPROVED")
    TemplateAct.objects.update(outcome="refused")
    again = form(body="Good day, {{1}}, again")
    assert "once in 24 hours and 10 times in 30 days" in said(bob.post(at(row, "edit/"), again))


def test_what_cannot_be_made_here_is_not_edited_here(meta, bob):
    row = known(meta.house, components=[{"type": "HEADER", "format": "IMAGE"}, body()])
    assert "Its header is a file" in bob.get(at(row)).content.decode()
    assert "Its header is a file" in bob.get(at(row, "edit/")).content.decode()
    assert "Its header is a file" in said(bob.post(at(row, "edit/"), form()))
    assert posts(meta) == []


# --- Deleting -------------------------------------------------------------------------------------------------------


def deletes(browser: Client, row: MessageTemplate, scope: str = "one", **fields: str) -> Any:
    given = {"form_token": str(uuid.uuid4()), "scope": scope, "confirmed": "on", **fields}
    return browser.post(at(row, "deletion/"), given)


@pytest.mark.parametrize(("scope", "left"), [("one", {"en_US"}), ("all", set())])
def test_one_language_or_every_language_is_deleted(meta, bob, scope, left):
    meta.sim.template("order_update", "Hello there", language="en_US")
    meta.sim.template("order_update", "Halo semua", language="id")
    sync.sync(meta.house.workspace.pk, WABA)
    row = MessageTemplate.objects.get(language="id")
    assert deletes(bob, row, scope).headers["Location"] == PAGE
    assert set(MessageTemplate.objects.present().values_list("language", flat=True)) == left
    run = sync.sync(meta.house.workspace.pk, WABA)
    assert run is not None
    assert run.count == len(left)
    (entry,) = AuditEntry.objects.filter(action="template deleted")
    assert entry.before["languages"] == (["id"] if scope == "one" else ["en_US", "id"])


def test_a_deletion_is_confirmed_first_and_posted_twice_deletes_once(meta, bob):
    row = there(meta)
    token = str(uuid.uuid4())
    assert "Tick that you know" in said(deletes(bob, row, confirmed=""))
    assert "Reload the page" in said(deletes(bob, row, scope="everything"))
    assert posts(meta, "DELETE") == []
    assert deletes(bob, row, form_token=token).status_code == 302
    assert deletes(bob, row, form_token=token).status_code == 302
    assert len(posts(meta, "DELETE")) == 1


def test_a_disabled_template_is_not_deleted_and_neither_is_one_that_is_gone(meta, bob):
    row = known(meta.house, status="DISABLED")
    assert "templates that it has disabled" in said(deletes(bob, row))
    MessageTemplate.objects.update(gone_at=timezone.now() + timedelta(seconds=5))
    assert "does not list it any more" in said(deletes(bob, row))
    assert posts(meta, "DELETE") == []


def test_a_deletion_whose_answer_is_lost_says_that_it_is_not_known(meta, bob):
    row = there(meta)
    meta.sim.fault("lost_answer", on="graph", count=1)
    assert "Whether Meta has deleted it is not known" in said(deletes(bob, row))
    row.refresh_from_db()
    assert not row.is_gone


# --- Who ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", Role)
def test_who_may_make_change_and_delete(meta, role):
    row = there(meta)
    browser = signed_in(cast.person(meta.house.workspace, "Dana", role))
    may = role in {Role.OWNER, Role.ADMIN}
    assert browser.get(NEW).status_code == (200 if may else 403)
    assert browser.get(at(row, "edit/")).status_code == (200 if may else 403)
    assert browser.post(f"{PAGE}preview/", {}).status_code == (200 if may else 403)
    assert browser.post(NEW, form(name="another")).status_code == (302 if may else 403)
    assert browser.post(at(row, "edit/"), form()).status_code == (302 if may else 403)
    assert deletes(browser, row).status_code == (302 if may else 403)
    page = browser.get(at(MessageTemplate.objects.present().get(name="another") if may else row)).content.decode()
    assert ("Change it" in page) == may


def test_outsiders_find_nothing_strangers_sign_in_and_methods_are_kept(meta, bob):
    row = there(meta)
    other = cast.teh_tubruk()
    tari = signed_in(cast.person(other.workspace, "Tari", Role.OWNER))
    for path in (NEW, at(row, "edit/"), at(row, "deletion/"), f"{PAGE}preview/"):
        assert tari.post(path, form()).status_code == 404
        assert Client().post(path).headers["Location"].startswith("/accounts/login/?next=")
    for path in ("edit/", "deletion/"):
        assert tari.post(f"/w/teh-tubruk/templates/{row.pk}/{path}", form()).status_code == 404
    assert tari.post(f"/w/teh-tubruk/templates/new/{WABA}/", form()).status_code == 404
    assert bob.get(f"{PAGE}new/{other.connection.waba_id}/").status_code == 404
    assert bob.get(at(row, "deletion/")).status_code == 405
    assert bob.get(f"{PAGE}preview/").status_code == 405
    assert posts(meta) == []


def test_each_act_raises_the_clock(meta, bob):
    def clock() -> int:
        return WorkspaceClock.objects.get(workspace=meta.house.workspace).version

    before = clock()
    bob.post(NEW, form())
    assert clock() > before
    before, row = clock(), MessageTemplate.objects.get()
    assert deletes(bob, row).status_code == 302
    assert clock() > before


def test_pages_of_changes_are_strict_whatever_is_typed(meta, bob):
    evil = "<script>alert(1)</script><img src=x onerror=alert(2)> <b style='color:red'>"
    response = bob.post(NEW, {key: evil for key in form() if key != "form_token"})
    assert response.status_code == 422
    check(response)
    check(bob.get(at(known(meta.house, evil, components=[body(evil)]), "edit/")))
