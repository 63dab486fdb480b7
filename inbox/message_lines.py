"""A message as a line of a thread: what was said, its file, whom it quotes, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse

from workspaces.models import Workspace

from .act_lines import Line
from .causes import Cause
from .marks import Failure, Mark, failure_of, mark_of
from .models import Conversation, Media, Message, Word, Work
from .placeholders import SAID_IN_PLACEHOLDER, icon_of, part, placeholder_of, preview_of, said

LATE = timedelta(minutes=1)
QUOTE_LENGTH = 200


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
    cause: Cause | None = None
    quoted: Quoted | None = None
    evidence_url: str = ""
    cancel_url: str = ""


def quotes_in(conversation: Conversation, messages: Sequence[Message], customer: str) -> dict[str, Quoted]:
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


def draw(
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
