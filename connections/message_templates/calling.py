"""Calls for a business account, made with the token of one of its numbers here."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.db.models import F

from .. import choice
from ..graph.account import GraphAccount
from ..graph.errors import GraphError, Unauthorised, Unusable
from ..models import Connection

T = TypeVar("T")


class NoNumber(Unusable):
    """No proven number of the account is connected in this workspace, so there is no token to ask with."""

    def __init__(self) -> None:
        super().__init__("No proven number of this account is connected any more.")


def through(workspace_id: int, waba_id: str, ask: Callable[[GraphAccount], T]) -> T:
    """What `ask` gives with the first token that Meta takes, of numbers that are not paused first. Raises GraphError.

    Another token is tried only where Meta certainly did nothing.
    """
    refusal: GraphError | None = None
    for connection in _connections(workspace_id, waba_id):
        try:
            account = choice.account(connection)
        except Unusable as error:
            refusal = refusal or error
            continue
        try:
            return ask(account)
        except Unauthorised as error:
            refusal = refusal or error
    raise refusal or NoNumber


def _connections(workspace_id: int, waba_id: str) -> list[Connection]:
    found = Connection.objects.filter(workspace_id=workspace_id, waba_id=waba_id, proven_at__isnull=False)
    return list(found.defer("access_token").order_by(F("paused_at").asc(nulls_first=True), "pk"))
