"""What a batch brings, and what it changed: the words between the drain and the rules it calls."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from webhooks.items import Item, Message

from . import window
from .versions import Proof


@dataclass(frozen=True, slots=True)
class Number:
    """The connection that an item is for."""

    connection_id: int
    workspace_id: int
    environment: str


@dataclass(frozen=True, slots=True)
class Arrival:
    """An item, the connection it is for, and the event that brought it."""

    item: Item
    number: Number
    received_at: datetime
    event_day: date
    event_id: int

    @property
    def at(self) -> datetime:
        """Meta's time; where Meta gave none, the time we stored it, which is the same however often it is applied."""
        given: datetime | None = getattr(self.item, "provider_at", None)
        return given or self.received_at


@dataclass(slots=True)
class Changes:
    """What a batch changed, by workspace: to be stamped with the workspace's new version."""

    new_messages: dict[int, set[int]] = field(default_factory=dict)
    messages: dict[int, set[int]] = field(default_factory=dict)
    conversations: dict[int, set[int]] = field(default_factory=dict)
    # Workspaces where something changed that has no row to stamp: consents, templates.
    others: set[int] = field(default_factory=set)
    # What receipts prove of messages that change, by message.
    proofs: dict[int, Proof] = field(default_factory=dict)
    # Messages that are locked, and whose conversations are noted.
    locked: set[int] = field(default_factory=set)
    media: list[int] = field(default_factory=list)
    # Conversations whose cached values have to be found again from their messages.
    recount: set[int] = field(default_factory=set)

    def note(self, what: dict[int, set[int]], workspace_id: int, ids: Iterable[int]) -> None:
        what.setdefault(workspace_id, set()).update(ids)


@dataclass(slots=True)
class Placed:
    """A message that arrived, with whose it is and the conversation it belongs to; `id` once it is a row."""

    arrival: Arrival
    message: Message
    contact_id: int
    identity_id: int
    reply_identity_id: int
    conversation_id: int = 0
    id: int = 0

    @property
    def at(self) -> datetime:
        return self.arrival.at

    @property
    def is_live(self) -> bool:
        return self.message.source == "live"

    @property
    def is_theirs(self) -> bool:
        """Written by the customer, to the business alone."""
        return not self.message.is_outgoing and not self.message.group_id

    @property
    def opens_window(self) -> bool:
        is_dated = self.message.provider_at is not None
        return self.is_live and self.is_theirs and is_dated and window.counts(self.message.kind)
