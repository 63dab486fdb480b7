"""What a webhook body says, typed: the vocabulary between the parser and whoever applies it.

Every text here is safe to store in PostgreSQL (no U+0000, no lone surrogates); `raw` is the fragment's JSON in pure
ASCII, so it says what the customer's phone sent whatever that was; a number that no JSON can hold is a string in it.
The bytes themselves are the event's. Field names follow Meta's; sources: WhatsApp Cloud API
webhook reference (messages, statuses, user_id_update, user_preferences, smb_message_echoes, history).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Person:
    """How one payload names somebody. Any of these may be empty; a BSUID found in a phone field is moved to `bsuid`."""

    phone: str = ""  # digits only, no plus
    bsuid: str = ""  # "TR.9f00…", case kept
    parent_bsuid: str = ""  # "TR.ENT.…"

    def __bool__(self) -> bool:
        return bool(self.phone or self.bsuid or self.parent_bsuid)


@dataclass(frozen=True, slots=True)
class ErrorDetail:
    """One element of an `errors` array. `code` is None when Meta sent none that is a number."""

    code: int | None = None
    title: str = ""
    message: str = ""
    details: str = ""


@dataclass(frozen=True, slots=True)
class MediaReference:
    """A file Meta holds for us. The id expires after 7 days."""

    media_id: str
    mime_type: str = ""
    sha256: str = ""  # base64 in webhooks
    filename: str = ""
    caption: str = ""
    is_voice: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """One thing in a body: where it stood, whose number it is for, and its exact JSON."""

    phone_number_id: str = ""  # "" where the field carries no metadata
    waba_id: str = ""
    field: str = ""  # "messages", "history", …
    path: str = ""  # "entry[0].changes[1].value.messages[2]"
    raw: str = ""


@dataclass(frozen=True, slots=True)
class Message(Item):
    """A message of a customer, or (echo, history) one that the business wrote elsewhere.

    `wamid` is "odd:" plus the SHA-256 of the fragment where Meta's id is missing or no string, so that a repeat is
    still recognised. `provider_at` is None when the timestamp is missing or outside 2009–2100. `kind` is Meta's
    `type` as sent (unknown kinds kept), "" when missing.
    """

    wamid: str = ""
    kind: str = ""
    text: str = ""  # body, caption, button title, …: what a person reads; "" if there is nothing
    person: Person = Person()  # the customer, also for echoes and history
    is_outgoing: bool = False  # written by the business (echo, or history)
    source: str = "live"  # "live" | "history" | "echo"
    name: str = ""
    username: str = ""  # without a leading @
    provider_at: datetime | None = None
    context_wamid: str = ""
    is_forwarded: bool = False
    group_id: str = ""
    media: MediaReference | None = None
    details: dict[str, Any] = field(default_factory=dict)  # per kind: location, contacts, reaction, referral, …
    errors: tuple[ErrorDetail, ...] = ()
    history_status: str = ""  # DELIVERED, READ, … on history


@dataclass(frozen=True, slots=True)
class Status(Item):
    """One element of `statuses`. Unknown statuses are kept as sent."""

    wamid: str = ""
    status: str = ""
    provider_at: datetime | None = None
    callback_data: str = ""  # biz_opaque_callback_data
    recipient: Person = Person()
    participant: str = ""  # group sends
    name: str = ""
    username: str = ""
    errors: tuple[ErrorDetail, ...] = ()


@dataclass(frozen=True, slots=True)
class IdentityChange(Item):
    """A person's phone or BSUID was replaced: `system` messages and `user_id_update`."""

    wamid: str = ""  # of the system message, else "odd:" + digest
    previous: Person = Person()
    current: Person = Person()
    kind: str = ""  # "user_changed_number", "user_changed_user_id", "user_id_update", …
    text: str = ""
    provider_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Preference(Item):
    """`user_preferences`: the customer stopped, resumed or signed up for marketing inside WhatsApp."""

    person: Person = Person()
    category: str = ""
    value: str = ""  # "stop" | "resume" | "signup", unknown kept
    text: str = ""
    provider_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class TemplateNews(Item):
    """A change of a message template of the account `waba_id`: its status, quality, category or texts.

    `facts` by kind: {status, reason, details}, {quality}, {category, previous, correct, from} or {header, body, footer,
    buttons}; "from" is an ISO time or None. Words of Meta's as sent, unknown ones too.
    """

    kind: str = ""  # "status" | "quality" | "category" | "texts"
    template_id: str = ""
    name: str = ""
    language: str = ""
    provider_at: datetime | None = None  # of the entry
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Notice(Item):
    """Anything else that was signed: other fields, user_actions, value-level errors. Kept, counted, shown as JSON.

    `problem` is a sentence where it stands for something that should have been readable.
    """

    kind: str = ""
    errors: tuple[ErrorDetail, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Parsed:
    """All of a body. `problem` is a sentence when some of it could not be understood; `items` holds what could."""

    items: tuple[Item, ...] = ()
    problem: str = ""
