"""Planted secrets are found nowhere: in no page of any role, in no export, no log, no error page, no audit entry.

Every address that answers GET is asked, as everybody. What a new address needs in its path is added to `parts` below.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from cryptography.fernet import Fernet
from django.apps import apps
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from connections.fields import EncryptedTextField
from connections.models import MetaApp, NewToken
from inbox.models import SendAttempt, Word, Work
from optouts import ledger
from optouts.ledger import NewConsent
from tests import cast
from tests.connections.wire import Wire
from tests.inbox.screens import hear, inbox, ours, signed_in
from webhooks.models import WebhookEvent
from workspaces.models import Role, User

pytestmark = pytest.mark.django_db

PASSWORD = "planted passphrase kXw9"
TOTP_SECRET = "PLANTEDTOTPSECRETKXW9ABCDEFGHIJK2"
TYPED = {"ACCESS_TOKEN": "EAAplantedTokenTypedKxW9", "APP_SECRET": "planted0app0secret0typed0kxw9"}
# Where the verify token is shown, to be pasted into Meta's dashboard: its own page, to those who may connect.
SHOWN_AT = "/w/kopi-kita/settings/connections/apps/{}/"


class Planted:
    """A workspace with one of everything, every secret of it known."""

    def __init__(self) -> None:
        self.house = cast.kopi_kita()
        self.people = {role: cast.person(self.house.workspace, role.label, role) for role in Role}
        self.conversation = hear(self.house, "Hello")
        self.message = ours(self.conversation, "Hi", Word.FAILED, attempt=1, work=Work.DONE, problem={"code": 190})
        said = NewConsent("phone", "628110000009", "all", "out", "import", "", "line 1", timezone.now())
        (self.stop,) = ledger.record(self.house.workspace.pk, [said])
        self.attempt()
        NewToken.objects.create(connection=self.house.connection, access_token="waits", at=cast.ago(minutes=1))
        self.app = self.house.connection.meta_app
        self.secrets = {"password": PASSWORD, "TOTP secret": TOTP_SECRET, **TYPED}
        self.secrets |= {f"FIELD_KEYS {n}": key for n, key in enumerate(settings.FIELD_KEYS)}
        self.secrets["SECRET_KEY"] = settings.SECRET_KEY
        self.plant_in_every_encrypted_column()
        for user in self.people.values():
            user.set_password(PASSWORD)
            user.save(update_fields=["password"])
            TOTP.activate(user, TOTP_SECRET)
            RecoveryCodes.activate(user)

    def attempt(self) -> None:
        SendAttempt.objects.create(
            message=self.message,
            connection=self.house.connection,
            number=1,
            started_at=cast.ago(minutes=1),
            outcome="refused",
            code=190,
            phone_number_id="1",
            recipient_kind="phone",
            recipient="628110000001",
        )

    def plant_in_every_encrypted_column(self) -> None:
        for model, field in encrypted_columns():
            for row in model._default_manager.all():
                secret = f"planted {model.__name__} {field} {row.pk} kXw9"
                model._default_manager.filter(pk=row.pk).update(**{field: secret})
                self.secrets[f"{model.__name__}.{field}"] = secret

    @property
    def verify_token(self) -> str:
        return self.secrets["MetaApp.verify_token"]

    @property
    def parts(self) -> dict[str, object]:
        """What stands in the paths of addresses."""
        event = WebhookEvent.objects.first()
        assert event is not None
        own = self.house.connection
        return {
            "slug": "kopi-kita",
            "conversation_id": self.conversation.pk,
            "message_id": self.message.pk,
            "app_id": self.app.pk,
            "number_id": own.pk,
            "membership_id": self.house.workspace.memberships.first().pk,  # type: ignore[union-attr]
            "day": event.day,
            "event_id": event.pk,
            "consent_id": self.stop,
            "public_id": self.app.public_id,
            "waba_id": own.waba_id,
            "uidb36": "1",
            "key": "set-password",
        } | dict.fromkeys(NOT_THERE, 1)


# Of these there is none in the workspace; a page of theirs is asked for all the same.
NOT_THERE = ("share_id", "invitation_id", "template_id", "session_id", "pk", "token")


def encrypted_columns() -> list[tuple[type[Model], str]]:
    return [
        (model, field.name)
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, EncryptedTextField)
    ]


@pytest.fixture
def planted(caplog) -> Planted:
    caplog.set_level(logging.DEBUG)
    return Planted()


def addresses(parts: dict[str, object], resolver: Any = None, prefix: str = "/") -> Iterator[str]:
    """Every address of the site, with something of its kind in each place."""
    for one in (resolver or get_resolver()).url_patterns:
        route = getattr(one.pattern, "_route", None)
        if isinstance(one, URLResolver):
            yield from addresses(parts, one, prefix + filled(str(route or ""), parts))
        elif route is not None:
            yield prefix + filled(str(route), parts)
        else:
            yield named(one, parts)


def filled(route: str, parts: dict[str, object]) -> str:
    names = re.findall(r"<(?:\w+:)?(\w+)>", route)
    assert set(names) <= parts.keys(), f"{route} has a new kind of place: say in `parts` what stands there"
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(parts[found[1]]), route)


def named(pattern: URLPattern, parts: dict[str, object]) -> str:
    return reverse(str(pattern.name), kwargs={name: parts[name] for name in pattern.pattern.regex.groupindex})


def body_of(response: Any) -> str:
    whole = b"".join(response.streaming_content) if response.streaming else response.content
    return str(whole.decode(errors="replace")) + str(response.headers)


def assert_tells_nothing(where: str, text: str, secrets: dict[str, str]) -> None:
    told = [name for name, secret in secrets.items() if secret in text]
    assert told == [], f"{where} tells {told}"


def assert_logs_tell_nothing(caplog, secrets: dict[str, str]) -> None:
    said = "\n".join(f"{record.getMessage()} {record.__dict__} {record.exc_text}" for record in caplog.records)
    assert_tells_nothing("the log", said, secrets)


def ask_everything(browser: Client, planted: Planted, shown_at: str = "") -> dict[str, int]:
    browser.raise_request_exception = False
    found = {}
    for address in addresses(planted.parts):
        if "logout" in address:
            continue
        response = browser.get(address)
        secrets = dict(planted.secrets)
        if address == shown_at:
            del secrets["MetaApp.verify_token"]
        text = body_of(response)
        assert_tells_nothing(address, text, secrets)
        assert "gAAAAA" not in text, f"{address} tells a ciphertext"
        found[address] = response.status_code
    return found


@pytest.mark.parametrize("role", Role)
def test_no_page_of_any_role_nor_the_log_of_it_tells_a_secret(planted, caplog, role):
    may_connect = role in {Role.OWNER, Role.ADMIN}
    page = SHOWN_AT.format(planted.app.pk)
    browser = signed_in(planted.people[role])
    found = ask_everything(browser, planted, page if may_connect else "")
    assert [address for address, status in found.items() if status >= 500] == []
    assert found[inbox(planted.house, f"messages/{planted.message.pk}/evidence/")] == 200
    assert found["/w/kopi-kita/settings/audit/csv/"] == (403 if role == Role.AGENT else 200)
    # The one exception is none for those who may not connect, and is still needed for those who may.
    assert (planted.verify_token in body_of(browser.get(page))) == may_connect
    assert_logs_tell_nothing(caplog, planted.secrets)


@pytest.mark.parametrize("who", ["nobody", "an outsider"])
def test_no_page_tells_a_secret_to_whoever_is_outside(planted, caplog, who):
    browser = Client() if who == "nobody" else signed_in(cast.charlie())
    found = ask_everything(browser, planted)
    assert {status for address, status in found.items() if address.startswith("/w/")} <= {302, 404, 405}
    assert_logs_tell_nothing(caplog, planted.secrets)


def test_no_error_page_nor_the_log_of_it_tells_a_secret_or_its_ciphertext(planted, caplog):
    """After FIELD_KEYS was lost, whatever reads a secret fails: on the screen, in words."""
    other = Fernet(Fernet.generate_key())
    with connection.cursor() as cursor:
        for model, field in encrypted_columns():
            lost = other.encrypt(b"planted and lost").decode()
            cursor.execute(f"UPDATE {model._meta.db_table} SET {field} = %s WHERE {field} <> ''", [lost])
            planted.secrets[f"ciphertext of {model.__name__}.{field}"] = lost
    ask_everything(signed_in(planted.people[Role.OWNER]), planted)
    assert_logs_tell_nothing(caplog, planted.secrets)


def test_a_password_or_a_code_that_was_typed_wrong_is_not_said_back(planted, caplog):
    browser = Client()
    for password in (PASSWORD, f"{PASSWORD} mistyped"):
        form = {"login": "nobody@example.com", "password": password}
        answer = browser.post("/accounts/login/", form)
        assert answer.status_code == 200
        assert_tells_nothing("the sign-in", body_of(answer), planted.secrets)
    owner = signed_in(planted.people[Role.OWNER])
    form = {"oldpassword": f"{PASSWORD}?", "password1": PASSWORD, "password2": f"{PASSWORD}!"}
    assert_tells_nothing("the change", body_of(owner.post("/accounts/password/change/", form)), planted.secrets)
    assert_logs_tell_nothing(caplog, planted.secrets)


def test_secrets_that_are_typed_are_neither_said_back_nor_written_down(planted, caplog, monkeypatch):
    wire = Wire(monkeypatch)
    wire.answer(401, {"error": {"code": 190, "message": f"Bad {TYPED['ACCESS_TOKEN']}", "type": "OAuthException"}})
    owner = signed_in(planted.people[Role.OWNER])
    form = {"name": "App", "app_id": "not a number", "app_secret": TYPED["APP_SECRET"]}
    for address in ("/w/kopi-kita/settings/connections/apps/new/", SHOWN_AT.format(planted.app.pk)):
        answer = owner.post(address, form)
        assert answer.status_code == 422
        secrets = {name: secret for name, secret in planted.secrets.items() if name != "MetaApp.verify_token"}
        assert_tells_nothing(address, body_of(answer), secrets)
    owner.post(f"{SHOWN_AT.format(planted.app.pk)}verify-token/")
    given = {"VERIFY_TOKEN": "planted verify token typed kXw9", **TYPED}
    for name, secret in given.items():
        monkeypatch.setenv(name, secret)
    options = ["--workspace=kopi-kita", "--name=Orders", "--app-id=600000000000006", "--environment=simulator"]
    with pytest.raises(CommandError) as refused:
        call_command("add_connection", *options, "--phone-number-id=100000000000005", "--waba-id=200000000000006")
    secrets = planted.secrets | given | {"new verify token": MetaApp.objects.get(pk=planted.app.pk).verify_token}
    assert_tells_nothing("the command", str(refused.value), secrets)
    assert planted.house.workspace.audit_entries.filter(action="connection saved").exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT entry::text FROM workspaces_auditentry entry")
        assert_tells_nothing("the audit trail", str(cursor.fetchall()), secrets)
    for address in ("/w/kopi-kita/settings/audit/", "/w/kopi-kita/settings/audit/csv/"):
        assert_tells_nothing(address, body_of(owner.get(address)), secrets)
    assert_logs_tell_nothing(caplog, secrets)


def test_the_walk_reaches_every_part_of_the_site(planted):
    asked = set(addresses(planted.parts))
    for part in ("inbox/list/", "diagnostics/", "settings/members/", "settings/audit/csv/", "settings/connections/"):
        assert f"/w/kopi-kita/{part}" in asked
    assert "/accounts/2fa/totp/activate/" in asked
    assert User.objects.filter(password__contains=PASSWORD).count() == 0
    assert {model.__name__ for model, _ in encrypted_columns()} >= {"MetaApp", "Connection"}
