"""The door for Meta: what is signed is stored byte for byte before the 200; nothing else is."""

from __future__ import annotations

import hashlib
import hmac
import json
from io import BytesIO

import pytest
from cryptography.fernet import Fernet
from django.test import Client

from connections.models import Connection, MetaApp
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


def through_the_server(app: MetaApp, body: bytes, signature: str, length: str) -> str:
    """The status of a POST with this Content-Length, as the web server hands it on."""
    said: list[str] = []
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": f"/webhooks/meta/{app.public_id}/",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "CONTENT_LENGTH": length,
        "HTTP_X_HUB_SIGNATURE_256": signature,
        "wsgi.input": BytesIO(body),
        "wsgi.url_scheme": "http",
    }
    list(application(environ, lambda status, headers: said.append(status)))
    return said[0][:3]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("sent", "length", "status"),
    [
        (BODY, len(BODY), "200"),
        (BODY[:20], len(BODY), "403"),
        (BODY, 20, "403"),
        (BODY, "many", "400"),
        (BODY, "", "403"),
    ],
)
def test_only_a_body_that_arrives_whole_is_stored(app, sent, length, status):
    assert through_the_server(app, sent, signed(app, BODY), str(length)) == status
    assert WebhookEvent.objects.count() == (status == "200")


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


@pytest.mark.parametrize("path", ["meta/", "meta/../", "meta/%00/", "meta/a b/", "meta/" + "a" * 5000 + "/", "meta"])
def test_a_mangled_address_is_a_404(path):
    assert Client().post(f"/webhooks/{path}", BODY, content_type="application/json").status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        {"hub.mode": "unsubscribe", "hub.challenge": "1", "hub.verify_token": "verify"},
        {"hub.mode": "subscribe", "hub.challenge": "1", "hub.verify_token": ""},
        {
            "hub.mode": "subscribe",
            "hub.challenge": "1",
            "hub.verify_token": "verify\x00é",
        },
        {"hub.mode": "subscribe", "hub.challenge": "1", "hub.verify_token": b"\xff\xfe"},
    ],
)
def test_an_odd_handshake_is_refused(app, query):
    response = Client().get(f"/webhooks/meta/{app.public_id}/", query)
    assert (response.status_code, response.content) == (403, b"The verify token is wrong.")


def test_an_app_without_a_verify_token_shakes_no_hand(app):
    MetaApp.objects.filter(pk=app.pk).update(verify_token="")
    query = {"hub.mode": "subscribe", "hub.challenge": "1", "hub.verify_token": ""}
    assert Client().get(f"/webhooks/meta/{app.public_id}/", query).status_code == 403


@pytest.fixture
def other_keys(app, settings):
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]


def test_a_secret_that_does_not_decrypt_is_said_and_nothing_gets_in(app, other_keys):
    query = {"hub.mode": "subscribe", "hub.challenge": "1", "hub.verify_token": "verify"}
    answers = [post(app, BODY), Client().get(f"/webhooks/meta/{app.public_id}/", query)]
    assert [answer.status_code for answer in answers] == [503, 503]
    assert "FIELD_KEYS" in answers[0].content.decode()
    assert not WebhookEvent.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_app_that_was_just_deleted_is_answered_in_words(app):
    assert post(app, BODY).status_code == 200
    Connection.objects.all().delete()
    app.delete()
    assert post(app, b"{}").status_code in {404, 503}


def test_a_body_for_one_app_is_never_stored_for_another(app):
    other = cast.teh_tubruk().connection.meta_app
    post(app, BODY)
    post(other, BODY)
    assert WebhookEvent.objects.filter(meta_app=app).count() == WebhookEvent.objects.filter(meta_app=other).count() == 1
