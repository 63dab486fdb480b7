"""What the simulated world is made of. Times are whole seconds since 1970, as Meta gives them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

JSON = dict[str, Any]

# auto: delivered by itself. manual: "sent" only, the rest when someone says so. silent: not even "sent".
Receipts = Literal["auto", "manual", "silent"]
# Whether a delivered message is read by itself: while its chat is open on the phone page, always, or not.
Reads = Literal["open", "always", "never"]

SCOPES = ("whatsapp_business_messaging", "whatsapp_business_management")


@dataclass(slots=True)
class App:
    """A Meta app: who signs webhooks, and where they go. `webhook_version` decides their shape."""

    id: str
    secret: str
    verify_token: str = ""
    callback_url: str = ""
    name: str = "Simulated app"
    webhook_version: str = "v25.0"
    fields: set[str] = field(default_factory=set)  # empty: all of them


@dataclass(slots=True)
class Waba:
    """A WhatsApp business account. People's user ids are scoped to `business_id`."""

    id: str
    business_id: str
    name: str = "Simulated business"
    subscribed: list[str] = field(default_factory=list)
    callback_url: str = ""


@dataclass(slots=True)
class Number:
    """A business phone number. In SANDBOX mode it may write to `allowed` numbers only."""

    id: str
    waba_id: str
    display_number: str
    name: str
    account_mode: Literal["LIVE", "SANDBOX"] = "LIVE"
    allowed: set[str] = field(default_factory=set)
    status: str = "CONNECTED"
    quality: str = "GREEN"
    tier: str = "TIER_250"
    callback_url: str = ""
    pin: str = ""
    created_at: int = 0
    profile: JSON = field(default_factory=dict)
    blocked: set[str] = field(default_factory=set)

    @property
    def digits(self) -> str:
        return "".join(filter(str.isdigit, self.display_number))


@dataclass(slots=True)
class Token:
    """An access token. An app's own token is `APP_ID|APP_SECRET` and is not kept here."""

    value: str
    app_id: str
    waba_ids: set[str]
    scopes: tuple[str, ...] = SCOPES
    issued_at: int = 0
    expires_at: int = 0  # seconds since 1970; 0: never
    data_access_expires_at: int = 0


@dataclass(slots=True)
class Customer:
    """A person with WhatsApp on a phone."""

    id: str
    name: str
    phone: str = ""  # digits
    username: str = ""
    hides_phone: bool = False
    empty_phone: bool = False  # a hidden phone is written as "" instead of being left out
    user_ids: dict[str, str] = field(default_factory=dict)  # by business
    receipts: Receipts = "auto"
    reads: Reads = "open"
    is_reachable: bool = True
    stopped_marketing: set[str] = field(default_factory=set)  # businesses
    blocks: set[str] = field(default_factory=set)  # numbers
    is_capped: bool = False  # Meta withholds marketing from them (131049)

    @property
    def shown_phone(self) -> str:
        """What a business is told of the phone number."""
        return "" if self.hides_phone else self.phone


@dataclass(slots=True)
class Message:
    """A message in a chat, in either direction. `posted` is what the business sent to Graph, whole."""

    wamid: str
    number_id: str
    customer_id: str
    is_outgoing: bool  # from the business to the customer
    type: str
    content: JSON
    at: int
    position: int
    context: JSON = field(default_factory=dict)
    posted: JSON = field(default_factory=dict)
    by_user_id: bool = False
    category: str = "service"
    steps: dict[str, int] = field(default_factory=dict)
    error: JSON = field(default_factory=dict)
    is_read_by_business: bool = False
    is_history: bool = False
    version: int = 0

    @property
    def callback_data(self) -> str:
        return str(self.posted.get("biz_opaque_callback_data", ""))


@dataclass(slots=True)
class Media:
    """A file, uploaded by a business or sent by a customer."""

    id: str
    owner_id: str  # the number it was uploaded for or sent to
    mime_type: str
    content: bytes
    sha256: bytes
    filename: str
    expires_at: int


@dataclass(slots=True)
class Template:
    id: str
    waba_id: str
    name: str
    language: str
    category: str
    components: list[JSON]
    status: str = "APPROVED"
    parameter_format: str = "POSITIONAL"
    quality: str = "UNKNOWN"
    rejected_reason: str = "NONE"
    edits: list[float] = field(default_factory=list)  # while it was approved


@dataclass(slots=True)
class Call:
    """One call to Graph, as seen from Meta's side."""

    at: float
    method: str
    path: str
    status: int
    code: int
    body: Any
    fault: str = ""
    wamid: str = ""


@dataclass(slots=True)
class Chat:
    """What only the phone page knows of a customer and a business number."""

    open_until: float = 0.0
    typing_until: float = 0.0
    wamids: list[str] = field(default_factory=list)
