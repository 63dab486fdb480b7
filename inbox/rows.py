"""The rows of the list: what each conversation shows before it is opened, in a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from connections import sandbox
from optouts import ledger
from workspaces.models import User, Workspace

from . import names, window
from .address import named_by
from .holdings import holdings_of
from .marks import Mark, mark_of
from .models import Conversation, Identity, Message
from .placeholders import icon_of, preview_of
from .unread import unread_since

PREVIEW_LENGTH = 160
# Nobody reads a number of unread messages beyond this; counting further would cost more, the longer one was away.
UNREAD_COUNTED = 100
# Of each conversation the newest message, and the newest of ours again, which the customer may have written after.
NEWEST = f"""
SELECT message.id, message.conversation_id, message.direction, message.source, message.kind, message.group_id,
    left(message.text, %s) AS text, message.details, message.placed_at, message.word, message.work, message.due_at,
    message.problem, message.accepted_at, message.sent_at, message.delivered_at, message.read_at, message.played_at,
    message.failed_at, message.claimed_at, message.deadline, message.received_at, media.is_voice, media.filename,
    message.is_newest, unread.count AS unread
FROM unnest(%s::bigint[]) shown (id)
LEFT JOIN inbox_seen seen ON seen.conversation_id = shown.id AND seen.user_id = %s
CROSS JOIN LATERAL (
    (SELECT *, true AS is_newest FROM inbox_message WHERE conversation_id = shown.id
    ORDER BY placed_at DESC, arrival DESC, id DESC LIMIT 1)
    UNION ALL
    (SELECT *, false FROM inbox_message WHERE conversation_id = shown.id AND direction = 'out'
    ORDER BY placed_at DESC, arrival DESC, id DESC LIMIT 1)
) message
LEFT JOIN inbox_media media ON media.message_id = message.id
CROSS JOIN LATERAL (
    SELECT count(*) FROM (
        SELECT 1 FROM inbox_message
        WHERE conversation_id = shown.id AND {unread_since("seen.version")} LIMIT %s
    ) counted
) unread
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Owner:
    name: str
    initials: str
    is_me: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A conversation in the list. `unread` stops at 100.

    `mark` is that of our last message; with `mark_is_past` the customer wrote after it, and the preview is theirs.
    """

    id: int
    url: str
    name: str
    preview: str
    preview_icon: str
    at: datetime | None
    unread: int
    owner: Owner | None
    mark: Mark | None
    mark_is_past: bool
    is_closed: bool
    window_closes_at: datetime | None
    opted_out: bool
    environment: str
    sandboxed: bool
    is_chosen: bool


def rows_of(
    workspace: Workspace,
    reader: User,
    conversations: Sequence[Conversation],
    *,
    chosen: int | None,
    query: str,
    whitelist: frozenset[tuple[str, str]] | None,
) -> list[Row]:
    """Rows for conversations fetched with contact, owner and connection; `query` keeps view and words in the links.

    In sandbox mode, whoever is not on the `whitelist` is marked; None when it is off.
    """
    last, sent = _newest(conversations, reader)
    people = _identities(conversations)
    stopped = ledger.opted_out(workspace.pk, holdings_of(workspace.pk, people))
    return [
        _row(
            conversation,
            people[conversation.contact_id],
            last.get(conversation.pk),
            sent.get(conversation.pk),
            reader=reader,
            opted_out=conversation.contact_id in stopped,
            sandboxed=whitelist is not None and not sandbox.names(whitelist, named_by(people[conversation.contact_id])),
            url=f"{reverse('inbox:conversation', args=[workspace.slug, conversation.pk])}?{query}",
            is_chosen=conversation.pk == chosen,
        )
        for conversation in conversations
    ]


def owner_of(conversation: Conversation, reader: User) -> Owner | None:
    owner = conversation.owner
    return Owner(str(owner), owner.initials, owner.pk == reader.pk) if owner else None


def _newest(conversations: Sequence[Conversation], reader: User) -> tuple[dict[int, Message], dict[int, Message]]:
    """Each conversation's newest message, with `unread`, `is_voice` and `filename` beside it, and our newest."""
    ids = [conversation.pk for conversation in conversations]
    found = list(Message.objects.raw(NEWEST, [PREVIEW_LENGTH, ids, reader.pk, UNREAD_COUNTED]))
    newest = {message.conversation_id: message for message in found if getattr(message, "is_newest", False)}
    return newest, {message.conversation_id: message for message in found if message.is_outgoing}


def _identities(conversations: Sequence[Conversation]) -> dict[int, list[Identity]]:
    held: dict[int, list[Identity]] = defaultdict(list)
    for identity in Identity.objects.filter(contact_id__in=[conversation.contact_id for conversation in conversations]):
        if identity.contact_id is not None:
            held[identity.contact_id].append(identity)
    return held


def _row(
    conversation: Conversation,
    held: list[Identity],
    last: Message | None,
    sent: Message | None,
    *,
    reader: User,
    opted_out: bool,
    sandboxed: bool,
    url: str,
    is_chosen: bool,
) -> Row:
    return Row(
        id=conversation.pk,
        url=url,
        name=names.name_of(conversation.contact, held),
        preview=" ".join(preview_of(last).split())[:PREVIEW_LENGTH] if last else "",
        preview_icon=icon_of(last.kind) if last else "",
        at=conversation.last_at,
        unread=getattr(last, "unread", 0),
        owner=owner_of(conversation, reader),
        mark=mark_of(sent) if sent else None,
        mark_is_past=last is not None and not last.is_outgoing,
        is_closed=conversation.closed_at is not None,
        window_closes_at=window.closes_at(conversation.last_inbound_at),
        opted_out=opted_out,
        environment=conversation.connection.environment,
        sandboxed=sandboxed,
        is_chosen=is_chosen,
    )
