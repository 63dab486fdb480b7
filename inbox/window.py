"""The session window: for 24 hours after a customer's newest message, anything may be sent; then only templates.

Counted from Meta's time of the message, not from its arrival, so that a late arrival opens no more than is left
(Meta: customer service windows). Pure.
"""

from __future__ import annotations

from datetime import datetime, timedelta

LENGTH = timedelta(hours=24)
# Clocks differ and a call takes time: free-form stops a minute early rather than be refused.
MARGIN = timedelta(minutes=1)
# Whether a reaction or an unsupported message opens the window, Meta does not say; a system message comes from Meta.
UNCOUNTED_KINDS = frozenset({"reaction", "system", "unsupported", "unknown", ""})


def counts(kind: str) -> bool:
    """Whether a customer's message of this kind opens or extends the window."""
    return kind not in UNCOUNTED_KINDS


def closes_at(last_inbound_at: datetime | None) -> datetime | None:
    """When free-form replies stop; None if the customer never wrote."""
    return last_inbound_at + LENGTH - MARGIN if last_inbound_at else None


def is_open(last_inbound_at: datetime | None, now: datetime) -> bool:
    closing = closes_at(last_inbound_at)
    return closing is not None and now < closing
