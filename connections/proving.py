"""Whether a connection is what it says: asked of Graph, answered in sentences."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils import timezone

from workspaces.clock import tick

from . import choice
from .graph import client
from .graph.catalogue import explain_error
from .graph.errors import GraphError, Refused
from .models import Connection

SCOPES = ("whatsapp_business_messaging", "whatsapp_business_management")


@dataclass(frozen=True, slots=True)
class Finding:
    """One question asked, whether the answer is good, and what was found."""

    question: str
    is_good: bool
    evidence: str


def prove(connection: Connection) -> list[Finding]:
    """Ask Graph; with only good answers the connection is proven, and holds its number from then on."""
    findings = []
    for question, ask in (
        ("Is the access token good?", _token),
        ("Is the app secret right, and the token of the same app?", _app),
        ("Does the number belong to the WhatsApp business account?", _number),
    ):
        try:
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
