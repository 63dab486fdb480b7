"""The calls we make to Graph. Each is made once: no function here tries again. All raise GraphError (see `errors`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from . import answers, requests, urls
from .account import Address, GraphAccount
from .answers import Accepted, JSONObject
from .calls import call, shared_client, within
from .errors import Unconfirmed
from .requests import Payload
from .urls import PHONE_NUMBER_FIELDS, Endpoint

# For whoever asks several things at once.
__all__ = ["shared_client", "within"]

MOST_PAGES = 50


def send(account: GraphAccount, payload: Payload) -> Accepted:
    """Sends a message of any kind (see `requests`). Accepted is not delivered: only receipts tell of that."""
    return call(account, urls.messages(account), answers.accepted, body=payload)


def send_text(
    account: GraphAccount,
    to: Address,
    body: str,
    callback_data: str,
    context_wamid: str | None = None,
    *,
    preview_url: bool = False,
) -> Accepted:
    """Sends a text of at most 4,096 characters, as a reply to `context_wamid` if given."""
    payload = requests.text(
        to, body, callback_data=callback_data, context_wamid=context_wamid or "", preview_url=preview_url
    )
    return send(account, payload)


def media_url(account: GraphAccount, media_id: str) -> JSONObject:
    """Where a customer's file can be fetched for five minutes: `url`, `mime_type`, `sha256`, `file_size`."""
    found = call(account, urls.media(account, media_id), answers.content)
    if not isinstance(found.get("url"), str):
        raise Unconfirmed("Meta answered without an address for the file.")
    return found


def waba_phone_numbers(account: GraphAccount, fields: str = PHONE_NUMBER_FIELDS) -> list[JSONObject]:
    """Every number of the account's WhatsApp business account."""
    return _pages(account, lambda after: urls.waba_phone_numbers(account, fields, after))


def phone_number(account: GraphAccount) -> JSONObject:
    """The account's own number: its mode (LIVE or SANDBOX), and which callbacks hold for it."""
    return call(account, urls.phone_number(account), answers.content)


def subscribed_apps(account: GraphAccount) -> list[JSONObject]:
    """The apps that receive this business account's webhooks. Ours must be among them, or nothing arrives."""
    return call(account, urls.subscribed_apps(account), _rows)


def subscribe_app(account: GraphAccount) -> None:
    """Subscribes the app that owns the token. It also clears a callback set for this business account alone."""
    call(account, urls.subscribe_app(account), answers.done)


def set_callback(
    account: GraphAccount, app_id: str, app_token: str, url: str, verify_token: str, fields: Iterable[str]
) -> None:
    """Sets the app's own callback and the webhook fields it gets. Meta shakes hands with the address first."""
    body: Payload = {
        "object": "whatsapp_business_account",
        "callback_url": url,
        "verify_token": verify_token,
        "fields": ",".join(fields),
    }
    call(account, urls.app_subscriptions(app_id), answers.done, body=body, token=app_token)


def debug_token(account: GraphAccount, input_token: str, *, caller_token: str | None = None) -> JSONObject:
    """What Meta knows of a token: `is_valid`, `expires_at` (0: never), `scopes`, `granular_scopes`.

    `caller_token` is an app token, or one of a developer of the app; the account's own where none is given.
    """
    account.authorization(input_token)
    found = call(account, urls.debug_token(input_token), answers.content, token=caller_token)
    data = found.get("data")
    if not isinstance(data, dict):
        raise Unconfirmed("Meta answered without saying anything of the token.")
    return data


def _pages(account: GraphAccount, page: Callable[[str], Endpoint]) -> list[JSONObject]:
    """All rows of a list. We ask by cursor: `next` is a whole URL, with the token in it."""
    found: list[JSONObject] = []
    after = ""
    for _ in range(MOST_PAGES):
        answer = call(account, page(after), answers.content)
        found += _data_of(answer)
        after = _next_cursor(answer)
        if not after:
            break
    return found


def _rows(answer: answers.Answer) -> list[JSONObject]:
    return _data_of(answers.content(answer))


def _data_of(found: JSONObject) -> list[JSONObject]:
    data = found.get("data")
    if not isinstance(data, list):
        raise Unconfirmed("Meta answered without a list.")
    return [row for row in data if isinstance(row, dict)]


def _next_cursor(found: JSONObject) -> str:
    paging: Any = found.get("paging")
    if not isinstance(paging, dict) or "next" not in paging:
        return ""
    cursors = paging.get("cursors")
    return answers.words(cursors, "after") if isinstance(cursors, dict) else ""
