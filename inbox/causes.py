"""The changes that failed messages are told with: which were made since their number last sent anything."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from connections.graph.catalogue import ENTRIES
from connections.models import Connection
from workspaces.audit import Action
from workspaces.audit_words import changed_names, done_of, sentence_of
from workspaces.models import AuditEntry

from . import change_markers
from .failing_since import CAUSES, NOT_OURS, Calls, cause
from .marks import failure_of
from .models import Message
from .sql import rows

# Codes about one message or its reader: that somebody was refused by one of these says nothing of the number.
PERSONAL = [entry.codes for entry in ENTRIES if isinstance(entry.codes, int) and entry.who in NOT_OURS]
# Of those before it, so many are looked at for the first refusal that counts; more never change the answer for long.
FAR = 100
# Each by its own index: the last accepted before, the first refusal since, and whether one was accepted after.
AROUND = """
SELECT failed.message_id, failed.started_at, accepted.at, refused.at, later.at IS NOT NULL
FROM inbox_message message
JOIN inbox_sendattempt failed ON failed.message_id = message.id AND failed.number = message.attempt
LEFT JOIN LATERAL (
    SELECT started_at AS at FROM inbox_sendattempt WHERE connection_id = failed.connection_id
    AND wamid IS NOT NULL AND started_at < failed.started_at ORDER BY started_at DESC LIMIT 1
) accepted ON true
LEFT JOIN LATERAL (
    SELECT min(at) AS at FROM (
        SELECT started_at AS at, code FROM inbox_sendattempt WHERE connection_id = failed.connection_id
        AND outcome = 'refused' AND started_at < failed.started_at
        AND started_at > COALESCE(accepted.at, '-infinity') ORDER BY started_at LIMIT %s
    ) first WHERE code IS NULL OR code <> ALL(%s::int[])
) refused ON true
LEFT JOIN LATERAL (
    SELECT started_at AS at FROM inbox_sendattempt WHERE connection_id = failed.connection_id
    AND wamid IS NOT NULL AND started_at > failed.started_at ORDER BY started_at LIMIT 1
) later ON true
WHERE message.id = ANY(%s::bigint[]) AND failed.wamid IS NULL AND failed.outcome IN ('refused', 'not_sent')
"""
EVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Cause:
    """A change, and whether the number has sent again since."""

    done: str
    sentence: str
    at: datetime
    is_over: bool


def causes_of(connection: Connection, messages: Iterable[Message]) -> dict[int, Cause]:
    """For each of these messages of one connection that failed since a change: that change. None failed, no query."""
    possible = {message.pk: actions for message in messages if (actions := _possible(message))}
    if not possible:
        return {}
    around = {pk: Calls(*facts) for pk, *facts in rows(AROUND, [FAR, PERSONAL, sorted(possible)])}
    if not around:
        return {}
    since = min(calls.accepted_at or EVER for calls in around.values())
    until = max(calls.failed_at for calls in around.values())
    wanted = frozenset[Action]().union(*possible.values())
    made = change_markers.between(connection, since, until, actions=sorted(wanted))
    changes = [entry for entry in made if not _is_harmless(entry)]
    found = {
        pk: cause(calls, [(one.created_at, one) for one in changes if one.action in possible[pk]])
        for pk, calls in around.items()
    }
    return {pk: _told(entry, around[pk]) for pk, entry in found.items() if entry is not None}


def _possible(message: Message) -> frozenset[Action]:
    """The changes that may have brought this failure about; empty where none can."""
    failure = failure_of(message)
    if failure is None or message.attempt == 0:
        return frozenset()
    if message.problem.get("outcome") == "guard":
        codes = {str(one.get("code")) for one in message.problem.get("reasons", []) if isinstance(one, dict)}
        return frozenset[Action]().union(*(CAUSES[code] for code in codes & CAUSES.keys() - {"refused"}))
    is_ours = message.problem.get("outcome") == "refused" and failure.who not in NOT_OURS
    return CAUSES["refused"] if is_ours else frozenset()


def _is_harmless(entry: AuditEntry) -> bool:
    """What we call a number, or keep beside what is in use, changes nothing that Meta sees."""
    changed = changed_names(entry)
    return bool(changed) and changed <= {"name", "has_new_token", "is_checked"}


def _told(entry: AuditEntry, calls: Calls) -> Cause:
    return Cause(done_of(entry), sentence_of(entry), entry.created_at, calls.is_over)
