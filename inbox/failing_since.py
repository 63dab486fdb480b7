"""Since which change does a number's sending fail? Pure, from the times of its calls and of the changes.

The newest change that lies after the last call that Meta accepted and before the first that it refused. What failed
before a change already does not fail because of it, so a change that was made to mend a failure is never named as its
cause; and whatever was sent in between clears the change.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from workspaces.audit import Action

T = TypeVar("T")

# What the change of which thing can bring about: a refusal by Meta, or one of the guard's reasons, by its code.
CAUSES: dict[str, frozenset[Action]] = {
    "refused": frozenset(
        {
            Action.TOKEN_REPLACED,
            Action.CONNECTION_SAVED,
            Action.CONNECTION_CHANGED,
            Action.APP_CHANGED,
            Action.APP_SECRET_REPLACED,
            Action.SANDBOX_SWITCHED,
        }
    ),
    "sandbox": frozenset({Action.SANDBOX_SWITCHED}),
    "paused": frozenset({Action.CONNECTION_PAUSED}),
    "not_ready": frozenset({Action.CONNECTION_SAVED, Action.CONNECTION_CHANGED}),
}
# Who can mend it, where the failure is about the one message or its reader: no setting of ours has brought it about.
NOT_OURS = frozenset({"agent", "customer", "meta", "you"})


@dataclass(frozen=True, slots=True)
class Calls:
    """A failed call of a number, and the calls around it.

    `accepted_at`: the last accepted call before it. `refused_at`: the first refused one since then. `is_over`: a later
    one was accepted.
    """

    failed_at: datetime
    accepted_at: datetime | None = None
    refused_at: datetime | None = None
    is_over: bool = False

    @property
    def began_at(self) -> datetime:
        return min(self.failed_at, self.refused_at or self.failed_at)


def cause(calls: Calls, changes: Iterable[tuple[datetime, T]]) -> T | None:
    """The newest change after the last accepted call and before the first failed one; None where there is none."""
    after = [
        (at, change)
        for at, change in changes
        if at < calls.began_at and (calls.accepted_at is None or at > calls.accepted_at)
    ]
    return max(after, key=lambda one: one[0])[1] if after else None
