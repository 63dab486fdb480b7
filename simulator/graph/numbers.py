"""A business phone number: its facts, its settings, and its registration."""

from __future__ import annotations

import re
from typing import Any

from .. import ids
from ..model import JSON, Number
from ..refusals import Refusal
from .call import MANAGEMENT, GraphCall, chosen
from .paging import paged
from .router import handles
from .subscriptions import verified

PIN = re.compile(r"[0-9]{6}")
DEFAULT = ("verified_name", "code_verification_status", "display_phone_number", "quality_rating", "id")
FEW = ("verified_name", "code_verification_status", "display_phone_number", "quality_rating", "status", "id")


def facts(call: GraphCall, number: Number) -> JSON:
    """Every field there is. Those that are None are left out, as Graph leaves out what is not set."""
    is_connected = number.status == "CONNECTED"
    return {
        "id": number.id,
        "display_phone_number": number.display_number,
        "verified_name": number.name,
        "status": number.status,
        "quality_rating": number.quality,
        "quality_score": {"score": number.quality},
        "code_verification_status": "VERIFIED" if is_connected else "NOT_VERIFIED",
        "name_status": "APPROVED",
        "new_name_status": "NONE",
        "throughput": {"level": "STANDARD"},
        "whatsapp_business_manager_messaging_limit": number.tier,
        "platform_type": "CLOUD_API",
        "host_platform": "CLOUD_API",
        "account_mode": number.account_mode,
        "is_official_business_account": False,
        "is_on_biz_app": False,
        "is_pin_enabled": bool(number.pin),
        "is_preverified_number": False,
        "health_status": health(call, number),
        "webhook_configuration": callbacks(call, number),
        "country_code": ids.country(number.digits),
        "country_dial_code": ids.dial_code(number.digits),
        "certificate": None,
        "search_visibility": "VISIBLE",
        "last_onboarded_time": None,
        "conversational_automation": None,
        "username": None,
    }


def health(call: GraphCall, number: Number) -> JSON:
    """Whether messages can be sent, for the number and everything it stands on."""
    waba = call.sim.world.wabas[number.waba_id]
    is_blocked = number.status != "CONNECTED"
    one: JSON = {"entity_type": "PHONE_NUMBER", "id": number.id, "can_send_message": "AVAILABLE"}
    if is_blocked:
        problem = {
            "error_code": 141000,
            "error_description": f"The phone number is {number.status}.",
            "possible_solution": "Register the phone number.",
        }
        one |= {"can_send_message": "BLOCKED", "errors": [problem]}
    others = (("WABA", waba.id), ("BUSINESS", waba.business_id), ("APP", call.app_id))
    entities = [one, *({"entity_type": kind, "id": of, "can_send_message": "AVAILABLE"} for kind, of in others)]
    return {"can_send_message": "BLOCKED" if is_blocked else "AVAILABLE", "entities": entities}


def callbacks(call: GraphCall, number: Number) -> JSON:
    world = call.sim.world
    found = {
        "phone_number": number.callback_url,
        "whatsapp_business_account": world.wabas[number.waba_id].callback_url,
        "application": world.apps[call.app_id].callback_url if call.app_id in world.apps else "",
    }
    return {name: url for name, url in found.items() if url}


@handles("GET", "number")
async def one(call: GraphCall, number_id: str) -> Any:
    number = call.number(number_id)
    call.manages(number.waba_id)
    return chosen(facts(call, number), call.optional("fields"), DEFAULT)


@handles("GET", "waba", "phone_numbers")
async def listed(call: GraphCall, waba_id: str) -> Any:
    call.manages(waba_id)
    found = [one for one in call.sim.world.numbers.values() if one.waba_id == waba_id]
    for name, value in wanted(call).items():
        found = [one for one in found if str(facts(call, one).get(name)) == value]
    fields = call.optional("fields")
    return paged(call, [chosen(facts(call, one), fields, FEW) for one in found])


def wanted(call: GraphCall) -> dict[str, str]:
    """`filtering=[{"field": …, "operator": "EQUAL", "value": …}]`."""
    given = call.parameters.get("filtering") or []
    rows = given if isinstance(given, list) else []
    return {str(one.get("field")): str(one.get("value")) for one in rows if isinstance(one, dict)}


@handles("POST", "number")
async def change(call: GraphCall, number_id: str) -> Any:
    """The PIN, a callback of the number's own, or its display name."""
    number = call.number(number_id)
    call.manages(number.waba_id)
    given = call.parameters
    if "pin" in given:
        number.pin = read_pin(given["pin"])
    if isinstance(given.get("webhook_configuration"), dict):
        url = given["webhook_configuration"].get("override_callback_uri") or ""
        if url:
            await verified(call, str(url), str(given["webhook_configuration"].get("verify_token", "")))
        number.callback_url = str(url)
    if "new_display_name" in given:
        number.name = call.text("new_display_name")
    call.sim.world.touch()
    return {"success": True}


@handles("POST", "number", "register")
async def register(call: GraphCall, number_id: str) -> Any:
    number = call.number(number_id)
    call.needs(MANAGEMENT)
    pin = read_pin(call.parameters.get("pin", ""))
    if number.pin and pin != number.pin:
        raise Refusal(133005, "The two-step verification PIN is not the one that was set.")
    number.pin, number.status = pin, "CONNECTED"
    return {"success": True}


@handles("POST", "number", "deregister")
async def deregister(call: GraphCall, number_id: str) -> Any:
    number = call.number(number_id)
    call.needs(MANAGEMENT)
    number.status = "DISCONNECTED"
    return {"success": True}


def read_pin(given: Any) -> str:
    if not PIN.fullmatch(str(given)):
        raise Refusal(100, message="(#100) Param pin must be 6 digits long.")
    return str(given)
