"""Whether a connection is what it says: asked of Graph, answered in sentences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from workspaces.clock import tick

from . import choice
from .graph import client
from .graph.catalogue import explain_error
from .graph.errors import GraphError, Refused
from .models import Connection, MetaApp

SCOPES = ("whatsapp_business_messaging", "whatsapp_business_management")


@dataclass(frozen=True, slots=True)
class Finding:
    """One question asked, whether the answer is good, and what was found."""

    question: str
    is_good: bool
    evidence: str


def prove(connection: Connection, *, subscribe: bool = False) -> list[Finding]:
    """Ask Graph; with only good answers the connection is proven, and holds its number from then on.

    With `subscribe` the app is subscribed to the account's events if it is not, once all before that is good.
    """
    findings: list[Finding] = []
    for question, ask in (
        ("Is the access token good?", _token),
        ("Is the app secret right, and the token of the same app?", _app),
        ("Does the number belong to the WhatsApp business account?", _number),
        ("Is the app subscribed to the account's events?", _subscription),
    ):
        try:
            if ask is _subscription and subscribe and all(finding.is_good for finding in findings):
                _subscribe(connection)
            is_good, evidence = ask(connection)
        except GraphError as error:
            said = explain_error(error)
            is_good, evidence = False, f"{said.sentence} {said.next_step}"
        findings.append(Finding(question, is_good, evidence))
    if all(finding.is_good for finding in findings):
        findings.append(_hold(connection))
    return findings


def _token(connection: Connection) -> tuple[bool, str]:
    account = choice.account(connection)
    found = client.debug_token(account, account.access_token)
    if not found.get("is_valid"):
        return False, "Meta says that the token is not valid. Make a new system user token."
    missing = [scope for scope in SCOPES if scope not in (found.get("scopes") or [])]
    if missing:
        return False, f"The token lacks {' and '.join(missing)}. Make one with both."
    return True, "It is valid, with both permissions."


def _app(connection: Connection) -> tuple[bool, str]:
    """The secret signs what Meta sends us, so a wrong one would be noticed only by nothing ever arriving."""
    account, app = choice.account(connection), connection.meta_app
    try:
        client.debug_token(account, account.access_token, caller_token=f"{app.app_id}|{app.app_secret}")
    except Refused as error:
        said = explain_error(error)
        detail = "" if said.known else f" {said.sentence}"
        return False, f"Check the app id and the app secret, and that the token was made for this app.{detail}"
    return True, "They are: Meta's webhooks can be trusted."


def _number(connection: Connection) -> tuple[bool, str]:
    numbers = client.waba_phone_numbers(choice.account(connection))
    for number in numbers:
        if str(number.get("id")) == connection.phone_number_id:
            shown = str(number.get("display_phone_number") or "")
            connection.display_phone_number = shown[:32]  # kept when all is proven
            return True, f"It does: {shown}."
    if connection.phone_number_id == connection.waba_id:
        return False, "Phone Number ID and WABA ID are the same; they are two different numbers in Meta's dashboard."
    return False, "The account has other numbers. Are Phone Number ID and WABA ID swapped?"


def _subscription(connection: Connection) -> tuple[bool, str]:
    """Without it Meta's handshake succeeds, and then no message and no receipt ever arrives."""
    found = _subscribed(connection)
    if found is None:
        return False, "It is not, so nothing would ever arrive. Repeat with --subscribe."
    elsewhere = str(found.get("override_callback_uri") or "")
    if elsewhere and elsewhere != callback_url(connection.meta_app):
        where = urlsplit(elsewhere).hostname or "another address"
        return False, f"It is, but this account's messages go to {where} instead. Repeat with --subscribe to end that."
    return True, "It is."


def _subscribe(connection: Connection) -> None:
    """Only where something is amiss: to subscribe also takes away a callback of the account's own."""
    is_good, _ = _subscription(connection)
    if not is_good:
        client.subscribe_app(choice.account(connection))


def _subscribed(connection: Connection) -> dict[str, Any] | None:
    """What the account says of our app, if it is subscribed."""
    for row in client.subscribed_apps(choice.account(connection)):
        app = row.get("whatsapp_business_api_data")
        if isinstance(app, dict) and str(app.get("id")) == connection.meta_app.app_id:
            return row
    return None


def callback_url(app: MetaApp) -> str:
    """What is pasted into the app's dashboard."""
    return f"{settings.PUBLIC_URL}/webhooks/meta/{app.public_id}/"


def _hold(connection: Connection) -> Finding:
    question = "Is the number free?"
    try:
        with transaction.atomic():
            shown = connection.display_phone_number
            proven = Connection.objects.filter(pk=connection.pk)
            proven.update(proven_at=timezone.now(), display_phone_number=shown)
            tick([connection.workspace_id])
    except IntegrityError:
        return Finding(question, False, "Another workspace has proven that the number is theirs.")
    return Finding(question, True, "It is this workspace's now.")
