"""The door for Meta: what is signed is stored byte for byte before the 200; nothing else is."""

from __future__ import annotations

import hashlib
import hmac
import json
from io import BytesIO

import pytest
from django.test import Client

from connections.models import MetaApp
from gigaviz.wsgi import application
from tests import cast
from webhooks.models import Refusal, WebhookEvent

pytestmark = pytest.mark.django_db

BODY = json.dumps({"object": "whatsapp_business_account", "entry": []}).encode()


@pytest.fixture
def app() -> MetaApp:
    return cast.kopi_kita().connection.meta_app


def signed(app: MetaApp, body: bytes) -> str:
    return "sha256=" + hmac.new(app.app_secret.encode(), body, hashlib.sha256).hexdigest()


def post(app: MetaApp, body: bytes, signature: str | None = None, **headers):
    headers["X-Hub-Signature-256"] = signed(app, body) if signature is None else signature
    return Client().post(f"/webhooks/meta/{app.public_id}/", body, content_type="application/json", headers=headers)


def test_a_signed_body_is_stored_byte_for_byte(app):
    body = b'{"object": "whatsapp_business_account",  "entry": [ "\\u0000 \xff" ]}'
    assert post(app, body).status_code == 200
    event = WebhookEvent.objects.get()
    assert (bytes(event.body), event.state, event.times_received) == (body, "waiting", 1)


def test_a_verbatim_repeat_is_counted_and_not_stored_again(app):
    assert [post(app, BODY).status_code for _ in range(3)] == [200, 200, 200]
    assert WebhookEvent.objects.get().times_received == 3


@pytest.mark.parametrize(
    ("signature", "reason"),
    [("", "missing"), ("sha256=00", "malformed"), ("md5=abc", "malformed"), ("sha256=" + "0" * 64, "wrong")],
)
def test_a_bad_signature_is_refused_and_counted_with_its_reason(app, signature, reason):
    assert post(app, BODY, signature).status_code == 403
    assert not WebhookEvent.objects.exists()
    assert Refusal.objects.values_list("reason", "count").get() == (reason, 1)


def test_a_body_signed_with_another_apps_secret_is_refused(app):
    other = cast.teh_tubruk().connection.meta_app
    assert post(app, BODY, signed(other, BODY)).status_code == 403


def test_an_app_without_a_secret_lets_nothing_in(app):
    MetaApp.objects.filter(pk=app.pk).update(app_secret="")
    empty = "sha256=" + hmac.new(b"", BODY, hashlib.sha256).hexdigest()
    assert post(app, BODY, empty).status_code == 403


def test_a_secret_that_was_just_replaced_counts_at_once(app):
    assert post(app, BODY).status_code == 200
    app.app_secret = "the new secret of this app"
    app.save(update_fields=["app_secret"])
    assert post(app, b'{"entry": [1]}').status_code == 200


@pytest.mark.parametrize("body", [b"", b"not json", b"\xff\xfe", b"[" * 100_000, b'{"entry": NaN}', b'{"a": 1e400}'])
def test_signed_nonsense_is_stored_and_answered_200(app, body):
    assert post(app, body).status_code == 200
    assert bytes(WebhookEvent.objects.get().body) == body


def test_a_body_of_three_megabytes_is_taken(app):
    body = b'{"entry": ["' + b"x" * (3 * 1024 * 1024 - 20) + b'"]}'
    assert post(app, body).status_code == 200
    assert len(bytes(WebhookEvent.objects.get().body)) == len(body)


def test_a_larger_body_is_refused_with_a_reason_and_counted(app):
    assert post(app, b"x" * (3 * 1024 * 1024 + 1)).status_code == 413
    assert Refusal.objects.get().reason == "too_big"


@pytest.mark.django_db(transaction=True)
def test_a_truncated_body_is_refused(app):
    whole = b'{"object": "whatsapp_business_account", "entry": []}'
    said: dict[str, str] = {}
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": f"/webhooks/meta/{app.public_id}/",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "CONTENT_LENGTH": str(len(whole)),
        "HTTP_X_HUB_SIGNATURE_256": signed(app, whole),
        "wsgi.input": BytesIO(whole[:20]),
        "wsgi.url_scheme": "http",
    }
    list(application(environ, lambda status, headers: said.update(status=status)))
    assert said["status"].startswith("403")
    assert not WebhookEvent.objects.exists()


def test_an_unknown_address_is_a_404(app):
    assert Client().post("/webhooks/meta/0123456789abcdef/", BODY, content_type="application/json").status_code == 404


def test_other_methods_are_refused(app):
    assert Client().put(f"/webhooks/meta/{app.public_id}/", BODY).status_code == 405


def test_the_handshake_answers_the_challenge_and_is_remembered(app):
    query = {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": app.verify_token}
    response = Client().get(f"/webhooks/meta/{app.public_id}/", query)
    assert (response.status_code, response.content) == (200, b"1158201444")
    app.refresh_from_db()
    assert app.handshake_at is not None


@pytest.mark.parametrize("query", [{}, {"hub.mode": "subscribe", "hub.challenge": "1", "hub.verify_token": "guess"}])
def test_a_handshake_with_the_wrong_token_is_refused_and_counted(app, query):
    assert Client().get(f"/webhooks/meta/{app.public_id}/", query).status_code == 403
    assert Refusal.objects.get().reason == "handshake"


def test_the_challenge_is_never_read_as_a_page(app):
    query = {"hub.mode": "subscribe", "hub.challenge": "<script>", "hub.verify_token": app.verify_token}
    assert Client().get(f"/webhooks/meta/{app.public_id}/", query)["Content-Type"].startswith("text/plain")
