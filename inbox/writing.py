"""A reply, written: compared with what the writer saw, held against the guard, and queued."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from workspaces.models import Membership

from . import guard, sending, versions, window
from .guard import Verdict
from .models import Act, Conversation, Message, Word, Work
from .sql import rows

# After this nobody expects an answer to a chat message to leave by itself any more.
LONGEST_WAIT = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Written:
    message: Message


@dataclass(frozen=True, slots=True)
class Repeated:
    """The same form was sent twice (a double click, a retry): one message."""

    message: Message


@dataclass(frozen=True, slots=True)
class Newer:
    """Somebody else's message or act is newer than what the writer saw."""

    messages: list[Message] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Refused:
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Moved:
    """The conversation went into another one: its person turned out to be somebody already known."""


Outcome = Written | Repeated | Newer | Refused | Moved


def write_reply(
    *,
    conversation: Conversation,
    membership: Membership,
    text: str,
    form_token: uuid.UUID,
    position: int,
    confirmed: Collection[str],
    now: datetime,
    behind_since: datetime | None = None,
) -> Outcome:
    """Queue a reply, or say why not. `position` is the workspace's version that the writer's screen showed.

    `confirmed` is the extra click: the codes of the warnings that were shown with it. It covers these, no more, and of
    the thread what `position` covers.
    """
    with transaction.atomic():
        # Held until commit: ids follow the order of writing, and what is newer cannot slip in behind the comparison.
        stands = rows("SELECT 1 FROM inbox_conversation WHERE id = %s FOR NO KEY UPDATE", [conversation.pk])
        if earlier := Message.objects.filter(workspace_id=conversation.workspace_id, form_token=form_token).first():
            return Repeated(earlier)
        if not stands:
            return Moved()
        newer = newer_than(conversation, membership.user_id, position)
        if newer.messages or newer.acts:
            return newer
        conversation.refresh_from_db()
        verdict = guard.verdict(conversation, membership=membership, now=now, behind_since=behind_since)
        if any(reason.blocking or reason.code not in confirmed for reason in verdict.reasons):
            return Refused(verdict)
        message = _queue(conversation, membership, text, form_token, verdict, now)
        transaction.on_commit(lambda: sending.wake(message.pk))
    return Written(message)


def newer_than(conversation: Conversation, user_id: int, position: int) -> Newer:
    """What somebody else wrote or did after this version. Receipts and one's own messages do not count."""
    messages = conversation.messages.filter(arrival__gt=position).filter(Q(author__isnull=True) | ~Q(author_id=user_id))
    acts = conversation.acts.filter(version__gt=position).filter(Q(actor__isnull=True) | ~Q(actor_id=user_id))
    return Newer(list(messages.order_by("placed_at", "pk")[:20]), list(acts.order_by("at", "pk")[:20]))


def _queue(
    conversation: Conversation,
    membership: Membership,
    text: str,
    form_token: uuid.UUID,
    verdict: Verdict,
    now: datetime,
) -> Message:
    closes_at = window.closes_at(conversation.last_inbound_at)
    message = Message.objects.create(
        workspace_id=conversation.workspace_id,
        connection_id=conversation.connection_id,
        conversation=conversation,
        identity=verdict.identity,
        environment=conversation.connection.environment,
        direction=Message.Direction.OUT,
        source=Message.Source.OURS,
        kind="text",
        text=text,
        placed_at=now,
        received_at=now,
        processed_at=now,
        author_id=membership.user_id,
        token=uuid.uuid4().hex,
        form_token=form_token,
        # What its writer was told and sent it all the same: at the call it is not held back by that.
        details={"confirmed": [reason.code for reason in verdict.reasons]} if verdict.reasons else {},
        word=Word.QUEUED,
        work=Work.WAITING,
        due_at=now,
        deadline=min(now + LONGEST_WAIT, closes_at) if closes_at else now + LONGEST_WAIT,
    )
    rows("UPDATE inbox_conversation SET last_at = GREATEST(last_at, %s) WHERE id = %s", [now, conversation.pk])
    versions.stamp(
        new_messages={conversation.workspace_id: [message.pk]},
        conversations={conversation.workspace_id: [conversation.pk]},
    )
    message.refresh_from_db()
    return message
