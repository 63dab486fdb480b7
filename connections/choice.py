"""Which account a call is made with: always the connection's own, at the server of its environment (P6)."""

from __future__ import annotations

import hashlib

from django.conf import settings

from .fields import UndecryptableSecretError
from .graph.account import GraphAccount
from .graph.errors import Unusable
from .models import Connection


def account(connection: Connection) -> GraphAccount:
    """The connection's number and token, at its environment's server; an empty address is Meta's own.

    Raises Unusable when the token cannot be decrypted. Load a connection for this with its token deferred, or the row
    itself cannot be loaded then.
    """
    return GraphAccount(
        base_url=settings.GRAPH_BASE_URLS[connection.environment],
        phone_number_id=connection.phone_number_id,
        waba_id=connection.waba_id,
        access_token=_token(connection),
    )


def fingerprint(connection: Connection) -> str:
    """Tells tokens apart in evidence without saying anything of them; "" for one that cannot be decrypted."""
    try:
        return hashlib.sha256(_token(connection).encode()).hexdigest()[:16]
    except Unusable:
        return ""


def _token(connection: Connection) -> str:
    try:
        return connection.access_token
    except UndecryptableSecretError as error:
        raise Unusable("The access token of this number cannot be decrypted with any of FIELD_KEYS.") from error
