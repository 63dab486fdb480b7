"""Where webhooks go: an app's callback, and which accounts it is subscribed to."""

from __future__ import annotations

from typing import Any

from ..handshake import shake_hands
from ..model import JSON, App
from ..refusals import Refusal
from .call import GraphCall, missing
from .router import handles

MOST_URL = 200


@handles("POST", "app", "subscriptions")
async def set_callback(call: GraphCall, app_id: str) -> Any:
    """Sets an app's callback and fields, once it has shaken hands. Needs the app's own token."""
    app = own_app(call, app_id)
    if call.text("object") != "whatsapp_business_account":
        raise Refusal(100, message="(#100) Param object must be one of {whatsapp_business_account}.")
    url, verify_token = call.text("callback_url"), call.text("verify_token")
    await verified(call, url, verify_token)
    app.callback_url, app.verify_token = url, verify_token
    app.fields = fields_of(call.parameters.get("fields", ""))
    return {"success": True}


@handles("GET", "app", "subscriptions")
async def callbacks(call: GraphCall, app_id: str) -> Any:
    app = own_app(call, app_id)
    if not app.callback_url:
        return {"data": []}
    fields = [{"name": one, "version": app.webhook_version} for one in sorted(app.fields)]
    kind = "whatsapp_business_account"
    return {"data": [{"object": kind, "callback_url": app.callback_url, "active": True, "fields": fields}]}


@handles("DELETE", "app", "subscriptions")
async def remove_callback(call: GraphCall, app_id: str) -> Any:
    app = own_app(call, app_id)
    app.callback_url, app.fields = "", set()
    return {"success": True}


def own_app(call: GraphCall, app_id: str) -> App:
    if "app" not in call.token.scopes or call.app_id != app_id:
        raise missing(app_id, call.request.method)
    return call.sim.world.apps[app_id]


def fields_of(given: Any) -> set[str]:
    """Their names, from `a,b,c` or a list of names or of objects."""
    listed = given.split(",") if isinstance(given, str) else given if isinstance(given, list) else []
    names = {one.get("name", "") if isinstance(one, dict) else str(one) for one in listed}
    return {one.strip() for one in names} - {""}


async def verified(call: GraphCall, url: str, verify_token: str) -> None:
    """Raises Refusal 2200 when the callback does not shake hands."""
    if not url.startswith(("http://", "https://")):
        raise Refusal(100, message="(#100) Param callback_url must be a URL.")
    problem = await shake_hands(call.sim.courier.client, url, verify_token)
    if problem:
        raise Refusal(2200, message=f"(#2200) Callback verification failed with the following errors: {problem}")


@handles("GET", "waba", "subscribed_apps")
async def subscribed(call: GraphCall, waba_id: str) -> Any:
    waba = call.manages(waba_id)
    return {"data": [told(call.sim.world.apps[one], waba.callback_url) for one in waba.subscribed]}


def told(app: App, override: str) -> JSON:
    facts = {"id": app.id, "name": app.name, "link": f"https://www.facebook.com/games/?app_id={app.id}"}
    return {"whatsapp_business_api_data": facts} | ({"override_callback_uri": override} if override else {})


@handles("POST", "waba", "subscribed_apps")
async def subscribe(call: GraphCall, waba_id: str) -> Any:
    """Subscribes the token's app; with `override_callback_uri` at an address for this account, without it at none."""
    waba = call.manages(waba_id)
    override = call.optional("override_callback_uri")
    if len(override) > MOST_URL:
        raise Refusal(100, message="(#100) Param override_callback_uri must be at most 200 characters long.")
    if override:
        await verified(call, override, call.text("verify_token"))
    waba.callback_url = override
    if call.app_id not in waba.subscribed:
        waba.subscribed.append(call.app_id)
    return {"success": True}


@handles("DELETE", "waba", "subscribed_apps")
async def unsubscribe(call: GraphCall, waba_id: str) -> Any:
    waba = call.manages(waba_id)
    waba.subscribed = [one for one in waba.subscribed if one != call.app_id]
    waba.callback_url = ""
    return {"success": True}
