"""From an HTTP answer to a value or an error. Pure: what counts as accepted, refused or unconfirmed is decided here."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from . import catalogue
from .errors import (
    RAW_LIMIT,
    GraphError,
    Refused,
    Throttled,
    Unauthorised,
    Unconfirmed,
    storable,
)

JSONObject = dict[str, Any]

# Codes that mean "this token", whoever calls: Meta's error code page, authorisation section.
TOKEN_CODES = frozenset({0, 102, 190})
LARGEST_CODE = 2**31 - 1
# Opaque to us, but a value that cannot be stored or matched again is no message id.
WAMID = re.compile(r"[\x21-\x7e]{1,512}")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back over the wire. `secrets` are removed from every text made of it."""

    status: int
    body: bytes
    trace_id: str = ""
    retry_after: timedelta | None = None
    secrets: tuple[str, ...] = field(default=(), repr=False)

    @property
    def raw(self) -> str:
        return storable(self.without_secrets(self.body.decode("utf-8", "replace")), RAW_LIMIT)

    def without_secrets(self, text: str) -> str:
        # "Malformed access token EAA…": Graph quotes the token back at whoever sent it.
        for secret in self.secrets:
            text = text.replace(secret, "***")
        return text

    def json(self) -> JSONObject | None:
        """The body as a JSON object, or None for anything else, however odd."""
        try:
            value = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        return value if isinstance(value, dict) else None


@dataclass(frozen=True, slots=True)
class Accepted:
    """Meta took the message and named it; whether it arrives, only receipts tell.

    `wa_id` and `user_id` are empty where Meta did not say. `message_status` is set for templates only.
    """

    wamid: str = field(repr=False)
    wa_id: str = field(repr=False)
    user_id: str = field(repr=False)
    message_status: str
    http_status: int
    fbtrace_id: str
    raw: str = field(repr=False)


def content(answer: Answer) -> JSONObject:
    """The JSON object of a good answer. Raises the right GraphError for every other."""
    found = answer.json()
    if not 200 <= answer.status <= 299:
        raise failure(answer, found)
    if found is None:
        raise failure(answer, None, Unconfirmed, "Meta answered yes, but not in a form that can be read.")
    if "error" in found:
        raise failure(answer, found, Unconfirmed, "Meta answered yes and no at once.")
    return found


def accepted(answer: Answer) -> Accepted:
    """The answer to a message. Without a message id it is Unconfirmed: perhaps sent, and we could not follow it."""
    found = content(answer)
    message, contact = first(found, "messages"), first(found, "contacts")
    wamid = words(message, "id")
    if not WAMID.fullmatch(wamid):
        raise failure(answer, None, Unconfirmed, "Meta answered yes, but gave no message id.")
    return Accepted(
        wamid=wamid,
        wa_id=storable(words(contact, "wa_id"), 200),
        user_id=storable(words(contact, "user_id"), 200),
        message_status=storable(words(message, "message_status"), 100),
        http_status=answer.status,
        fbtrace_id=storable(answer.trace_id, 200),
        raw=answer.raw,
    )


def done(answer: Answer) -> None:
    """The answer to a command. Anything but `success: true` is Unconfirmed."""
    if content(answer).get("success") is not True:
        raise failure(answer, None, Unconfirmed, "Meta answered, but did not say that it was done.")


def failure(
    answer: Answer, found: JSONObject | None, kind: type[GraphError] | None = None, reason: str = ""
) -> GraphError:
    """The error an answer stands for, with all that Meta said in it."""
    envelope = (found or {}).get("error")
    envelope = envelope if isinstance(envelope, dict) else {}
    code = number(envelope, "code")
    kind = kind or verdict(answer.status, code, is_transient=envelope.get("is_transient") is True)
    data = envelope.get("error_data")
    details = words(data, "details") if isinstance(data, dict) else words(envelope, "error_data")
    clean = answer.without_secrets
    return kind(
        reason or REASONS[kind],
        http_status=answer.status,
        code=code,
        subcode=number(envelope, "error_subcode"),
        title=clean(words(envelope, "error_user_title")),
        message=clean(words(envelope, "message")),
        details=clean(details or words(envelope, "error_user_msg")),
        fbtrace_id=words(envelope, "fbtrace_id") or answer.trace_id,
        raw=answer.raw,
        retry_after=answer.retry_after,
    )


def verdict(status: int, code: int | None, *, is_transient: bool = False) -> type[GraphError]:
    """Which error an HTTP status and a Graph code make together: Unconfirmed, unless it was certainly not accepted.

    The code decides where the catalogue knows it, because Graph throttles with 400 and refuses with 500.
    """
    if not 400 <= status <= 599:
        return Unconfirmed
    entry = catalogue.find(code)
    if entry is None:
        return unknown(status, has_code=code is not None, is_transient=is_transient)
    # 0 is also what a program writes that has no code to give, so alone it proves nothing.
    if entry.retry == "ambiguous" or (code == 0 and status >= 500):
        return Unconfirmed
    if code in TOKEN_CODES:
        return Unauthorised
    return Refused if entry.first_retry is None else Throttled


def unknown(status: int, *, has_code: bool, is_transient: bool) -> type[GraphError]:
    if status == 429:
        return Throttled
    # A gateway's 408 can be about the server behind it, which may have read the whole request.
    if status >= 500 or status == 408 or is_transient:
        return Unconfirmed
    return Unauthorised if status == 401 and has_code else Refused


REASONS: dict[type[GraphError], str] = {
    Refused: "Meta refused it.",
    Throttled: "Meta asked us to wait.",
    Unauthorised: "Meta does not accept the access token.",
    Unconfirmed: "Meta answered with an error that does not say whether it was accepted.",
}


def first(found: JSONObject, key: str) -> JSONObject:
    items = found.get(key)
    return items[0] if isinstance(items, list) and items and isinstance(items[0], dict) else {}


def words(found: JSONObject, key: str) -> str:
    value = found.get(key)
    return value if isinstance(value, str) else ""


def number(found: JSONObject, key: str) -> int | None:
    """A code, which Graph writes as a number and others as digits. None for anything that is not one."""
    value = found.get(key)
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,10}", value):
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST_CODE else None
