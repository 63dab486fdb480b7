"""Backup and restore, as docs/operations.md has them, run once for real: pg_dump, a dropped database, pg_restore.

What comes back is the same, row by row, and so is what guards it: days, triggers, constraints, indexes. The keys are
kept apart from the database; beside other keys a restored one says so, and no ciphertext ever goes out as a token.
"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet
from django.core import checks
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from connections import choice, sandbox
from connections.graph.errors import Unusable
from connections.models import Connection, MetaApp
from gigaviz.embedded.places import installed_packages, programs
from inbox import drain, sending
from inbox.models import Conversation, Media, Message, Word
from simulator.samples import sample
from tests import cast, engines
from tests.inbox.screens import hear, ours, signed_in
from webhooks import partitions
from workspaces.accounts import SecondFactors
from workspaces.models import AuditEntry, User

ROOT = Path(__file__).resolve().parent.parent.parent
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()
NAME = "gigaviz_backup"
PICTURE = sample("image")[0]
# What keeps the data right: named by the catalogue, so that nothing is forgotten here.
GUARDS = """
SELECT 'trigger', tgrelid::regclass::text, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
UNION ALL SELECT 'constraint', conrelid::regclass::text, conname || ' ' || pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL SELECT 'index', tablename, indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT 'partition', inhparent::regclass::text, pg_get_expr(relpartbound, pg_class.oid) || ' ' || relname
    FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid WHERE relkind = 'r'
UNION ALL SELECT 'storage', relname, reloptions::text FROM pg_class WHERE relkind IN ('r', 'i') AND
    relnamespace = 'public'::regnamespace AND reloptions IS NOT NULL
UNION ALL SELECT 'extension', extname, extversion FROM pg_extension
UNION ALL SELECT 'sequence', sequencename, COALESCE(last_value::text, 'unused') FROM pg_sequences
ORDER BY 1, 2, 3
"""
TABLES = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1"


def url(database: str) -> str:
    return urlunsplit(urlsplit(engines.database_url)._replace(path=f"/{database}"))


def on_the_server(*statements: str) -> None:
    with psycopg.connect(engines.database_url, autocommit=True) as server:
        for statement in statements:
            server.execute(statement.encode())


def empty_database() -> None:
    """Dropped where it was, and made as the document has it."""
    connection.close()
    (made,) = re.findall(r"(CREATE DATABASE) gigaviz( TEMPLATE [^;]+);", OPERATIONS)
    on_the_server(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)", f"{made[0]} {NAME}{made[1]}")


@pytest.fixture
def database(django_db_blocker) -> Iterator[None]:
    """A database of this test's own, which Django is led to, with all its migrations."""
    with django_db_blocker.unblock():
        usual = connection.settings_dict["NAME"]
        empty_database()
        connection.settings_dict["NAME"] = NAME
        try:
            call_command("migrate", verbosity=0)
            call_command("createcachetable")
            yield
        finally:
            connection.close()
            connection.settings_dict["NAME"] = usual
            on_the_server(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")


@pytest.fixture(autouse=True)
def media(settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.MEDIA_ROOT.mkdir()
    return Path(settings.MEDIA_ROOT)


def documented(program: str) -> list[str]:
    """The document's own command, with this test's database and PostgreSQL's programs as they are installed here."""
    (line,) = re.findall(rf"^    ({program} .+)$", OPERATIONS, re.M)
    binary = shutil.which(program, path=str(programs(installed_packages())[0]))
    assert binary is not None
    return [binary, *(word.replace("$DATABASE_URL", url(NAME)) for word in shlex.split(line)[1:])]


def run(argv: list[str], folder: Path) -> None:
    done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def filled(media: Path) -> Conversation:
    """A small workspace: people, a thread of ours and theirs, consent, receipts, events of three days, a file."""
    house = cast.kopi_kita()
    alice = cast.alice(house)
    cast.bob(house)
    partitions.make_days()
    cast.arrives(house, cast.says(house, "Long ago", at=cast.ago(days=40)), at=timezone.now() - timedelta(days=40))
    hear(house, "STOP", phone="628110000002", bsuid="ID.1002")
    talk = hear(house, "Do you deliver?", "Selamat pagi 🌞", phone="628110000001")
    Conversation.objects.filter(pk=talk.pk).update(owner=alice)
    sent = ours(talk, "We do", wamid="wamid.OUT1", author=alice)
    cast.arrives(house, cast.status(house, "wamid.OUT1", "delivered"), cast.status(house, "wamid.NOBODYS", "read"))
    cast.arrives(house, {"field": "unheard_of", "value": {}}, at=timezone.now() - timedelta(days=1))
    drain.drain()
    (media / "picture").write_bytes(PICTURE)
    Media.objects.create(message=sent, media_id="1", state="stored", stored_as="picture", sniffed_type="image/png")
    sandbox.change_whitelist(house.workspace, add=[("phone", "628110000001"), ("bsuid", "ID.7")])
    return talk


def contents() -> dict[str, tuple[int, str]]:
    """Every table: how many rows, and a digest of them all."""
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        found = {}
        for (table,) in cursor.fetchall():
            cursor.execute(f"SELECT count(*), md5(string_agg(row::text, '|' ORDER BY row::text)) FROM {table} row")
            found[table] = cursor.fetchone()
    return found


def guards() -> list[tuple[str, str, str]]:
    """Without casts and brackets, which PostgreSQL writes otherwise when it has read its own words again."""
    with connection.cursor() as cursor:
        cursor.execute(GUARDS)
        plain = [(kind, where, re.sub(r"::[a-z ]+(\[\])?|[()]", "", what)) for kind, where, what in cursor.fetchall()]
    return sorted(plain)


def lost_and_restored(media: Path, folder: Path) -> None:
    """The whole way: dump, copy the files, lose both, make an empty database, restore."""
    connection.close()
    run(documented("pg_dump"), folder)
    shutil.copytree(media, folder / "kept")
    shutil.rmtree(media)
    empty_database()
    run(documented("pg_restore"), folder)
    shutil.copytree(folder / "kept", media)


def findings() -> list[checks.CheckMessage]:
    return [one for one in checks.run_checks(databases=["default"]) if one.id in {"gigaviz.E008", "gigaviz.W009"}]


def page(browser: Client, path: str) -> str:
    response = browser.get(f"/w/kopi-kita/inbox/{path}")
    assert response.status_code == 200
    return response.content.decode()


def test_what_was_backed_up_comes_back_whole_guarded_and_at_work(database, media, tmp_path):
    talk = filled(media)
    before, guarded = contents(), guards()
    lost_and_restored(media, tmp_path)

    assert contents() == before
    assert guards() == guarded
    kinds = {kind for kind, _, _ in guarded}
    assert kinds == {"trigger", "constraint", "index", "partition", "storage", "extension", "sequence"}
    assert all(before[name][0] for name in ("inbox_message", "inbox_receipt", "optouts_consentevent"))
    assert before["webhooks_webhookevent_rest"][0] == 2
    assert before[f"webhooks_webhookevent_{timezone.now():%Y%m%d}"][0] >= 3
    assert findings() == []

    browser = signed_in(User.objects.get(email="alice@example.com"))
    assert "We do" in page(browser, "")
    assert "Selamat pagi 🌞" in page(browser, f"{talk.pk}/")
    picture: Any = browser.get(f"/w/kopi-kita/inbox/messages/{Media.objects.get().pk}/media/")
    assert b"".join(picture.streaming_content) == PICTURE
    number = Connection.objects.select_related("meta_app").get()
    assert (number.access_token, number.meta_app.app_secret) == ("token-of-kopi-kita", "secret of kopi-kita")
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        AuditEntry.objects.update(target="somebody else's")

    house = cast.House(number.workspace, number)
    partitions.make_days()
    assert hear(house, "And today?", phone="628110000001", at=cast.ago(seconds=1)) == talk
    assert "And today?" in page(browser, f"{talk.pk}/")


def test_beside_other_keys_it_says_so_and_no_ciphertext_goes_out_as_a_token(database, media, tmp_path, settings):
    talk = filled(media)
    Message.objects.filter(wamid="wamid.OUT1").delete()
    waiting = ours(
        talk, "Are you there?", Word.QUEUED, work="waiting", due_at=timezone.now(),
        deadline=timezone.now() + timedelta(minutes=5), identity=talk.contact.identities.get(kind="phone"),
        author=User.objects.get(email="alice@example.com"),
    )  # fmt: skip
    right = list(settings.FIELD_KEYS)
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    lost_and_restored(media, tmp_path)

    (found,) = findings()
    assert (found.id, found.level) == ("gigaviz.E008", checks.ERROR)
    assert "FIELD_KEYS opens none of the stored secrets" in found.msg
    assert "access token of connection: 1 of 1" in found.msg
    assert "Put the keys that were in use" in str(found.hint)
    with connection.cursor() as cursor:
        cursor.execute("SELECT access_token FROM connections_connection")
        (ciphertext,) = cursor.fetchone()
    assert ciphertext not in f"{found.msg}{found.hint}"

    number = Connection.objects.defer("access_token").get()
    with pytest.raises(Unusable, match="cannot be decrypted with any of FIELD_KEYS"):
        choice.account(number)
    settings.GRAPH_BASE_URLS = {"simulator": "http://127.0.0.1:1"}  # nobody: whoever calls there fails otherwise
    sending.deliver(waiting.pk)
    browser = signed_in(User.objects.get(email="alice@example.com"))
    assert "cannot be decrypted" in page(browser, f"{talk.pk}/thread/")
    assert Client().post(f"/webhooks/meta/{number.meta_app_id}/").status_code == 404
    public_id = MetaApp.objects.values_list("public_id", flat=True).get()
    assert Client().post(f"/webhooks/meta/{public_id}/", b"{}", content_type="application/json").status_code == 503

    settings.FIELD_KEYS = [*settings.FIELD_KEYS, *right]
    assert findings() == []
    assert Connection.objects.get().access_token == "token-of-kopi-kita"


@pytest.mark.django_db
def test_some_secrets_that_do_not_open_are_a_warning_with_their_place(settings):
    cast.kopi_kita()
    settings.FIELD_KEYS = [Fernet.generate_key().decode(), *settings.FIELD_KEYS]
    cast.teh_tubruk()
    assert findings() == []
    settings.FIELD_KEYS = settings.FIELD_KEYS[:1]
    (found,) = findings()
    assert (found.id, found.level) == ("gigaviz.W009", checks.WARNING)
    assert "does not open 3 of the stored secrets" in found.msg
    assert "app secret of meta app: 1 of 2" in found.msg


@pytest.mark.django_db
def test_a_second_factor_that_does_not_open_is_counted_too(settings):
    alice = cast.alice(cast.kopi_kita())
    Authenticator.objects.create(user=alice, type="totp", data={"secret": SecondFactors().encrypt("JBSWY3DP")})
    Authenticator.objects.create(user=alice, type="recovery_codes", data={"used_mask": 0, "seed": "in the clear"})
    assert findings() == []
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    (found,) = findings()
    assert "second factors of members: 1 of 1" in found.msg


@pytest.mark.django_db
def test_a_column_that_a_migration_has_yet_to_make_is_no_finding():
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE connections_connection DROP COLUMN access_token")
    assert findings() == []
