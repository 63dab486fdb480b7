"""Whether an app id and an app secret belong together: asked of Graph with the app's own token, which is the two."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from django.conf import settings

from .graph import client
from .graph.account import GraphAccount
from .graph.catalogue import explain_error
from .graph.errors import GraphError, Refused, Throttled


@dataclass(frozen=True, slots=True)
class Verdict:
    """`word` is "unknown" where Meta did not say; then the pair may be right, and nobody should be told that it is."""

    word: Literal["good", "wrong", "unknown"]
    sentence: str


def ask(app_id: str, secret: str, *, is_simulated: bool) -> Verdict:
    account = app_account(app_id, secret, is_simulated=is_simulated)
    try:
        found = client.debug_token(account, account.access_token)
    except Throttled as error:
        return Verdict("unknown", f"{error.reason} So whether app ID and secret belong together is not known.")
    except Refused as error:
        said = explain_error(error)
        detail = "" if said.known else f" {said.sentence}"
        return Verdict("wrong", f"Meta does not take this app ID and this secret together. Copy both again.{detail}")
    except GraphError as error:
        return Verdict("unknown", f"{error.reason} So whether app ID and secret belong together is not known.")
    if not found.get("is_valid") or str(found.get("app_id")) != app_id:
        return Verdict("wrong", "Meta says that this secret belongs to another app.")
    return Verdict("good", "Meta took app ID and secret together.")


def app_account(app_id: str, secret: str, *, is_simulated: bool) -> GraphAccount:
    """An app calls for itself with its id and secret. Production and test numbers may share an app, so for Meta's own
    it is the server of production."""
    base_url = settings.GRAPH_BASE_URLS["simulator" if is_simulated else "production"]
    return GraphAccount(base_url, "", "", f"{app_id}|{secret}")
