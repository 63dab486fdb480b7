"""Every Graph address, built in one place, with the version from the one setting GRAPH_VERSION."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import quote

from django.conf import settings

from .account import META, GraphAccount
from .errors import Unusable

PHONE_NUMBER_FIELDS = (
    "id,display_phone_number,verified_name,status,quality_rating,code_verification_status,name_status,throughput,"
    "whatsapp_business_manager_messaging_limit,platform_type,account_mode,is_official_business_account,health_status"
)
# What tells whether a number is what its connection says; of the webhooks, where they really go.
CLAIM_FIELDS = "id,display_phone_number,verified_name,status,account_mode,webhook_configuration"
PAGE_SIZE = 100  # the most Graph gives at once


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One call's address. `path` and `params` may hold personal data."""

    method: Literal["GET", "POST", "DELETE"]
    path: str = field(repr=False)
    params: dict[str, str] = field(default_factory=dict, repr=False)

    def url(self, account: GraphAccount) -> str:
        return f"{root(account)}/{settings.GRAPH_VERSION}{self.path}"


def root(account: GraphAccount) -> str:
    return (account.base_url or META).rstrip("/")


def endpoint(
    method: Literal["GET", "POST", "DELETE"], template: str, params: dict[str, str] | None = None, **ids: str
) -> Endpoint:
    """Fills `template` ("/{waba_id}/phone_numbers") with ids. Raises Unusable for an id that is empty."""
    for name, value in ids.items():
        if not value.strip("."):
            raise Unusable(f"The {name.replace('_', ' ')} is missing.")
    path = template.format(**{name: quote(value, safe="") for name, value in ids.items()})
    return Endpoint(method, path, params or {})


def messages(account: GraphAccount) -> Endpoint:
    return endpoint("POST", "/{phone_number_id}/messages", phone_number_id=account.phone_number_id)


def media(account: GraphAccount, media_id: str) -> Endpoint:
    return endpoint("GET", "/{media_id}", {"phone_number_id": account.phone_number_id}, media_id=media_id)


def waba_phone_numbers(account: GraphAccount, fields: str = PHONE_NUMBER_FIELDS, after: str = "") -> Endpoint:
    params = {"fields": fields, "limit": str(PAGE_SIZE)} | ({"after": after} if after else {})
    return endpoint("GET", "/{waba_id}/phone_numbers", params, waba_id=account.waba_id)


def phone_number(account: GraphAccount, fields: str = CLAIM_FIELDS) -> Endpoint:
    return endpoint("GET", "/{phone_number_id}", {"fields": fields}, phone_number_id=account.phone_number_id)


def subscribed_apps(account: GraphAccount) -> Endpoint:
    return endpoint("GET", "/{waba_id}/subscribed_apps", waba_id=account.waba_id)


def subscribe_app(account: GraphAccount) -> Endpoint:
    return endpoint("POST", "/{waba_id}/subscribed_apps", waba_id=account.waba_id)


def debug_token(input_token: str) -> Endpoint:
    return endpoint("GET", "/debug_token", {"input_token": input_token})


def app_subscriptions(app_id: str) -> Endpoint:
    return endpoint("POST", "/{app_id}/subscriptions", app_id=app_id)
