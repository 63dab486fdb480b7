"""A WhatsApp business account, and a number's business profile and block list."""

from __future__ import annotations

from typing import Any

from ..model import JSON, Number
from ..refusals import Refusal, webhook_error
from ..world import as_digits
from .call import MANAGEMENT, MESSAGING, GraphCall, chosen
from .numbers import health
from .paging import paged
from .router import handles

PROFILE_LIMITS = {"about": 139, "address": 256, "description": 512, "email": 128, "vertical": 40}
MOST_SITES = 2


@handles("GET", "waba")
async def one(call: GraphCall, waba_id: str) -> Any:
    waba = call.manages(waba_id)
    number = next((one for one in call.sim.world.numbers.values() if one.waba_id == waba_id), None)
    found: JSON = {
        "id": waba.id,
        "name": waba.name,
        "status": "ACTIVE",
        "timezone_id": "1",
        "currency": "USD",
        "country": "US",
        "business_verification_status": "VERIFIED",
        "account_review_status": "APPROVED",
        "ownership_type": "SELF_OWNED",
        "health_status": health(call, number) if number else None,
        "message_template_namespace": f"ns_{waba.id}",
        "marketing_messages_onboarding_status": "ELIGIBLE",
        "disable_marketing_messages_on_cloud_api": False,
    }
    return chosen(found, call.optional("fields"), ("id", "name", "timezone_id", "message_template_namespace"))


@handles("GET", "number", "whatsapp_business_profile")
async def profile(call: GraphCall, number_id: str) -> Any:
    """The profile itself in `data[0]`, as the live API has it; Meta's description of it has one level more."""
    number = call.number(number_id)
    found = {**dict.fromkeys((*PROFILE_LIMITS, "websites", "profile_picture_url")), **number.profile}
    told = chosen(found, call.optional("fields"), ())
    return {"data": [{**told, "messaging_product": "whatsapp"}]}


@handles("POST", "number", "whatsapp_business_profile")
async def set_profile(call: GraphCall, number_id: str) -> Any:
    number = call.number(number_id)
    call.needs(MANAGEMENT)
    given = call.parameters
    if given.get("messaging_product") != "whatsapp":
        raise Refusal(100, message="(#100) The parameter messaging_product is required.")
    for key, most in PROFILE_LIMITS.items():
        if len(str(given.get(key) or "")) > most:
            raise Refusal(100, message=f"(#100) Param {key} must be at most {most} characters long.")
    sites = given.get("websites", [])
    if not isinstance(sites, list) or len(sites) > MOST_SITES:
        raise Refusal(100, message="(#100) Param websites must be a list of at most 2.")
    number.profile |= {key: given[key] for key in (*PROFILE_LIMITS, "websites") if key in given}
    return {"success": True}


@handles("GET", "number", "block_users")
async def blocked(call: GraphCall, number_id: str) -> Any:
    number = call.number(number_id)
    call.needs(MESSAGING)
    users = [call.sim.world.customers[one] for one in sorted(number.blocked) if one in call.sim.world.customers]
    return paged(call, [{"messaging_product": "whatsapp", "wa_id": one.phone} for one in users if one.phone])


@handles("POST", "number", "block_users")
async def block(call: GraphCall, number_id: str) -> Any:
    """Only people who wrote in the last 24 hours can be blocked."""
    return changed_list(call, call.number(number_id), is_block=True)


@handles("DELETE", "number", "block_users")
async def unblock(call: GraphCall, number_id: str) -> Any:
    return changed_list(call, call.number(number_id), is_block=False)


def changed_list(call: GraphCall, number: Number, *, is_block: bool) -> JSON:
    """Raises Refusal 139100 when some could not be blocked, after doing the others."""
    call.needs(MESSAGING)
    rows = call.parameters.get("block_users")
    if not isinstance(rows, list) or not rows:
        raise Refusal(100, message="(#100) The parameter block_users is required.")
    done: list[JSON] = []
    failed: list[JSON] = []
    for row in rows:
        named = str(row.get("user") or row.get("user_id") or "") if isinstance(row, dict) else ""
        world = call.sim.world
        customer = world.customer_known_as(named, number) or world.customer_at(as_digits(named))
        if customer is None or (is_block and not world.window_is_open(customer, number)):
            failed.append({"input": named, "errors": [webhook_error(131021 if customer is None else 131047)]})
            continue
        (number.blocked.add if is_block else number.blocked.discard)(customer.id)
        told = {"wa_id": customer.shown_phone} if customer.shown_phone else {}
        done.append({"input": named, **told, "user_id": world.user_id(customer, number)})
    lists: JSON = {"added_users" if is_block else "removed_users": done}
    if failed:
        raise Refusal(139100, beside={"block_users": lists | {"failed_users": failed}})
    return {"messaging_product": "whatsapp", "block_users": lists}
