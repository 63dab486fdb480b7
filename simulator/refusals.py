"""Graph's errors: each code with its HTTP status and words, in the envelope Graph puts them in.

Codes and statuses are from Meta's error code page (December 2025). Where that page gives no status, 400 is used.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from .ids import trace_id
from .model import JSON

HREF = "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/"

# code: (HTTP status, title)
CODES: dict[int, tuple[int, str]] = {
    0: (401, "AuthException"),
    1: (400, "API Unknown"),
    2: (503, "API Service"),
    3: (500, "API Method"),
    4: (400, "API Too Many Calls"),
    10: (403, "Permission Denied"),
    33: (400, "Parameter value is not valid"),
    100: (400, "Invalid parameter"),
    104: (400, "An access token is required to request this resource."),
    190: (401, "Invalid OAuth access token - Cannot parse access token"),
    200: (403, "You do not have the necessary permissions to access this object"),
    368: (403, "Temporarily blocked for policies violations"),
    2200: (400, "Callback verification failed"),
    2500: (400, "Unknown path components"),
    80007: (400, "Rate limit issues"),
    130429: (400, "Rate limit hit"),
    130472: (400, "User's number is part of an experiment"),
    130497: (403, "Business account is restricted from messaging users in this country"),
    131000: (500, "Something went wrong"),
    131005: (403, "Access denied"),
    131008: (400, "Required parameter is missing"),
    131009: (400, "Parameter value is not valid"),
    131016: (500, "Service unavailable"),
    131021: (400, "Recipient cannot be sender"),
    131026: (400, "Message undeliverable"),
    131030: (400, "Recipient phone number not in allowed list"),
    131031: (403, "Account has been locked"),
    131037: (400, "WhatsApp provided number needs display name approval before message can be sent"),
    131042: (400, "Business eligibility payment issue"),
    131045: (500, "Incorrect certificate"),
    131047: (400, "Re-engagement message"),
    131048: (400, "Spam rate limit hit"),
    131049: (400, "This message was not delivered to maintain healthy ecosystem engagement."),
    131050: (400, "User has stopped marketing messages from this business"),
    131051: (400, "Unsupported message type"),
    131052: (400, "Media download error"),
    131053: (400, "Media upload error"),
    131056: (400, "(Business Account, Consumer Account) pair rate limit hit"),
    131057: (500, "Account in maintenance mode"),
    131059: (400, "Pagination cursor is not valid"),
    131060: (400, "This message is currently unavailable"),
    131062: (400, "Business-scoped user id recipients are not supported for this message"),
    131063: (400, "Marketing templates are disabled on Cloud API for this account"),
    131064: (400, "Messaging limit reached"),
    132000: (400, "Number of parameters does not match the expected number of params"),
    132001: (404, "Template name does not exist in the translation"),
    132005: (400, "Template hydrated text too long"),
    132007: (400, "Template format character policy violated"),
    132008: (400, "Template parameter value is not valid"),
    132012: (400, "Template parameter format mismatch"),
    132015: (400, "Template is paused"),
    132016: (400, "Template is disabled"),
    132018: (400, "Template message has invalid parameters"),
    132068: (400, "Flow is in blocked state"),
    132069: (400, "Flow is in throttled state"),
    133000: (500, "Incomplete deregistration"),
    133004: (503, "Server temporarily unavailable"),
    133005: (400, "Two step verification PIN mismatch"),
    133006: (400, "Phone number re-verification needed"),
    133008: (400, "Too many two step verification PIN guesses"),
    133009: (400, "Two step verification PIN guessed too fast"),
    133010: (400, "Phone number not registered"),
    133015: (400, "Please wait a few minutes before attempting to register this phone number"),
    133016: (400, "Account register deregister rate limit exceeded"),
    135000: (400, "Generic user error"),
    137000: (400, "Identity key hash mismatch"),
    139100: (400, "Failed to block or unblock some users"),
}
TRANSIENT = {1, 2, 131016, 131057, 133004}


@dataclass(slots=True)
class Refusal(Exception):  # noqa: N818 - it is what Graph does
    """An error answer of Graph's."""

    code: int
    details: str = ""
    status: int = 0  # HTTP; 0: the code's own
    subcode: int = 0
    message: str = ""
    kind: str = "OAuthException"
    beside: JSON = field(default_factory=dict)  # what the answer holds besides the error

    @property
    def http_status(self) -> int:
        return self.status or CODES.get(self.code, (400, ""))[0]

    def envelope(self) -> JSON:
        """The answer's body."""
        error: JSON = {
            "message": self.message or f"(#{self.code}) {title(self.code)}",
            "type": self.kind,
            "code": self.code,
        }
        if self.subcode:
            error["error_subcode"] = self.subcode
        if self.details:
            error["error_data"] = {"messaging_product": "whatsapp", "details": self.details}
        if self.code in TRANSIENT:
            error["is_transient"] = True
        return {**self.beside, "error": error | {"fbtrace_id": trace_id()}}


def title(code: int) -> str:
    return CODES.get(code, (400, "An error of a kind that is not documented"))[1]


def webhook_error(code: int, details: str = "") -> JSON:
    """The same in a webhook, where title and message are equal."""
    return {
        "code": code,
        "title": title(code),
        "message": title(code),
        "error_data": {"details": details or title(code)},
        "href": HREF,
    }
