"""Who calls Graph, and who is written to."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from ..bsuid import BSUID
from .errors import Unauthorised, Unusable

META = "https://graph.facebook.com"
PHONE_DIGITS = re.compile(r"[1-9][0-9]{4,14}")
# What may stand in an HTTP header without changing it: a token with a line break would be a second header.
TOKEN = re.compile(r"[\x21-\x7e]{1,4096}")


@dataclass(frozen=True, slots=True)
class GraphAccount:
    """A WhatsApp number as Graph knows it. `base_url` is empty for Meta's own server, or the simulator's address."""

    base_url: str
    phone_number_id: str
    waba_id: str
    access_token: str = field(repr=False)

    def authorization(self, token: str | None = None) -> str:
        """The Authorization header for this account's token, or for another. Raises Unauthorised, naming neither."""
        token = self.access_token if token is None else token
        if not TOKEN.fullmatch(token):
            raise Unauthorised("The access token is empty or holds characters that no token can hold.")
        return f"Bearer {token}"


def is_metas_own(base_url: str) -> bool:
    """Whether this is Meta's own server, where real numbers are; every other one is a double of it."""
    return urlsplit(base_url or META).hostname == urlsplit(META).hostname


@dataclass(frozen=True, slots=True)
class Address:
    """A person as a message can be sent to them. The value is personal data, so it is left out of repr()."""

    kind: Literal["phone", "bsuid", "parent_bsuid"]
    value: str = field(repr=False)

    def fields(self) -> dict[str, str]:
        """What names the recipient in a request: `to` with a plus sign, or `recipient`. Raises Unusable.

        Without the plus sign Meta may put the business number's own country code in front, and a BSUID in `to` is
        dropped without a word (Meta's pages on sending and on business-scoped user ids).
        """
        if self.kind == "phone":
            digits = self.value.removeprefix("+")
            if not PHONE_DIGITS.fullmatch(digits):
                raise Unusable("The customer's phone number is not a number that can be dialled.")
            return {"to": f"+{digits}"}
        if not BSUID.fullmatch(self.value):
            raise Unusable("The customer's user id is not in the form Meta gives them.")
        return {"recipient": self.value}
