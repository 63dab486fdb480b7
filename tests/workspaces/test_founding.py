"""The first owner of an empty system: set up once, by whoever comes first, and closed for ever after."""

from __future__ import annotations

import pytest
from django.db import connection, transaction
from django.test import Client

from gigaviz.processes import wait_until
from tests import cast
from tests.workspaces.test_clock import Other, somebody_waits
from workspaces import founding
from workspaces.creation import create_workspace
from workspaces.models import Membership, Role, User, Workspace

pytestmark = pytest.mark.django_db
PAGE = "/accounts/signup/"
SAID = {
    "workspace": "Kopi Kita",
    "country": "id",
    "name": "Olivia",
    "email": "Olivia@Example.com",
    "password": cast.PASSWORD,
}


def test_an_empty_system_leads_to_its_set_up():
    browser = Client()
    assert browser.get("/").headers["Location"] == PAGE
    assert "Set up Gigaviz" in browser.get(PAGE).content.decode()


def test_the_first_owner_is_signed_in_and_has_a_workspace_of_their_own():
    browser = Client()
    response = browser.post(PAGE, SAID, follow=True)
    assert response.redirect_chain[-1] == ("/w/kopi-kita/inbox/", 302)
    owner = User.objects.get()
    assert (owner.name, owner.email, owner.is_superuser) == ("Olivia", "olivia@example.com", False)
    assert owner.check_password(cast.PASSWORD)
    membership = Membership.objects.get()
    assert (membership.user, membership.role) == (owner, Role.OWNER)
    assert (membership.workspace.name, membership.workspace.country) == ("Kopi Kita", "ID")
    assert membership.workspace.audit_entries.get().actor == owner


def test_once_anybody_has_an_account_the_page_is_closed():
    User.objects.create_user("first@example.com", cast.PASSWORD, name="First")
    browser = Client()
    assert browser.get("/").headers["Location"] == "/accounts/login/?next=/"
    for response in (browser.get(PAGE), browser.post(PAGE, SAID)):
        assert "Nobody signs up here" in response.content.decode()
    assert User.objects.count() == 1
    assert not Workspace.objects.exists()


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("workspace", "", "This field is required"),
        ("workspace", "K" * 121, "at most 120"),
        ("workspace", "Kopi\0Kita", "Null characters"),
        ("country", "Indonesia", "two letters"),
        ("country", "", "This field is required"),
        ("name", " ", "This field is required"),
        ("email", "olivia", "valid email address"),
        ("email", "olivia@example.com\nBcc: eve@example.com", "valid email address"),
        ("password", "short", "too short"),
        ("password", "password12345", "too common"),
        ("password", "olivia@example.com", "too similar"),
    ],
)
def test_what_makes_no_sense_is_refused_field_by_field_and_the_rest_is_kept(field, value, sentence):
    response = Client().post(PAGE, {**SAID, field: value})
    page = response.content.decode()
    assert response.status_code == 422
    assert sentence in page
    kept = [words for other, words in SAID.items() if other not in {field, "password"}]
    assert [words for words in kept if f'value="{words}"' not in page] == []
    assert cast.PASSWORD not in page
    assert not User.objects.exists()
    assert not Workspace.objects.exists()


def test_the_password_is_never_rendered_back():
    page = Client().post(PAGE, {**SAID, "email": ""}).content.decode()
    assert cast.PASSWORD not in page


def test_a_name_without_a_letter_that_fits_into_an_address_gets_one_all_the_same():
    Client().post(PAGE, {**SAID, "workspace": "咖啡"})
    assert Workspace.objects.get().slug == "workspace"


def test_a_workspace_that_a_command_made_before_keeps_its_address():
    create_workspace(name="Kopi Kita", slug="kopi-kita", country="ID")
    Client().post(PAGE, SAID)
    assert Membership.objects.get().workspace.slug == "kopi-kita-2"


def test_a_form_without_its_token_sets_nothing_up():
    assert Client(enforce_csrf_checks=True).post(PAGE, SAID).status_code == 403
    assert not User.objects.exists()


def test_only_reading_and_posting_are_answered():
    assert Client().delete(PAGE).status_code == 405


@pytest.mark.django_db(transaction=True)
def test_of_two_at_the_same_moment_one_wins():
    answers = []

    def second():
        answers.append(Client().post(PAGE, {**SAID, "email": "second@example.com"}))

    with transaction.atomic():
        assert founding.found(**{**SAID, "country": "ID"}) is not None
        other = Other(second)
        assert wait_until(somebody_waits, 20)
    other.join()
    assert answers[0].status_code == 409
    assert "Nobody signs up here" in answers[0].content.decode()
    assert User.objects.get().email == "olivia@example.com"
    assert Workspace.objects.count() == 1
    assert not connection.in_atomic_block
