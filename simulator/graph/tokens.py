"""Tokens: what one is good for, and an app's own."""

from __future__ import annotations

from typing import Any

from ..ids import digits
from ..model import JSON, Token
from ..refusals import Refusal
from .call import GraphCall
from .router import handles, known_token

SYSTEM_USER = digits()


@handles("GET", "debug_token")
async def debug(call: GraphCall, _object_id: str) -> Any:
    """What a token is good for; asked with an app's token, or another of the same app."""
    value = call.text("input_token")
    app = call.sim.world.apps[call.app_id]
    try:
        token = known_token(call.sim, value)
    except Refusal as refusal:
        error = {"code": refusal.code, "message": refusal.message} | ({"subcode": 463} if refusal.subcode else {})
        expired = call.sim.world.tokens.get(value)
        return {"data": (data(call, expired) if expired else {}) | {"error": error, "is_valid": False, "scopes": []}}
    if token.app_id != app.id:
        raise Refusal(100, message="(#100) The App_id in the input_token did not match the Viewing App")
    return {"data": data(call, token)}


def data(call: GraphCall, token: Token) -> JSON:
    told: JSON = {
        "app_id": token.app_id,
        "type": "APP" if "app" in token.scopes else "SYSTEM_USER",
        "application": call.sim.world.apps[token.app_id].name,
        "is_valid": True,
        "issued_at": token.issued_at,
        "expires_at": token.expires_at,
        "data_access_expires_at": token.data_access_expires_at,
        "scopes": [one for one in token.scopes if one != "app"],
    }
    if told["type"] == "APP":
        return told
    targets = sorted(token.waba_ids)
    granular = [{"scope": one, "target_ids": targets} for one in token.scopes]
    return told | {"granular_scopes": granular, "user_id": SYSTEM_USER}


@handles("GET", "oauth/access_token")
@handles("POST", "oauth/access_token")
async def app_token(call: GraphCall, _object_id: str) -> Any:
    """An app's token for its id and secret: Graph takes the two joined by a bar as well."""
    if call.text("grant_type") != "client_credentials":
        raise Refusal(100, message="(#100) Only grant_type client_credentials is simulated.")
    app = call.sim.world.apps.get(call.text("client_id"))
    if app is None or app.secret != call.text("client_secret"):
        raise Refusal(1, message="Error validating client secret.")
    return {"access_token": f"{app.id}|{app.secret}", "token_type": "bearer"}
