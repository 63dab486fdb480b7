"""The one way out: a reply is written, claimed, called and settled.

Promise: a message is never sent twice by a machine and never silently dropped (P5). Claim and attempt are one
transaction, made before the call, so an attempt that was started and not finished is always ambiguous, and stays
"unconfirmed" until evidence or a person settles it. Nothing leaves that the guard refuses at that moment (P7).
"""

from __future__ import annotations

import os
import socket
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from connections import choice
from connections.graph import client
from connections.graph.errors import GraphError
from webhooks import wake as hints
from workspaces.models import Membership

from . import freshness, guard, settling, standing, versions
from .address import address, choose
from .models import Identity, Message, SendAttempt, Word, Work
from .sql import rows

WORKER = f"{socket.gethostname()}:{os.getpid()}"
# While Meta's events wait to be applied, how often a message that waits for them is looked at again.
HOLD = timedelta(seconds=10)
# With so many hints waiting for a worker, more of them would only be read later.
MOST_HINTS = 1000

# Nothing before it in its conversation is still at work.
IS_NEXT = """NOT EXISTS (
    SELECT 1 FROM inbox_message earlier WHERE earlier.conversation_id = message.conversation_id
    AND earlier.work IN ('waiting', 'claimed') AND earlier.id < message.id)"""
# One statement decides: due, not past its deadline, and next in its conversation.
CLAIM = f"""
UPDATE inbox_message message SET work = 'claimed', claimed_at = %s, claimed_by = %s, attempt = attempt + 1,
    word = CASE WHEN word >= %s THEN word ELSE %s END
WHERE id = %s AND work = 'waiting' AND due_at <= %s AND deadline > %s AND {IS_NEXT}
RETURNING id
"""  # noqa: S608


def deliver(message_id: int) -> bool:
    """Send a message if it is its turn; harmless to call at any time, and from anywhere. True if a call was made."""
    if _is_held_back(message_id, timezone.now()):
        return False
    attempt = _claim(message_id, timezone.now())
    if attempt is None:
        return False
    message = attempt.message
    try:
        return _send(message, attempt)
    finally:
        wake_next(message)


def _send(message: Message, attempt: SendAttempt) -> bool:
    """The guard, then the call, then what came of it. Nothing else in Gigaviz asks Graph to send.

    Whether it has to wait for Meta's events was asked before the claim: waiting is no refusal.
    """
    # As it is now: the row was read for the claim, and a person may have paused the number since.
    message.conversation.connection.refresh_from_db(fields=["proven_at", "paused_at"])
    verdict = guard.verdict(message.conversation, membership=_writer(message), now=timezone.now(), behind_since=None)
    if not verdict.allowed or verdict.identity is None:
        settling.refused_by_guard(message, attempt, verdict)
        return False
    # The recipient was written down with the claim; what the guard found since must be the same person.
    if (verdict.identity.kind, verdict.identity.value) != (attempt.recipient_kind, attempt.recipient):
        settling.try_again_at_once(
            message, attempt, "The customer's address changed; it is tried again with the new one."
        )
        return False
    try:
        accepted = client.send_text(
            choice.account(message.connection),
            address(verdict.identity),
            message.text,
            f"{message.token}.{attempt.number}",
            message.context_wamid or None,
        )
    except GraphError as error:
        settling.settle_error(message, attempt, error)
    else:
        settling.settle_accepted(message, attempt, accepted)
    return True


def _writer(message: Message) -> Membership | None:
    """The writer's membership as it is at the moment of the call."""
    if message.author_id is None:
        return None
    found = Membership.objects.filter(workspace_id=message.workspace_id, user_id=message.author_id)
    return found.select_related("user").first()


def _is_held_back(message_id: int, now: datetime) -> bool:
    """Whether there is nothing to send, or it has to wait until Meta's events are applied (P7).

    What waits for them is every retry, and a reply whose writer was not told that events are waiting.
    """
    waiting = Message.objects.filter(pk=message_id, work=Work.WAITING, due_at__lte=now)
    message = waiting.select_related("connection").only(*FOR_HOLDING).first()
    if message is None:
        return True
    since = freshness.waiting_since(message.connection.meta_app_id)
    was_told = message.attempt == 0 and "behind" in message.details.get("confirmed", [])
    if since is None or was_told or not guard.is_too_far_behind(since, now):
        return False
    settling.hold(message, since, now + HOLD)
    return True


FOR_HOLDING = ("workspace_id", "conversation_id", "attempt", "details", "connection__meta_app_id")


def _claim(message_id: int, now: datetime) -> SendAttempt | None:
    """Take a message, and write the attempt with the triple it will use, in one transaction."""
    # A token that does not decrypt must not keep the row from being loaded: it is a reason to be told.
    whole = Message.objects.select_related("conversation__connection", "connection")
    whole = whole.defer("connection__access_token", "conversation__connection__access_token")
    try:
        with transaction.atomic():
            values = [now, WORKER, Word.DELIVERED, Word.SENDING, message_id, now, now]
            if not rows(CLAIM, values):
                return None
            message = whole.get(pk=message_id)
            attempt = _write_attempt(message, now)
            versions.stamp(
                messages={message.workspace_id: [message.pk]},
                conversations={message.workspace_id: [message.conversation_id]},
            )
    except IntegrityError:
        return None  # another message of the conversation was claimed at the same moment; the dispatcher comes back
    return attempt


def _write_attempt(message: Message, now: datetime) -> SendAttempt:
    conversation = message.conversation
    recipient = choose(conversation, Identity.objects.filter(contact_id=conversation.contact_id))
    connection = message.connection
    return SendAttempt.objects.create(
        message=message,
        connection=connection,
        number=message.attempt,
        started_at=now,
        phone_number_id=connection.phone_number_id,
        recipient_kind=recipient.kind if recipient else "",
        recipient=recipient.value if recipient else "",
        token_fingerprint=choice.fingerprint(connection),
        graph_version=settings.GRAPH_VERSION,
        worker=WORKER,
    )


def wake(message_id: int) -> None:
    """Hint that a message may be due. The dispatcher finds it anyway."""
    hints.publish("inbox.deliver", message_id, queue="sending")


def wake_next(message: Message) -> None:
    """Hint at the message after this one: it may have been waiting for it."""
    following = (
        Message.objects.filter(conversation_id=message.conversation_id, work=Work.WAITING, due_at__lte=timezone.now())
        .order_by("pk")
        .values_list("pk", flat=True)
        .first()
    )
    if following is not None:
        wake(following)


DUE = f"""
SELECT DISTINCT ON (conversation_id) id FROM inbox_message message
WHERE work = 'waiting' AND due_at <= %s AND {IS_NEXT}
ORDER BY conversation_id, id LIMIT 500
"""  # noqa: S608


def dispatch() -> int:
    """Each second: hint at whatever is due, one message for each conversation. Returns how many."""
    if hints.queued("sending") > MOST_HINTS:
        return 0
    due = [row[0] for row in rows(DUE, [timezone.now()])]
    for message_id in due:
        wake(message_id)
    return len(due)


CANCEL = """
UPDATE inbox_message SET work = 'cancelled' WHERE id = %s AND work = 'waiting' RETURNING workspace_id, conversation_id
"""


@transaction.atomic
def cancel(message_id: int) -> bool:
    """Take a message back; works until a worker claims it. False when that is too late."""
    taken = rows(CANCEL, [message_id])
    for workspace, conversation in taken:
        standing.restate([message_id])
        versions.stamp(messages={workspace: [message_id]}, conversations={workspace: [conversation]})
    return bool(taken)
