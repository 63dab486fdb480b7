"""The one incoming door: Meta's handshake, and signed bodies. Verify, store, wake, answer; nothing else."""

from __future__ import annotations

import hmac
import time
from dataclasses import dataclass

from django.core.exceptions import RequestDataTooBig
from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.http.request import RawPostDataException
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from connections import app_secrets
from connections.fields import UndecryptableSecretError
from connections.models import MetaApp

from . import log, signature, wake

KEEP_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Door:
    """What the door must know of a Meta app, kept for a few seconds: decrypting costs more than storing."""

    meta_app_id: int
    secrets: tuple[str, ...]
    until: float


_doors: dict[str, Door] = {}


@csrf_exempt
@require_http_methods(["GET", "POST"])
def meta(request: HttpRequest, public_id: str) -> HttpResponse:
    try:
        return _handshake(request, public_id) if request.method == "GET" else _receive(request, public_id)
    except Error:
        return _say("Not stored: the database does not take it. Please send this again.", 503)
    except UndecryptableSecretError:
        return _say("The secrets of this app cannot be read here; FIELD_KEYS has to be put right.", 503)


def _receive(request: HttpRequest, public_id: str) -> HttpResponse:
    door = _door(public_id)
    if door is None:
        return _say("No such address.", 404)
    try:
        body = request.body
    except RequestDataTooBig:
        log.count_refusal(door.meta_app_id, "too_big")
        return _say("The body is larger than 3 MB.", 413)
    except (RawPostDataException, OSError, ValueError):  # cut off, or of a length that is no number
        return _say("The body did not arrive whole.", 400)
    header = request.META.get("HTTP_X_HUB_SIGNATURE_256")
    reason = signature.verify(door.secrets, body, header).reason
    if reason and (fresh := _door(public_id, is_fresh=True)) is not None and fresh.secrets != door.secrets:
        reason = signature.verify(fresh.secrets, body, header).reason
    if reason:
        log.count_refusal(door.meta_app_id, reason)
        return _say("The signature is missing or wrong.", 403)
    log.store(door.meta_app_id, body)
    wake.wake_drain()
    return _say("stored", 200)


def _handshake(request: HttpRequest, public_id: str) -> HttpResponse:
    app = MetaApp.objects.filter(public_id=public_id).only("verify_token").first()
    if app is None:
        return _say("No such address.", 404)
    token = request.GET.get("hub.verify_token", "").encode()
    is_known = bool(app.verify_token) and hmac.compare_digest(token, app.verify_token.encode())
    if request.GET.get("hub.mode") != "subscribe" or not is_known:
        log.count_refusal(app.pk, "handshake")
        return _say("The verify token is wrong.", 403)
    MetaApp.objects.filter(pk=app.pk).update(handshake_at=timezone.now())
    return _say(request.GET.get("hub.challenge", ""), 200)


def _door(public_id: str, *, is_fresh: bool = False) -> Door | None:
    door = _doors.get(public_id)
    if door is not None and not is_fresh and door.until > time.monotonic():
        return door
    app = _app(public_id)
    if app is None:
        _doors.pop(public_id, None)
        return None
    secrets = app_secrets.good(app, timezone.now())
    door = _doors[public_id] = Door(app.pk, secrets, time.monotonic() + KEEP_SECONDS)
    return door


def _app(public_id: str) -> MetaApp | None:
    """With its secrets. An old one that cannot be read is no reason to turn away what the new one signs."""
    apps = MetaApp.objects.filter(public_id=public_id)
    try:
        return apps.only("app_secret", "previous_secret", "previous_secret_until").first()
    except UndecryptableSecretError:
        return apps.only("app_secret", "previous_secret_until").first()


def _say(text: str, status: int) -> HttpResponse:
    headers = {"X-Content-Type-Options": "nosniff"}  # a challenge is whatever the asker wrote
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8", headers=headers)
