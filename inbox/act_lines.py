"""Acts as lines of a thread: who did what, in a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from .models import Act
from .placeholders import UNKNOWN_ICON

ACT_ICONS = {
    Act.Kind.ASSIGNED: "user-plus",
    Act.Kind.RELEASED: "user-minus",
    Act.Kind.CLOSED: "check-circle",
    Act.Kind.REOPENED: "arrow-path",
    Act.Kind.NUMBER_CHANGED: "arrows-right-left",
    Act.Kind.NUMBER_MOVED: "exclamation-triangle",
    Act.Kind.MERGED: "arrows-pointing-in",
}


@dataclass(frozen=True, slots=True)
class Line:
    """An act, a change or a message. Lines are in the order of `order`; `version` is that of their last change."""

    kind: str
    id: int
    text: str
    at: datetime
    version: int
    order: tuple[datetime, int, int]
    icon: str = ""


def act_line(act: Act) -> Line:
    return Line(
        kind="act",
        id=act.pk,
        text=sentence_of(act),
        at=act.at,
        version=act.version,
        order=(act.at, act.version, act.pk),
        icon=ACT_ICONS.get(Act.Kind(act.kind), UNKNOWN_ICON),
    )


def sentence_of(act: Act) -> str:
    """Who did what, as a line of the thread."""
    who = str(act.actor) if act.actor else ""
    whom = str(act.owner) if act.owner else "somebody who has left"
    match act.kind:
        case Act.Kind.ASSIGNED if act.actor_id == act.owner_id:
            sentence = f"{who or whom} took the conversation"
        case Act.Kind.ASSIGNED:
            sentence = f"{who or 'Somebody who has left'} assigned the conversation to {whom}"
        case Act.Kind.RELEASED if act.detail:
            return f"Released because {act.detail}"
        case Act.Kind.RELEASED:
            sentence = f"{who or 'Somebody who has left'} released the conversation"
        case Act.Kind.CLOSED:
            sentence = f"{who or 'Somebody who has left'} closed the conversation"
        case Act.Kind.REOPENED:
            sentence = f"{who} reopened the conversation" if who else _reopened(act)
        case _:
            return act.detail or Act.Kind(act.kind).label
    return f"{sentence}. {act.detail}".rstrip(". ") if act.detail else sentence


def _reopened(act: Act) -> str:
    if act.wamid:
        return "Reopened by a message from the customer"
    return "Somebody who has left reopened the conversation"
