"""What nobody finished: attempts whose worker is gone, and messages whose deadline has passed."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from . import heartbeats, settling, standing, versions
from .models import Message, SendAttempt, Work
from .sql import rows

NAME = "reaper"
# Longer than all the time-outs of one call together, so that whoever is still calling is not declared lost.
CLAIM_LIMIT = timedelta(seconds=75)

# What it failed of last stays said; that it is still tried, or held for Meta's events, does not.
EXPIRE = """
UPDATE inbox_message SET work = 'done',
    problem = %s::jsonb || CASE WHEN problem->>'outcome' = 'held' THEN '{}' ELSE problem END || %s::jsonb
WHERE id = ANY(SELECT id FROM inbox_message WHERE work = 'waiting' AND deadline <= %s
    ORDER BY id LIMIT 500 FOR NO KEY UPDATE SKIP LOCKED)
RETURNING workspace_id, id, conversation_id
"""


def reap(now: datetime | None = None) -> int:
    """Settle both kinds; returns how many messages that was."""
    at = now or timezone.now()
    lost = 0
    for message in Message.objects.filter(work=Work.CLAIMED, claimed_at__lt=at - CLAIM_LIMIT)[:500]:
        attempt = SendAttempt.objects.filter(message=message, number=message.attempt).first()
        if attempt is not None and settling.lost(message, attempt):
            lost += 1
    expired = _expire(at)
    heartbeats.beat(NAME, at)
    return lost + expired


def last_run() -> datetime | None:
    """When it last looked; None where it never did."""
    return heartbeats.last(NAME)


@transaction.atomic
def _expire(now: datetime) -> int:
    """Past its deadline a message is not sent any more; the words are kept for editing."""
    sentence = json.dumps({"sentence": "It could not be sent before its deadline."})
    step = json.dumps({"next_step": settling.GIVEN_UP, "who": "agent"})
    expired = rows(EXPIRE, [sentence, step, now])
    messages: dict[int, list[int]] = defaultdict(list)
    conversations: dict[int, list[int]] = defaultdict(list)
    for workspace, message, conversation in expired:
        messages[workspace].append(message)
        conversations[workspace].append(conversation)
    standing.restate(message for ids in messages.values() for message in ids)
    versions.stamp(messages=messages, conversations=conversations)
    return len(expired)
