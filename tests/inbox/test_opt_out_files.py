"""Opt-outs as CSV: good lines are kept, bad ones told with their numbers, and what is exported can be imported."""

from __future__ import annotations

import csv
import io
import uuid
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from inbox import opt_out_file
from inbox.opt_out_file import UnreadableFileError
from optouts import ledger
from optouts.models import ConsentEvent
from tests import cast
from tests.inbox.screens import hear, inbox, signed_in, version
from workspaces.models import AuditEntry, Role

pytestmark = pytest.mark.django_db

PAGE = "/w/kopi-kita/settings/opt-outs/"


def text(response) -> str:
    return str(response.content.decode())


def send(browser: Client, content: str | bytes, **fields: Any):
    raw = content.encode() if isinstance(content, str) else content
    form = {"file": SimpleUploadedFile("list.csv", raw), "reason": "The old shop's list", "form_token": uuid.uuid4()}
    return browser.post(f"{PAGE}imports/", form | fields, follow=True)


def kept() -> list[tuple[str, str, str]]:
    return [(one.value, one.scope, one.quote) for one in ConsentEvent.objects.order_by("pk")]


# --- reading


def read(content: str) -> list[tuple[int, str | None, str, str]]:
    lines = opt_out_file.read(content.encode(), "ID", "list")
    return [(one.number, one.identity and one.identity[1], one.scope, one.fault or one.reason) for one in lines]


@pytest.mark.parametrize(
    "content",
    [
        "0811-0000-001,marketing,By mail\n",
        "0811-0000-001;marketing;By mail\r\n",
        "0811-0000-001\tmarketing\tBy mail",
        "\ufeff+62 811 0000 001 , Marketing , By mail",
        "'+628110000001,marketing,By mail",
        'reason,number,scope\n"By mail",6281-1000-0001,marketing\n',
        "Phone;Reason;note;Scope\n0811-0000-001;By mail;x;MARKETING\n",
        "\n\n,,\n0811-0000-001,marketing,By mail\n\n",
    ],
)
def test_a_line_is_read_however_a_spreadsheet_writes_it(content):
    assert [found[1:] for found in read(content)] == [("628110000001", "marketing", "By mail")]


def test_a_number_alone_is_an_opt_out_of_everything_for_the_reason_of_the_list():
    assert read("0811-0000-001\nID.1001\n") == [(1, "628110000001", "all", "list"), (2, "ID.1001", "all", "list")]


def test_lines_are_numbered_as_in_the_file_whatever_is_between_them():
    content = 'number,scope,reason\n\n0811-0000-001,all,"two\nlines"\nDewi,all,x\n'
    assert [(number, bool(identity)) for number, identity, _, _ in read(content)] == [(3, True), (5, False)]


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("Dewi,all,x", "neither a phone number nor a BSUID"),
        (",all,x", "names nobody"),
        ("12,all,x", "too short"),
        ("0811-0000-001,everything,x", "neither “all” nor “marketing”"),
        (f"0811-0000-001,all,{'x' * 301}", "longer than 300"),
        ("0811-0000-001,all,a\x00b", "cannot be stored"),
        ("6.28E+12,all,x", "neither a phone number nor a BSUID"),
    ],
)
def test_a_line_that_cannot_be_kept_says_why(line, fault):
    ((_, identity, _, said),) = read(line)
    assert identity is None
    assert fault in said


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff\xfe0\x008\x00", "not in UTF-8"),
        (b"0811-0000-001\n" * 10_001, "more than 10,000 lines"),
        (b"x" * 2_000_001, "larger than 2 MB"),
        (b'"' + b"x" * 200_000, "no CSV file"),
    ],
)
def test_a_file_that_is_no_list_is_refused_whole(content, said):
    with pytest.raises(UnreadableFileError, match=said):
        opt_out_file.read(content, "ID", "list")


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_with_a_sentence(content):
    try:
        lines = opt_out_file.read(content.encode(errors="ignore"), "ID", "list")
    except UnreadableFileError:
        return
    assert all(bool(line.fault) != bool(line.identity) for line in lines)
    assert all(line.number >= 1 for line in lines)


# --- importing


def test_good_lines_are_kept_and_bad_ones_told_with_their_numbers(house, admin, bob):
    talk = hear(house, "Hello")
    before = version(house)
    response = send(admin, "number,scope,reason\n0811-0000-001,all,\nDewi,all,x\n0811-0000-002,marketing,By mail\n")
    assert response.status_code == 422
    assert "2 opt-outs imported. 1 line could not be read." in text(response)
    assert "Line 3, “<bdi>Dewi</bdi>”: It is neither a phone number nor a BSUID." in text(response)
    assert kept() == [("628110000001", "all", "The old shop's list"), ("628110000002", "marketing", "By mail")]
    assert {(one.source, one.actor) for one in ConsentEvent.objects.all()} == {("import", bob)}
    assert AuditEntry.objects.get(action="opt-outs imported").after == {"added": 2, "refused": 1}
    assert version(house) == before + 1
    assert "This person has opted out" in text(admin.get(inbox(house, f"{talk.pk}/verdict/")))


def test_a_list_without_faults_leads_back_to_the_page(admin):
    response = send(admin, "0811-0000-001\n0811 0000 001\n")
    assert response.redirect_chain == [(PAGE, 302)]
    assert "1 opt-out imported. 1 line repeated one before." in text(response)
    assert len(kept()) == 1


def test_the_same_form_sent_twice_is_one_import(admin):
    token = uuid.uuid4()
    for _ in range(2):
        send(admin, "0811-0000-001\n0811-0000-002\n", form_token=token)
    assert len(kept()) == 2
    assert AuditEntry.objects.filter(action="opt-outs imported").count() == 1


def test_a_corrected_file_in_the_same_form_counts(house, admin):
    token = uuid.uuid4()
    send(admin, "0811-0000-001,marketing,x\n", form_token=token)
    send(admin, "0811-0000-001,all,x\n", form_token=token)
    assert ledger.standing(house.workspace.pk, [("phone", "628110000001")]).everything is not None


def test_a_start_from_before_the_import_does_not_reopen_and_one_from_after_it_does(house, admin):
    who = [("phone", "628110000001"), ("bsuid", "ID.1001")]
    hear(house, "START", at=cast.ago(minutes=5))
    send(admin, "0811-0000-001\n")
    assert ledger.standing(house.workspace.pk, who).everything is not None
    hear(house, "START", at=cast.ago(minutes=-1))
    assert ledger.standing(house.workspace.pk, who).everything is None


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"file": ""}, "Choose a CSV file."),
        ({"file": SimpleUploadedFile("list.csv", b"")}, "The file is empty."),
        ({"file": SimpleUploadedFile("list.csv", b"\xff\xfe0")}, "It is not in UTF-8."),
        ({"reason": " "}, "Say where the list comes from"),
        ({"form_token": "x"}, "This form is broken"),
    ],
)
def test_what_cannot_be_imported_is_said_at_its_field(admin, fields, said):
    response = send(admin, "0811-0000-001\n", **fields)
    assert response.status_code == 422
    assert said in text(response)
    assert kept() == []


def test_a_file_of_empty_lines_says_so(admin):
    response = send(admin, "\n\n \n")
    assert response.status_code == 422
    assert "Nothing was imported. The file has no lines." in text(response)
    assert not AuditEntry.objects.filter(action="opt-outs imported").exists()


def test_a_report_of_very_many_faults_shows_the_first_and_counts_the_rest(admin):
    response = send(admin, "Dewi\n" * 620)
    assert text(response).count("<li>Line ") == 500
    assert "And 120 more lines." in text(response)


# --- exporting


def exported(browser: Client) -> str:
    response: Any = browser.get(f"{PAGE}export/")
    return str(b"".join(response.streaming_content).decode())


def test_everybody_who_is_opted_out_is_exported_and_nobody_else(house, admin):
    hear(house, "STOP", at=cast.ago(minutes=9))
    hear(house, "STOP", "START", phone="628110000002", bsuid="ID.1002", name="Budi")
    said = ("bsuid", "ID.77", "marketing", "out", "import", "By mail", "line", timezone.now())
    ledger.record(house.workspace.pk, [ledger.NewConsent(*said)])
    rows = list(csv.DictReader(io.StringIO(exported(admin))))
    stop = ConsentEvent.objects.get(quote="STOP", value="ID.1001")
    assert [(row["number"], row["scope"], row["reason"], row["name"]) for row in rows] == [
        ("ID.77", "marketing", "By mail", ""),
        ("ID.1001", "all", "STOP", "Dewi"),
    ]
    assert rows[1]["since (UTC)"] == stop.provider_at.isoformat()


def test_what_is_exported_can_be_imported_elsewhere(house, admin):
    lines = '0811-0000-001,all,=1+1\nID.1001,marketing,"two\nlines"\n'
    send(admin, lines)
    before = set(kept())
    assert "\n'+628110000001,all,'=1+1," in exported(admin).replace("\r\n", "\n")
    other = cast.teh_tubruk()
    found = opt_out_file.read(exported(admin).encode(), other.workspace.country, "list")
    assert {(one.identity and one.identity[1], one.scope, one.reason) for one in found} == before


# --- who may


@pytest.mark.parametrize("role", Role)
def test_only_admins_import_and_export(house, role):
    browser, may = signed_in(cast.person(house.workspace, "Dana", role)), role in {Role.OWNER, Role.ADMIN}
    assert browser.get(f"{PAGE}import/").status_code == (200 if may else 403)
    assert browser.get(f"{PAGE}export/").status_code == (200 if may else 403)
    assert send(browser, "0811-0000-001\n").status_code == (200 if may else 403)
    assert (f"{PAGE}import/" in text(browser.get(PAGE)), f"{PAGE}export/" in text(browser.get(PAGE))) == (may, may)


def test_outsiders_strangers_and_other_methods(house, admin):
    charlie = signed_in(cast.charlie())
    for path, own, wrong in (("import/", "get", "post"), ("imports/", "post", "get"), ("export/", "get", "post")):
        assert getattr(admin, wrong)(PAGE + path).status_code == 405
        assert getattr(charlie, own)(PAGE + path).status_code == 404
        assert getattr(Client(), own)(PAGE + path).url.startswith("/accounts/login/")
