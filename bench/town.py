"""What every figure needs: a workspace with a number, and the bodies that Meta would send to it."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.test import Client

APP_SECRET = "the secret of a bench"


@dataclass(frozen=True)
class Town:
    workspace_id: int
    meta_app_id: int
    public_id: str
    connection_id: int
    phone_number_id: str


def build(slug: str = "bench", phone_number_id: str = "100000000000001") -> Town:
    from django.utils import timezone

    from connections import sandbox
    from connections.models import Connection, Environment, MetaApp
    from workspaces.creation import create_workspace

    workspace = create_workspace(name=slug.capitalize(), slug=slug, country="ID")
    app = MetaApp.objects.create(owner=workspace, name=slug, app_id=slug, app_secret=APP_SECRET, verify_token="verify")
    connection = Connection.objects.create(
        workspace=workspace,
        meta_app=app,
        name=slug,
        phone_number_id=phone_number_id,
        waba_id="200000000000001",
        access_token="token",
        environment=Environment.SIMULATOR,
        proven_at=timezone.now(),
    )
    sandbox.switch(workspace, on=False)
    return Town(workspace.pk, app.pk, app.public_id, connection.pk, phone_number_id)


def status(wamid: str, word: str, at: datetime, callback_data: str, phone: str) -> dict[str, object]:
    """A status as Meta sends it today: with the recipient's both ids, pricing and our own callback data."""
    return {
        "id": wamid,
        "status": word,
        "timestamp": str(int(at.timestamp())),
        "recipient_id": phone,
        "recipient_user_id": f"ID.{phone}",
        "biz_opaque_callback_data": callback_data,
        "conversation": {"id": hashlib.md5(wamid.encode()).hexdigest(), "origin": {"type": "service"}},
        "pricing": {"billable": False, "pricing_model": "PMP", "category": "service", "type": "free_customer_service"},
    }


def body(town: Town, statuses: list[dict[str, object]]) -> bytes:
    contacts = [
        {"profile": {"name": "Dewi Lestari"}, "wa_id": one["recipient_id"], "user_id": one["recipient_user_id"]}
        for one in statuses
    ]
    return _envelope(town, {"contacts": contacts, "statuses": statuses})


def _envelope(town: Town, parts: dict[str, object]) -> bytes:
    metadata = {"display_phone_number": "15550100000", "phone_number_id": town.phone_number_id}
    value = {"messaging_product": "whatsapp", "metadata": metadata, **parts}
    entry = {"id": "200000000000001", "changes": [{"value": value, "field": "messages"}]}
    return json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()


def said(town: Town, number: int, at: datetime) -> bytes:
    """A customer writes a text; every number is a message of its own, from one of 500 people."""
    phone = f"62811{1 + number % 500:08d}"
    message = {
        "from": phone,
        "from_user_id": f"ID.{1 + number % 500}",
        "id": f"wamid.BENCHIN{town.connection_id}.{number}",
        "timestamp": str(int(at.timestamp())),
        "type": "text",
        "text": {"body": f"Hello, this is message {number}. Do you have the Gayo beans again?"},
    }
    contact = {"profile": {"name": "Dewi Lestari"}, "wa_id": phone, "user_id": message["from_user_id"]}
    return _envelope(town, {"contacts": [contact], "messages": [message]})


def signature(content: bytes) -> str:
    return "sha256=" + hmac.new(APP_SECRET.encode(), content, hashlib.sha256).hexdigest()


@dataclass(frozen=True)
class Reader:
    """A member who is signed in: `cookie` is what the browser would send."""

    user_id: int
    slug: str
    cookie: str


def member(place: Town, slug: str) -> Reader:
    from django.conf import settings
    from django.test import Client

    from workspaces.models import Membership, Role, User

    user = User.objects.create_user(email=f"{slug}@bench.example", name="Sari Wulandari")
    Membership.objects.create(workspace_id=place.workspace_id, user=user, role=Role.AGENT)
    client = Client()
    client.force_login(user)
    return Reader(user.pk, slug, f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}")


def client(reader: Reader) -> Client:
    """The product's pages in this process, for whoever has to count or explain what they ask of the database."""
    from django.test import Client

    name, _, value = reader.cookie.partition("=")
    made = Client(SERVER_NAME="127.0.0.1")
    made.cookies[name] = value
    return made


def version(place: Town) -> int:
    from workspaces.models import WorkspaceClock

    return WorkspaceClock.objects.get(pk=place.workspace_id).version
