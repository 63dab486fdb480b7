"""Access tokens by hand: expired ones, ones that lack a permission, ones of another app or for another account."""

from __future__ import annotations

import time
from typing import Any

from starlette.requests import Request

from ..model import JSON, SCOPES, Token
from ..settings import BadSettings
from ..simulation import Simulation
from .request import NotThere, number_in, text, whole


async def put(sim: Simulation, given: JSON, _request: Request) -> Any:
    """Makes a token for a number's account and its app, or changes the one there is. What is left out stays."""
    value = text(given, "value")
    if not value:
        raise BadSettings("value must be the token.")
    token = sim.world.tokens.get(value) or new_token(sim, given, value)
    if "app_id" in given and text(given, "app_id") not in sim.world.apps:
        raise NotThere("There is no such app.")
    token.app_id = text(given, "app_id", token.app_id)
    token.scopes = tuple(names(given, "scopes", token.scopes))
    token.waba_ids = set(names(given, "waba_ids", sorted(token.waba_ids)))
    token.expires_at = whole(given, "expires_at", token.expires_at)
    token.data_access_expires_at = whole(given, "data_access_expires_at", token.data_access_expires_at)
    sim.world.tokens[value] = token
    return {"app_id": token.app_id, "scopes": token.scopes, "waba_ids": sorted(token.waba_ids)}


def new_token(sim: Simulation, given: JSON, value: str) -> Token:
    waba_id = number_in(sim, given).waba_id
    app_id = next((one.app_id for one in sim.world.tokens.values() if waba_id in one.waba_ids), "")
    return Token(value, app_id, {waba_id}, SCOPES, issued_at=int(time.time()))


def names(given: JSON, key: str, default: Any) -> list[str]:
    found = given.get(key, list(default))
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise BadSettings(f"{key} must be a list of texts.")
    return found
