"""Identifiers as Meta's look: digits, user ids, and wamids that hold the other party's phone number."""

from __future__ import annotations

import base64
import itertools
import secrets
import string
import time

ALPHANUMERIC = string.ascii_letters + string.digits
_counter = itertools.count(1)


def digits() -> str:
    """An id as Graph numbers its objects: 16 digits, unique and rising within this process."""
    return f"{int(time.time()) % 10**9:09d}{next(_counter):07d}"


def user_id(country: str) -> str:
    """A business-scoped user id: country, a full stop, up to 128 letters and digits (Meta's page on them, 2026)."""
    return f"{country}.{''.join(secrets.choice(ALPHANUMERIC) for _ in range(20))}"


def wamid(phone: str, *, is_outgoing: bool) -> str:
    """An id laid out as the public samples are, with the phone's digits inside; without a phone, opaque."""
    if not phone:
        return "wamid." + base64.b64encode(secrets.token_bytes(39)).decode()
    person = b"\x1c\x18" + bytes([len(phone)]) + phone.encode()
    kind, length = (b"\x11", 18) if is_outgoing else (b"\x12", 20)
    unique = secrets.token_hex(length // 2).upper().encode()
    return (
        "wamid."
        + base64.b64encode(person + b"\x15\x02\x00" + kind + b"\x18" + bytes([length]) + unique + b"\x00").decode()
    )


def trace_id() -> str:
    return "A" + secrets.token_urlsafe(16)


COUNTRIES = {
    "1": "US", "20": "EG", "27": "ZA", "31": "NL", "33": "FR", "34": "ES", "39": "IT", "44": "GB", "49": "DE",
    "51": "PE", "52": "MX", "54": "AR", "55": "BR", "57": "CO", "60": "MY", "61": "AU", "62": "ID", "63": "PH",
    "65": "SG", "66": "TH", "81": "JP", "84": "VN", "90": "TR", "91": "IN", "92": "PK", "94": "LK", "212": "MA",
    "234": "NG", "254": "KE", "351": "PT", "852": "HK", "880": "BD", "966": "SA", "971": "AE", "972": "IL",
}  # fmt: skip


def dial_code(phone: str) -> str:
    """The country part of a number; 1 where we do not know it."""
    return next((phone[:length] for length in (3, 2, 1) if phone[:length] in COUNTRIES), "1")


def country(phone: str) -> str:
    """The ISO code of that country."""
    return COUNTRIES[dial_code(phone)]
