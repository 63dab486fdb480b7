"""What a member has not seen: what the customer wrote live since. What came from the phone's history was read there."""

from __future__ import annotations


def unread_since(version: str) -> str:
    """The condition on rows of inbox_message, in SQL; `version` says, in SQL too, how far the member has seen."""
    return f"direction = 'in' AND source = 'live' AND arrival > COALESCE({version}, 0)"
