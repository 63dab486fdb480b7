"""Which account a call is made with: the connection's own, and never a ciphertext in place of a token."""

from __future__ import annotations

import pytest
from cryptography.fernet import Fernet
from django.db import connection as database

from connections import choice
from connections.fields import UndecryptableSecretError
from connections.graph.errors import Unusable
from connections.models import Connection, Environment
from tests import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def connection() -> Connection:
    return cast.kopi_kita().connection


@pytest.mark.parametrize("environment", Environment.values)
def test_a_call_goes_to_the_server_of_the_connections_environment(connection, settings, environment):
    settings.GRAPH_BASE_URLS = {"production": "", "test": "", "simulator": "http://127.0.0.1:8801"}
    connection.environment = environment
    account = choice.account(connection)
    assert account.base_url == ("http://127.0.0.1:8801" if environment == "simulator" else "")
    assert (account.phone_number_id, account.waba_id) == (connection.phone_number_id, connection.waba_id)
    assert account.access_token == "token-of-kopi-kita"


def test_a_fingerprint_tells_tokens_apart_and_says_nothing_of_them(connection):
    first = choice.fingerprint(connection)
    connection.access_token = "another"
    assert len(first) == 16
    assert first != choice.fingerprint(connection)
    assert "token" not in first


def test_a_token_is_stored_encrypted_and_read_with_any_of_the_keys(connection, settings):
    settings.FIELD_KEYS = [Fernet.generate_key().decode(), *settings.FIELD_KEYS]
    assert Connection.objects.get().access_token == "token-of-kopi-kita"
    assert "token-of-kopi-kita" not in stored_token()


def test_a_token_that_none_of_the_keys_opens_is_never_used(connection, settings):
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    found = Connection.objects.defer("access_token").get()
    with pytest.raises(Unusable, match="cannot be decrypted"):
        choice.account(found)
    assert choice.fingerprint(found) == ""
    with pytest.raises(UndecryptableSecretError):
        Connection.objects.get()


def stored_token() -> str:
    with database.cursor() as cursor:
        cursor.execute("SELECT access_token FROM connections_connection")
        return str(cursor.fetchone()[0])
