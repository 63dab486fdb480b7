"""A secret being replaced: old and new are both good for seven days, and nothing that Meta signs is turned away."""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from connections import app_secrets, meta_apps
from connections.meta_apps import Described
from connections.models import MetaApp
from connections.tasks import forget_old_secrets
from tests import cast
from tests.inbox.screens import signed_in, version
from webhooks import views
from workspaces.models import AuditEntry, Role

pytestmark = pytest.mark.django_db

OLD, NEW = "secret of kopi-kita", "the new secret"
BODY = b'{"object": "whatsapp_business_account", "entry": []}'


@pytest.fixture
def app(house) -> MetaApp:
    MetaApp.objects.filter(owner=house.workspace).update(checked_at=timezone.now())
    return MetaApp.objects.get(owner=house.workspace)


def rotate(app: MetaApp, secret: str, *, is_checked: bool = True) -> MetaApp:
    said = Described(app.name, app.app_id, app.is_simulated, secret)
    meta_apps.change(app, said, by=None, checked_at=timezone.now() if is_checked else None)
    return MetaApp.objects.get(pk=app.pk)


def door(app: MetaApp, secret: str, body: bytes = BODY) -> int:
    """What Meta is answered when it signs with this secret, once the door has forgotten what it knew."""
    views._doors.clear()
    return knock(app, secret, body)


def knock(app: MetaApp, secret: str, body: bytes = BODY) -> int:
    signature = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    headers = {"X-Hub-Signature-256": signature}
    return Client().post(f"/webhooks/meta/{app.public_id}/", body, "application/json", headers=headers).status_code


def end(app: MetaApp, by: Client):
    return by.post(f"/w/kopi-kita/settings/connections/apps/{app.pk}/old-secret/")


def test_both_secrets_open_the_door_for_seven_days_and_no_third_one_does(app):
    app = rotate(app, NEW)
    assert [door(app, secret) for secret in (NEW, OLD, "", "another")] == [200, 200, 403, 403]
    assert app.previous_secret_until is not None
    left = app.previous_secret_until - timezone.now()
    assert timedelta(days=6, hours=23) < left <= timedelta(days=7)


def test_after_seven_days_the_old_one_is_turned_away_and_then_forgotten(app):
    app = rotate(app, NEW)
    MetaApp.objects.update(previous_secret_until=timezone.now() - timedelta(seconds=1))
    assert [door(app, NEW), door(app, OLD)] == [200, 403]
    forget_old_secrets()
    app.refresh_from_db()
    assert (app.app_secret, app.previous_secret, app.previous_secret_until) == (NEW, "", None)


def test_an_old_secret_is_not_forgotten_before_its_time(app):
    app = rotate(app, NEW)
    forget_old_secrets()
    assert door(app, OLD) == 200


def test_a_door_that_knows_the_old_secret_takes_the_new_one_at_once(app):
    assert door(app, OLD) == 200
    app = rotate(app, NEW)
    assert knock(app, NEW) == 200


def test_the_old_one_can_be_ended_at_once_and_that_is_audited_without_it(app, house):
    app = rotate(app, NEW)
    bob = signed_in(cast.bob(house))
    page = bob.get(f"/w/kopi-kita/settings/connections/apps/{app.pk}/").content.decode()
    assert "End it now" in page
    assert OLD not in page
    assert NEW not in page
    before = version(house)
    assert end(app, bob).status_code == 302
    assert [door(app, NEW), door(app, OLD)] == [200, 403]
    entry = AuditEntry.objects.get(action="old app secret ended")
    assert (str(entry.actor), entry.subject_id) == ("Bob", str(app.pk))
    assert version(house) > before, "it is a marker in the app's threads"
    assert "End it now" not in bob.get(f"/w/kopi-kita/settings/connections/apps/{app.pk}/").content.decode()
    assert end(app, bob).status_code == 302
    assert AuditEntry.objects.filter(action="old app secret ended").count() == 1


@pytest.mark.parametrize("role", [Role.OPS, Role.AGENT])
def test_who_may_not_manage_connections_ends_nothing(app, house, role):
    app = rotate(app, NEW)
    assert end(app, signed_in(cast.person(house.workspace, "Dana", role))).status_code == 403
    assert door(app, OLD) == 200


def test_the_replacement_is_audited_and_marks_the_threads_without_either_secret(app, house):
    before = version(house)
    rotate(app, NEW)
    entry = AuditEntry.objects.get(action="app secret replaced")
    assert entry.subject_id == str(app.pk)
    assert OLD not in str(vars(entry))
    assert NEW not in str(vars(entry))
    assert version(house) > before


def test_a_second_replacement_keeps_the_one_before_it_only(app):
    app = rotate(rotate(app, NEW), "the newest")
    assert [door(app, secret) for secret in ("the newest", NEW, OLD)] == [200, 200, 403]


def test_a_slip_of_the_hand_that_graph_never_confirmed_does_not_push_out_the_secret_in_use(app):
    app = rotate(rotate(app, "a slip", is_checked=False), NEW)
    assert [door(app, secret) for secret in (NEW, OLD, "a slip")] == [200, 200, 403]


def test_going_back_to_the_old_secret_keeps_both(app):
    app = rotate(rotate(app, "a slip", is_checked=False), OLD)
    assert [door(app, OLD), door(app, "a slip")] == [200, 200]


def test_the_same_secret_again_is_no_replacement(app):
    app = rotate(app, OLD, is_checked=False)
    assert (app.previous_secret, app.checked_at is None) == ("", False)
    assert not AuditEntry.objects.filter(action="app secret replaced").exists()


def test_an_old_secret_that_does_not_decrypt_does_not_close_the_door(app, settings):
    app = rotate(app, NEW)
    lost = settings.FIELD_KEYS
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    MetaApp.objects.filter(pk=app.pk).update(app_secret="the newest")
    assert [door(app, "the newest"), door(app, OLD)] == [200, 403]
    settings.FIELD_KEYS = [*settings.FIELD_KEYS, *lost]
    assert door(app, OLD) == 200


def test_the_door_asks_the_database_once_whether_or_not_there_is_an_old_secret(app):
    def asked() -> int:
        views._doors.clear()
        with CaptureQueriesContext(connection) as queries:
            views._door(app.public_id)
        return len(queries)

    assert asked() == 1
    app = rotate(app, NEW)
    assert asked() == 1
    assert knock(app, NEW) == 200
    assert views._doors[app.public_id].secrets == (NEW, OLD)


def test_the_old_secret_is_encrypted_at_rest(app):
    rotate(app, NEW)
    with connection.cursor() as cursor:
        cursor.execute("SELECT app_secret, previous_secret FROM connections_metaapp")
        stored = cursor.fetchall()
    assert all(value.startswith("gAAAAA") for row in stored for value in row)


def test_good_names_the_old_one_only_while_it_is_good(app):
    app = rotate(app, NEW)
    now = timezone.now()
    assert app_secrets.good(app, now) == (NEW, OLD)
    assert app_secrets.good(app, now + timedelta(days=8)) == (NEW,)
