"""A token, replaced: the old one stays in use until the new one is proven, and both are kept encrypted."""

from __future__ import annotations

import pytest
from cryptography.fernet import Fernet
from django.db import connection as database
from django.utils import timezone

from connections import asking, choice, proving, tokens
from connections.models import Connection, NewToken
from workspaces.models import AuditEntry, WorkspaceClock


@pytest.fixture
def ready(place):
    return place.connects()


def version(place) -> int:
    return WorkspaceClock.objects.get(workspace=place.house.workspace).version


def test_a_good_token_takes_the_place_of_the_old_one(place, ready):
    place.sim.token("fresh-token")
    before, proven_at = version(place), ready.proven_at
    assert "It is in use from now on" in place.acts("token/", access_token=" fresh-token\n")
    ready.refresh_from_db()
    assert (ready.access_token, ready.proven_at) == ("fresh-token", proven_at)
    assert not NewToken.objects.exists()
    assert version(place) > before
    entry = AuditEntry.objects.get(action="token replaced")
    assert entry.actor == place.bob
    assert entry.after == {"fingerprint": choice.fingerprint(ready)}
    assert entry.before != entry.after


@pytest.mark.parametrize(
    "fails",
    [
        lambda place: None,
        lambda place: place.sim.token("fresh-token", scopes=["whatsapp_business_messaging"]),
        lambda place: place.sim.token("fresh-token", expires_at=1),
        lambda place: place.sim.token("fresh-token", waba_ids=["200000000000050"]),
        lambda place: (place.sim.token("fresh-token"), place.sim.fault("error", on="graph", code=4)),
    ],
    ids=["unknown", "without a permission", "expired", "of another account", "Meta does not answer"],
)
def test_a_token_that_is_not_proven_is_kept_beside_the_old_one_and_said_to_be(place, ready, fails):
    fails(place)
    assert "is kept, and not in use" in place.acts("token/", access_token="fresh-token")
    ready.refresh_from_db()
    assert ready.access_token == "good-token"
    assert ready.proven_at is not None
    assert NewToken.objects.get().access_token == "fresh-token"
    page = place.page()
    assert "A new token waits, and the old one is in use." in page
    assert "fresh-token" not in page
    assert not AuditEntry.objects.filter(action="token replaced").exists()


def test_a_token_that_waits_is_put_in_place_once_it_proves_good(place, ready):
    place.sim.token("fresh-token", scopes=[])
    place.acts("token/", access_token="fresh-token")
    assert "is kept, and not in use" in place.acts("token/check/")
    place.sim.token("fresh-token", scopes=["whatsapp_business_messaging", "whatsapp_business_management"])
    assert "It is in use from now on" in place.acts("token/check/")
    ready.refresh_from_db()
    assert ready.access_token == "fresh-token"


def test_a_token_that_waits_can_be_taken_away(place, ready):
    place.acts("token/", access_token="mistyped")
    assert "The new token is taken away" in place.acts("token/removal/")
    assert "no new token any more" in place.acts("token/removal/")
    assert "There is no new token to check" in place.acts("token/check/")
    ready.refresh_from_db()
    assert ready.access_token == "good-token"


@pytest.mark.parametrize("wrong", ["", "   ", "schlüssel", "x" * 4097])
def test_what_is_no_token_is_refused_at_its_field(place, ready, wrong):
    response = place.browser.post(place.at("token/"), {"access_token": wrong})
    assert response.status_code == 422
    assert "field-errors" in response.content.decode()
    assert not NewToken.objects.exists()


def test_with_the_old_token_goes_what_was_known_of_its_end(place, ready):
    Connection.objects.update(token_ends_at=timezone.now())
    place.sim.token("fresh-token")
    assert "Token ended" in place.browser.get("/w/kopi-kita/settings/connections/").content.decode()
    place.acts("token/", access_token="fresh-token")
    ready.refresh_from_db()
    assert ready.token_ends_at is None
    assert "Token ended" not in place.browser.get("/w/kopi-kita/settings/connections/").content.decode()


def test_both_are_encrypted_at_rest(place, ready):
    place.acts("token/", access_token="mistyped-token")
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT access_token FROM connections_connection UNION ALL SELECT access_token FROM connections_newtoken"
        )
        stored = [row[0] for row in cursor.fetchall()]
    assert len(stored) == 2
    assert not any("token" in one for one in stored)


def test_a_later_token_wins_over_one_that_is_still_being_checked(place, ready):
    place.sim.token("fresh-token")
    place.acts("token/", access_token="mistyped")
    tokens.settle(ready, "fresh-token", by=None)  # whose place another took while Meta was asked
    ready.refresh_from_db()
    assert ready.access_token == "good-token"
    assert NewToken.objects.get().access_token == "mistyped"


def test_a_new_token_for_details_that_changed_meanwhile_waits(place, ready):
    place.sim.token("fresh-token")
    Connection.objects.update(revision=ready.revision + 1)
    tokens.replace(ready, "fresh-token")
    ready.refresh_from_db()
    assert ready.access_token == "good-token"
    assert NewToken.objects.exists()


def test_a_good_token_makes_a_number_ready_that_was_not(place):
    number = place.connects(access_token="mistyped")
    place.acts("token/", access_token="good-token")
    number.refresh_from_db()
    assert number.proven_at is not None


def test_a_token_can_be_replaced_when_the_old_one_cannot_be_read_any_more(place, ready, settings):
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    place.sim.token("fresh-token")
    place.app.app_secret = "good-secret"
    place.app.save()
    assert "It is in use from now on" in place.acts("token/", access_token="fresh-token")
    ready.refresh_from_db()
    assert ready.access_token == "fresh-token"


def test_a_check_of_a_new_token_says_nothing_of_the_one_in_use(place, ready):
    place.acts("token/", access_token="mistyped")
    assert ready.tests.count() == 1
    assert proving.Check.read(ready.tests.get().checks[0]).is_good


@pytest.mark.parametrize("meanwhile", ["taken away", "another"])
def test_a_token_that_was_overtaken_while_meta_was_asked_is_not_said_to_be_in_use(place, ready, monkeypatch, meanwhile):
    place.sim.token("fresh-token")
    ask = asking.ask

    def while_another_admin_acts(*asked):
        if meanwhile == "another":
            NewToken.objects.update(access_token="a later one")
        else:
            NewToken.objects.all().delete()
        return ask(*asked)

    monkeypatch.setattr(asking, "ask", while_another_admin_acts)
    said = place.acts("token/", access_token="fresh-token")
    assert "Your token is not in use" in said
    assert "in use from now on" not in said
    ready.refresh_from_db()
    assert ready.access_token == "good-token"


def spoil(*columns: str) -> None:
    """As after FIELD_KEYS was put right in part: of these none opens what is stored."""
    foreign = Fernet(Fernet.generate_key()).encrypt(b"secret").decode()
    with database.cursor() as cursor:
        for column in columns:
            table, name = column.split(".")
            cursor.execute(f"UPDATE connections_{table} SET {name} = %s", [foreign])


def test_a_new_token_takes_the_place_of_a_waiting_one_that_cannot_be_read(place, ready):
    place.acts("token/", access_token="mistyped")
    spoil("newtoken.access_token")
    assert place.browser.get(place.at()).status_code == 200
    assert "cannot be read any more: enter it again" in place.acts("token/check/")
    place.sim.token("fresh-token")
    assert "It is in use from now on" in place.acts("token/", access_token="fresh-token")


def test_a_waiting_token_that_cannot_be_read_is_taken_away_like_another(place, ready):
    place.acts("token/", access_token="mistyped")
    spoil("newtoken.access_token")
    assert "The new token is taken away" in place.acts("token/removal/")


def test_what_a_token_does_not_need_of_its_app_may_be_unreadable(place, ready):
    spoil("metaapp.verify_token", "metaapp.previous_secret")
    place.sim.token("fresh-token")
    assert "It is in use from now on" in place.acts("token/", access_token="fresh-token")
