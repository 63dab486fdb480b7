"""The page that lists a workspace's Meta apps and numbers."""

from __future__ import annotations

import pytest
from cryptography.fernet import Fernet
from django.test import Client

from connections.models import MetaApp
from tests import cast
from tests.inbox.screens import signed_in
from workspaces.models import Role

pytestmark = pytest.mark.django_db

INDEX = "/w/kopi-kita/settings/connections/"


@pytest.mark.parametrize("role", [Role.OWNER, Role.ADMIN])
def test_it_lists_the_apps_and_numbers_of_this_workspace_alone(house, role):
    cast.teh_tubruk()
    response = signed_in(cast.person(house.workspace, "Dana", role)).get(INDEX)
    assert response.status_code == 200
    said = response.content.decode()
    assert "Kopi Kita app" in said
    assert "15550100000" in said
    assert "Teh Tubruk" not in said


@pytest.mark.parametrize("role", [Role.OPS, Role.AGENT])
def test_who_may_not_change_connections_is_refused_and_sees_no_tab(house, role):
    browser = signed_in(cast.person(house.workspace, "Dana", role))
    assert browser.get(INDEX).status_code == 403
    assert INDEX not in browser.get("/w/kopi-kita/settings/members/").content.decode()


def test_an_admin_finds_it_among_the_settings(house):
    assert INDEX in signed_in(cast.bob(house)).get("/w/kopi-kita/settings/members/").content.decode()


def test_an_outsider_and_a_stranger_learn_nothing_and_nobody_posts(house):
    assert signed_in(cast.charlie()).get(INDEX).status_code == 404
    assert Client().get(INDEX).headers["Location"].startswith("/accounts/login/")
    assert signed_in(cast.bob(house)).post(INDEX).status_code == 405


def test_an_empty_workspace_is_told_what_is_missing(house):
    house.connection.delete()
    MetaApp.objects.all().delete()
    said = signed_in(cast.bob(house)).get(INDEX).content.decode()
    assert "No number is connected yet" in said
    assert "None yet" in said


def test_secrets_that_do_not_decrypt_do_not_take_the_page_away(house, settings):
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    assert signed_in(cast.bob(house)).get(INDEX).status_code == 200
