"""The lines of a thread: messages, acts and changes in one order, as facts for the templates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db.models import Q, QuerySet

from workspaces import keys
from workspaces.models import Workspace

from . import change_markers, names
from .act_lines import Line, act_line
from .causes import causes_of
from .message_lines import draw, quotes_in
from .models import Act, Conversation, Message, Work
from .sql import rows

PAGE = 50
CHANGES = 200


@dataclass(frozen=True, slots=True)
class Page:
    """Lines in order, and where the page before them ends: "" when there is nothing before."""

    lines: list[Line]
    earlier: str = ""


@dataclass(frozen=True, slots=True)
class Changes:
    """Lines that changed, in order; where there are too many for one answer, `upto` is the version they go up to."""

    lines: list[Line]
    upto: int | None = None


def newest(conversation: Conversation, workspace: Workspace, before: str = "") -> Page:
    """The newest 50 messages, or the 50 before a key, with the acts and changes between them."""
    messages = conversation.messages.order_by("-placed_at", "-arrival", "-id")
    acts, until = conversation.acts.all(), None
    if end := keys.read(before, 2):
        at, (arrival, message_id) = end
        until = at
        messages = messages.filter(placed_at__lte=at).filter(
            Q(placed_at__lt=at) | Q(arrival__lt=arrival) | Q(arrival=arrival, id__lt=message_id)
        )
        acts = acts.filter(at__lt=at)
    found = list(_whole(messages)[: PAGE + 1])
    shown = found[:PAGE]
    if len(found) > PAGE:
        acts = acts.filter(at__gte=shown[-1].placed_at)
    lines = lines_of(conversation, workspace, shown, acts)
    if shown:  # nothing was changed around what was not said yet
        changes = change_markers.between(conversation.connection, shown[-1].placed_at, until)
        lines = in_order(lines + change_markers.gathered(changes, lines))
    return Page(lines, _key(shown[-1]) if len(found) > PAGE else "")


CHANGED = "SELECT version > %s FROM inbox_conversation WHERE id = %s AND workspace_id = %s"


def has_changed(workspace: Workspace, conversation_id: int, seen: int) -> bool | None:
    """Whether a thread has anything newer than a version; None where the workspace has no such conversation."""
    found = rows(CHANGED, [seen, conversation_id, workspace.pk])
    return bool(found[0][0]) if found else None


def since(conversation: Conversation, workspace: Workspace, seen: int, oldest: str = "") -> Changes:
    """What changed after a version: new lines, and lines already shown that are different now.

    `oldest` is the key of the first message shown: what stands before it comes with its own page, not with a poll.
    """
    messages, acts = conversation.messages.filter(version__gt=seen), conversation.acts.filter(version__gt=seen)
    if start := keys.read(oldest, 2):
        at, (arrival, message_id) = start
        messages = messages.filter(placed_at__gte=at).filter(
            Q(placed_at__gt=at) | Q(arrival__gt=arrival) | Q(arrival=arrival, id__gte=message_id)
        )
        acts = acts.filter(at__gte=at)
    upto, oldest_at = None, start[0] if start else None
    found = list(_whole(messages).order_by("version")[: CHANGES + 1])
    if len(found) > CHANGES:
        # By version, so that the next poll goes on where this one ends; whole versions, so that it misses none.
        upto = found[CHANGES - 1].version
        found, acts = list(_whole(messages.filter(version__lte=upto))), acts.filter(version__lte=upto)
    lines = lines_of(conversation, workspace, found, acts, seen)
    if change_markers.are_news(workspace, seen):
        lines += map(change_markers.line_of, change_markers.since(conversation, seen, oldest_at, upto))
    return Changes(in_order(lines), upto)


def one(conversation: Conversation, workspace: Workspace, message_id: int) -> Line:
    found = _whole(conversation.messages.filter(pk=message_id))
    return lines_of(conversation, workspace, list(found), Act.objects.none())[0]


def lines_of(
    conversation: Conversation,
    workspace: Workspace,
    messages: Sequence[Message],
    acts: QuerySet[Act],
    seen: int = 0,
) -> list[Line]:
    customer = names.name_of(conversation.contact, names.identities_of(conversation.contact))
    quotes = quotes_in(conversation, messages, customer)
    head = _head_of_queue(conversation) if any(message.work == Work.WAITING for message in messages) else None
    causes = causes_of(conversation.connection, messages)
    drawn: list[Line] = [
        replace(draw(message, workspace, customer, quotes, head, seen), cause=causes.get(message.pk))
        for message in messages
    ]
    drawn += [act_line(act) for act in acts.select_related("actor", "owner")]
    return in_order(drawn)


def in_order(lines: list[Line]) -> list[Line]:
    return sorted(lines, key=lambda line: line.order)


def _whole(messages: QuerySet[Message]) -> QuerySet[Message]:
    return messages.select_related("media", "author").defer("raw")


def _head_of_queue(conversation: Conversation) -> int | None:
    at_work = conversation.messages.filter(work__in=[Work.WAITING, Work.CLAIMED])
    return at_work.order_by("id").values_list("id", flat=True).first()


def _key(message: Message) -> str:
    return keys.write(message.placed_at, message.arrival, message.pk)
