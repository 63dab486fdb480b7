"""The lines of a thread: messages and acts in one order, as facts for the templates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.urls import reverse

from workspaces import keys
from workspaces.models import Workspace

from . import names
from .marks import Failure, Mark, failure_of, mark_of
from .models import Act, Conversation, Media, Message, Word, Work
from .placeholders import SAID_IN_PLACEHOLDER, UNKNOWN_ICON, icon_of, part, placeholder_of, preview_of, said
from .sql import rows

PAGE = 50
CHANGES = 200
LATE = timedelta(minutes=1)
QUOTE_LENGTH = 200
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
class Quoted:
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class File:
    """A file of a message: `state` is pending, stored or failed, and `reason` a sentence where it failed."""

    state: str
    kind: str
    url: str
    retry_url: str
    filename: str
    size: int | None
    mime_type: str
    reason: str
    is_voice: bool


@dataclass(frozen=True, slots=True)
class Line:
    """An act or a message. Lines are in the order of `order`; `version` is that of their last change."""

    kind: str
    id: int
    text: str
    at: datetime
    version: int
    order: tuple[datetime, int, int]
    icon: str = ""


@dataclass(frozen=True, slots=True)
class MessageLine(Line):
    content: str = "text"
    is_outgoing: bool = False
    is_new: bool = False
    is_late: bool = False
    is_history: bool = False
    is_echo: bool = False
    is_unconfirmed: bool = False
    can_cancel: bool = False
    waiting_for_previous: bool = False
    received_at: datetime | None = None
    sender_name: str = ""
    placeholder: str = ""
    mark: Mark | None = None
    media: File | None = None
    failure: Failure | None = None
    quoted: Quoted | None = None
    evidence_url: str = ""
    cancel_url: str = ""


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
    """The newest 50 messages, or the 50 before a key, with the acts between them."""
    messages = conversation.messages.order_by("-placed_at", "-arrival", "-id")
    acts = conversation.acts.all()
    if end := keys.read(before, 2):
        at, (arrival, message_id) = end
        messages = messages.filter(placed_at__lte=at).filter(
            Q(placed_at__lt=at) | Q(arrival__lt=arrival) | Q(arrival=arrival, id__lt=message_id)
        )
        acts = acts.filter(at__lt=at)
    found = list(_whole(messages)[: PAGE + 1])
    shown = found[:PAGE]
    if len(found) > PAGE:
        acts = acts.filter(at__gte=shown[-1].placed_at)
    lines = lines_of(conversation, workspace, shown, acts)
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
    upto = None
    found = list(_whole(messages).order_by("version")[: CHANGES + 1])
    if len(found) > CHANGES:
        # By version, so that the next poll goes on where this one ends; whole versions, so that it misses none.
        upto = found[CHANGES - 1].version
        found, acts = list(_whole(messages.filter(version__lte=upto))), acts.filter(version__lte=upto)
    return Changes(lines_of(conversation, workspace, found, acts, seen), upto)


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
    quotes = _quotes(conversation, messages, customer)
    head = _head_of_queue(conversation) if any(message.work == Work.WAITING for message in messages) else None
    drawn: list[Line] = [_draw(message, workspace, customer, quotes, head, seen) for message in messages]
    drawn += [_act_line(act) for act in acts.select_related("actor", "owner")]
    return sorted(drawn, key=lambda line: line.order)


def _whole(messages: QuerySet[Message]) -> QuerySet[Message]:
    return messages.select_related("media", "author").defer("raw")


def _quotes(conversation: Conversation, messages: Sequence[Message], customer: str) -> dict[str, Quoted]:
    wamids = {wamid for message in messages if (wamid := _quoted_wamid(message))}
    if not wamids:
        return {}
    found = (
        Message.objects.filter(
            workspace_id=conversation.workspace_id, connection_id=conversation.connection_id, wamid__in=wamids
        )
        .select_related("author")
        .defer("raw")
    )
    return {
        str(message.wamid): Quoted(_sender(message, customer), preview_of(message)[:QUOTE_LENGTH]) for message in found
    }


def _quoted_wamid(message: Message) -> str:
    return message.context_wamid or said(part(message, "reaction"), "message_id")


def _head_of_queue(conversation: Conversation) -> int | None:
    at_work = conversation.messages.filter(work__in=[Work.WAITING, Work.CLAIMED])
    return at_work.order_by("id").values_list("id", flat=True).first()


def _draw(
    message: Message, workspace: Workspace, customer: str, quotes: dict[str, Quoted], head: int | None, seen: int
) -> MessageLine:
    address = {"slug": workspace.slug, "message_id": message.pk}
    waits = message.work == Work.WAITING
    wamid = _quoted_wamid(message)
    return MessageLine(
        kind="message",
        id=message.pk,
        text="" if message.kind in SAID_IN_PLACEHOLDER else message.text,
        at=message.placed_at,
        version=message.version,
        order=(message.placed_at, message.arrival, message.pk),
        icon=icon_of(message.kind),
        content=message.kind,
        is_outgoing=message.is_outgoing,
        is_new=message.arrival > seen,
        is_late=_is_late(message),
        is_history=message.source == Message.Source.HISTORY,
        is_echo=message.source == Message.Source.ECHO,
        is_unconfirmed=message.word == Word.UNCONFIRMED,
        can_cancel=waits,
        waiting_for_previous=waits and head is not None and head != message.pk,
        received_at=message.received_at,
        sender_name=_sender(message, customer),
        placeholder=placeholder_of(message),
        mark=mark_of(message),
        media=_file(message, workspace),
        failure=failure_of(message),
        quoted=quotes.get(wamid) or (Quoted("", "A message that is not stored here") if wamid else None),
        evidence_url=reverse("inbox:evidence", kwargs=address),
        cancel_url=reverse("inbox:cancel", kwargs=address) if waits else "",
    )


def _is_late(message: Message) -> bool:
    if message.source not in {Message.Source.LIVE, Message.Source.ECHO} or message.provider_at is None:
        return False
    return message.received_at - message.provider_at > LATE


def _sender(message: Message, customer: str) -> str:
    if not message.is_outgoing:
        return customer
    if message.source != Message.Source.OURS:
        return "The phone app"
    return str(message.author) if message.author else "A former member"


def _file(message: Message, workspace: Workspace) -> File | None:
    media: Media | None = getattr(message, "media", None)
    if media is None:
        return None
    address = {"slug": workspace.slug, "message_id": message.pk}
    return File(
        state=media.state,
        kind=message.kind,
        url=reverse("inbox:media", kwargs=address),
        retry_url=reverse("inbox:media_retry", kwargs=address),
        filename=media.filename,
        size=media.size,
        mime_type=media.sniffed_type or media.mime_type,
        reason=media.reason,
        is_voice=media.is_voice,
    )


def _act_line(act: Act) -> Line:
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


def _key(message: Message) -> str:
    return keys.write(message.placed_at, message.arrival, message.pk)
