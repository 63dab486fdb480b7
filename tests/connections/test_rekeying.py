"""FIELD_KEYS changed: everything stored is written anew with the first of them, and nothing is ever lost."""

from __future__ import annotations

import threading
from io import StringIO

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from connections import rekeying
from connections.models import Connection, MetaApp, NewToken
from tests import cast
from tests.connections.locks import waits_for_a_lock

pytestmark = pytest.mark.django_db

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()
COLUMNS = [
    ("connections_metaapp", "app_secret"),
    ("connections_metaapp", "previous_secret"),
    ("connections_metaapp", "verify_token"),
    ("connections_connection", "access_token"),
    ("connections_newtoken", "access_token"),
]


@pytest.fixture
def house(settings):
    """Kopi Kita with a secret in every column, all written with the old key."""
    settings.FIELD_KEYS = [OLD]
    made = cast.kopi_kita()
    MetaApp.objects.update(verify_token="shakes hands", previous_secret="the one before")
    NewToken.objects.create(connection=made.connection, access_token="the next token", at=timezone.now())
    bob = cast.bob(made)
    Authenticator.objects.create(user=bob, type="totp", data={"secret": get_adapter().encrypt("TOTPSECRET")})
    codes = {"seed": get_adapter().encrypt("a seed"), "used_mask": 5}
    Authenticator.objects.create(user=bob, type="recovery_codes", data=codes)
    return made


def run() -> str:
    said = StringIO()
    call_command("rotate_field_keys", stdout=said, stderr=said)
    return said.getvalue()


def stored() -> dict[str, list[str]]:
    """What the database itself holds, as text."""
    found = {}
    with connection.cursor() as cursor:
        for table, column in COLUMNS:
            cursor.execute(f"SELECT {column} FROM {table} ORDER BY 1")
            found[f"{table}.{column}"] = [value for (value,) in cursor.fetchall()]
    return found


def secrets() -> list[str]:
    app, number = MetaApp.objects.get(), Connection.objects.get()
    factors = [one.data for one in Authenticator.objects.order_by("type")]
    opened = [get_adapter().decrypt(factors[0]["seed"]), get_adapter().decrypt(factors[1]["secret"])]
    return [
        app.app_secret,
        app.previous_secret,
        app.verify_token,
        number.access_token,
        NewToken.objects.get().access_token,
        *opened,
    ]


def test_every_column_that_holds_a_secret_is_written_anew(house, settings):
    before = secrets()
    settings.FIELD_KEYS = [NEW, OLD]
    said = run()
    assert "All of it is under the first of FIELD_KEYS" in said
    settings.FIELD_KEYS = [NEW]
    assert secrets() == before
    assert {name for name, values in stored().items() if not values} == set()


def test_it_says_how_many_and_a_second_run_has_nothing_to_do(house, settings):
    settings.FIELD_KEYS = [NEW, OLD]
    said = run()
    assert "connections.MetaApp.app_secret: 1 written anew, 0 under the first key already" in said
    assert "mfa.Authenticator.data: 2 written anew" in said
    before = stored()
    said = run()
    assert "connections.MetaApp.app_secret: 0 written anew, 1 under the first key already" in said
    assert stored() == before


def test_no_secret_and_no_ciphertext_is_said(house, settings):
    settings.FIELD_KEYS = [NEW, OLD]
    said = run()
    assert not [one for one in [*secrets(), "gAAAAA"] if one in said]


def test_what_no_key_opens_is_named_by_its_row_and_left_as_it_is_while_the_rest_goes_on(house, settings):
    lost = MetaApp.objects.get()
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    MetaApp.objects.filter(pk=lost.pk).update(app_secret="under a key nobody has")
    before = stored()["connections_metaapp.app_secret"]
    settings.FIELD_KEYS = [NEW, OLD]
    said = StringIO()
    with pytest.raises(CommandError, match="1 could not be read"):
        call_command("rotate_field_keys", stdout=said, stderr=said)
    assert f"connections.MetaApp.app_secret: row {lost.pk} is opened by none of FIELD_KEYS" in said.getvalue()
    assert stored()["connections_metaapp.app_secret"] == before
    settings.FIELD_KEYS = [NEW]
    assert Connection.objects.get().access_token == "token-of-kopi-kita"


def test_what_was_kept_in_the_clear_before_second_factors_were_encrypted_stays(house, settings):
    Authenticator.objects.filter(type="totp").update(data={"secret": "IN THE CLEAR", "odd": [1, None, "text"]})
    settings.FIELD_KEYS = [NEW, OLD]
    run()
    assert Authenticator.objects.get(type="totp").data == {"secret": "IN THE CLEAR", "odd": [1, None, "text"]}
    assert Authenticator.objects.get(type="recovery_codes").data["used_mask"] == 5


def test_it_goes_through_more_rows_than_a_batch_holds_and_can_be_broken_off(house, settings, monkeypatch):
    monkeypatch.setattr(rekeying, "BATCH", 2)
    for number in range(5):
        MetaApp.objects.create(
            owner=house.workspace, name="App", app_id=str(number), app_secret=f"secret {number}", verify_token="v"
        )
    settings.FIELD_KEYS = [NEW, OLD]
    next(rekeying.rekey())
    tallies = {one.name: one for one in rekeying.rekey()}
    assert (tallies["connections.MetaApp.verify_token"].written, tallies["connections.MetaApp.app_secret"].written) in [
        (6, 0),
        (6, 6),
    ]
    settings.FIELD_KEYS = [NEW]
    assert [one.app_secret for one in MetaApp.objects.order_by("app_id")][:2] == ["secret 0", "secret 1"]


@pytest.mark.django_db(transaction=True)
def test_what_somebody_is_saving_meanwhile_is_waited_for_and_kept(house, settings):
    settings.FIELD_KEYS = [NEW, OLD]
    told: list[str] = []

    def rewriting() -> None:
        told.append(run())
        connection.close()

    other = threading.Thread(target=rewriting)
    with transaction.atomic():
        settings.FIELD_KEYS = [OLD, NEW]  # by a process that was not started anew yet
        MetaApp.objects.update(app_secret="typed meanwhile")
        settings.FIELD_KEYS = [NEW, OLD]
        other.start()
        while other.is_alive() and not waits_for_a_lock():
            pass
    other.join()
    assert "connections.MetaApp.app_secret: 1 written anew" in told[0]
    settings.FIELD_KEYS = [NEW]
    assert MetaApp.objects.get().app_secret == "typed meanwhile"


def test_numbers_and_apps_are_otherwise_untouched(house, settings):
    kept = ("id", "revision", "proven_at", "workspace_id", "meta_app_id")
    before = Connection.objects.values(*kept).get()
    settings.FIELD_KEYS = [NEW, OLD]
    run()
    assert Connection.objects.values(*kept).get() == before
