"""Whether a body comes from Meta: HMAC-SHA256 over the raw bytes, keyed with the app secret, in X-Hub-Signature-256."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass

HEADER = re.compile(r"sha256=([0-9a-f]{64})\Z")


@dataclass(frozen=True, slots=True)
class Verdict:
    """`reason` is "" for a genuine body, else one of: no_secret, missing, malformed, wrong."""

    reason: str = ""

    @property
    def is_genuine(self) -> bool:
        return not self.reason


def verify(secrets: Sequence[str], body: bytes, header: str | None) -> Verdict:
    """Check a body against each secret that is good at the moment; without a secret nothing is genuine."""
    usable = [secret for secret in secrets if secret]
    if not usable:
        return Verdict("no_secret")
    if not header:
        return Verdict("missing")
    found = HEADER.match(header)
    if found is None:
        return Verdict("malformed")
    given = found[1].encode()
    # Every secret is tried, so that time says nothing about which one fits.
    matches = [hmac.compare_digest(_digest(secret, body), given) for secret in usable]
    return Verdict() if any(matches) else Verdict("wrong")


def sign(secret: str, body: bytes) -> str:
    """The header that Meta would send with this body."""
    return "sha256=" + _digest(secret, body).decode()


def _digest(secret: str, body: bytes) -> bytes:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest().encode()
