"""The cast of every test: Kopi Kita, where alice is an agent and bob an admin, and charlie, who works elsewhere."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from django.utils import timezone

from connections.models import AppShare, Connection, Environment, MetaApp, Sandbox
from webhooks import log
from workspaces.creation import create_workspace
from workspaces.models import Membership, Role, User, Workspace

PAYLOADS = Path(__file__).parent / "payloads"
PASSWORD = "a long enough passphrase"
_numbers = count(1)


@dataclass(frozen=True)
class House:
    """A workspace with its number. Sandbox mode is off, so that a test which is not about it can send."""

    workspace: Workspace
    connection: Connection


def kopi_kita() -> House:
    return house("Kopi Kita", "kopi-kita", "100000000000001", "200000000000002", "15550100000")


def teh_tubruk() -> House:
    return house("Teh Tubruk", "teh-tubruk", "100000000000009", "200000000000009", "15550100900")


def house(name: str, slug: str, phone_number_id: str, waba_id: str, display: str) -> House:
    workspace = create_workspace(name=name, slug=slug, country="ID")
    Sandbox.objects.create(workspace=workspace, is_on=False)
    app = MetaApp.objects.create(
        owner=workspace,
        name=f"{name} app",
        app_id=f"6{phone_number_id[1:]}",
        app_secret=f"secret of {slug}",
        verify_token="verify",
    )
    connection = Connection.objects.create(
        workspace=workspace,
        meta_app=app,
        name=name,
        display_phone_number=display,
        phone_number_id=phone_number_id,
        waba_id=waba_id,
        access_token=f"token-of-{slug}",
        environment=Environment.SIMULATOR,
        proven_at=timezone.now(),
    )
    return House(workspace, connection)


def lends(house: House, other: Workspace) -> AppShare:
    """The house's app is shared with another workspace, as both owners agreed."""
    now = timezone.now()
    app = house.connection.meta_app
    return AppShare.objects.create(meta_app=app, slug=other.slug, workspace=other, offered_at=now, accepted_at=now)


def person(workspace: Workspace, name: str, role: Role) -> User:
    user = User.objects.create_user(f"{name.lower()}@example.com", PASSWORD, name=name)
    Membership.objects.create(workspace=workspace, user=user, role=role)
    return user


def alice(house: House) -> User:
    return person(house.workspace, "Alice", Role.AGENT)


def bob(house: House) -> User:
    return person(house.workspace, "Bob", Role.ADMIN)


def charlie() -> User:
    """An agent of another workspace: to Kopi Kita an outsider."""
    return person(teh_tubruk().workspace, "Charlie", Role.AGENT)


def ago(**since: float) -> datetime:
    """A time in the past, in whole seconds as Meta has them."""
    return datetime.now(UTC).replace(microsecond=0) - timedelta(**since)


def envelope(house: House, *changes: dict[str, Any]) -> dict[str, Any]:
    entry = {"id": house.connection.waba_id, "changes": list(changes)}
    return {"object": "whatsapp_business_account", "entry": [entry]}


def change(house: House, **value: Any) -> dict[str, Any]:
    metadata = {
        "display_phone_number": house.connection.display_phone_number,
        "phone_number_id": house.connection.phone_number_id,
    }
    return {"field": "messages", "value": {"messaging_product": "whatsapp", "metadata": metadata, **value}}


def says(
    house: House,
    text: str = "Hello",
    *,
    phone: str = "628110000001",
    bsuid: str = "ID.1001",
    name: str = "Dewi",
    at: datetime | None = None,
    wamid: str | None = None,
    **fields: Any,
) -> dict[str, Any]:
    """The change that Meta sends when a customer writes; `fields` replace or add members of the message."""
    message = {
        "from": phone,
        "from_user_id": bsuid,
        "id": wamid or f"wamid.IN{next(_numbers)}",
        "timestamp": str(int((at or ago(minutes=1)).timestamp())),
        "type": "text",
        "text": {"body": text},
        **fields,
    }
    contact = {"profile": {"name": name}, "wa_id": phone, "user_id": bsuid}
    contact = {key: value for key, value in contact.items() if value}
    return change(house, contacts=[contact], messages=[{key: value for key, value in message.items() if value}])


def status(house: House, wamid: str, word: str, *, at: datetime | None = None, **fields: Any) -> dict[str, Any]:
    stamp = str(int((at or ago(seconds=30)).timestamp()))
    return change(house, statuses=[{"id": wamid, "status": word, "timestamp": stamp, **fields}])


def arrives(house: House, *changes: dict[str, Any], at: datetime | None = None) -> None:
    """Store a signed body with these changes, as the door does. A drain applies it."""
    log.store(house.connection.meta_app_id, json.dumps(envelope(house, *changes)).encode(), at)


def payload(name: str) -> bytes:
    return (PAYLOADS / name).read_bytes()
