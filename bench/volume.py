"""A workspace of any size, made by SQL in the bench's own database: what took years in life takes a minute here."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import LiteralString

from .town import Town

CONTACTS = """
INSERT INTO inbox_contact (id, workspace_id, name, name_at, name_wamid, username, username_wamid, created_at)
SELECT {person} + n, {workspace},
    (ARRAY['Dewi','Budi','Siti','Agus','Rina','Joko','Ayu','Eko','Putri','Bayu'])[1 + n %% 10] || ' '
        || (ARRAY['Lestari','Santoso','Wijaya','Pratama','Hartono','Wulandari','Saputra'])[1 + n %% 7] || ' ' || n,
    now(), '', CASE WHEN n %% 5 = 0 THEN 'user' || n ELSE '' END, '', now()
FROM generate_series(1, {people}) n
"""
IDENTITIES = """
INSERT INTO inbox_identity (id, workspace_id, contact_id, kind, value, is_shared, created_at)
SELECT {identity} + 2 * n + k, {workspace}, {person} + n, (ARRAY['phone', 'bsuid'])[1 + k],
    CASE k WHEN 0 THEN '62811' || lpad(n::text, 8, '0') ELSE 'ID.' || n END, false, now()
FROM generate_series(1, {people}) n, generate_series(0, 1) k
"""
CONVERSATIONS = """
INSERT INTO inbox_conversation (id, workspace_id, connection_id, contact_id, owner_id, closed_at, last_at,
    last_inbound_at, last_inbound_wamid, reply_to_id, reply_to_at, reply_to_wamid, version, created_at)
SELECT {conversation} + n, {workspace}, {connection}, {person} + n, CASE WHEN n %% 4 = 0 THEN {user}::bigint END,
    CASE WHEN n %% 10 < 6 THEN now() END, now() - n * interval '7 s', now() - n * interval '7 s', '',
    {identity} + 2 * n, now() - n * interval '7 s', '', {people} * {each} - n, now()
FROM generate_series(1, {people}) n
"""
# Every second message is ours; `arrival` and `version` are the clock that a life of one message at a time would have.
MESSAGES = """
INSERT INTO inbox_message (id, workspace_id, connection_id, conversation_id, identity_id, environment, direction,
    source, wamid, kind, text, details, raw, context_wamid, group_id, placed_at, provider_at, received_at,
    processed_at, arrival, version, author_id, token, word, attempt, accepted_at, sent_at, problem, work, claimed_by)
SELECT {message} + (m - 1) * {people} + n, {workspace}, {connection}, {conversation} + n, {identity} + 2 * n,
    'simulator', CASE WHEN is_ours THEN 'out' ELSE 'in' END, CASE WHEN is_ours THEN 'ours' ELSE 'live' END,
    'wamid.BENCH' || {workspace} || '.' || n || '.' || m, 'text', 'Message ' || m || ' of somebody who writes: '
    || repeat('coffee ', 1 + n %% 12), '{{}}', repeat('x', 300), '', '', at, at, at, at,
    (m - 1) * {people} + n, (m - 1) * {people} + n, CASE WHEN is_ours THEN {user}::bigint END,
    CASE WHEN is_ours THEN md5({workspace} || '.' || n || '.' || m) END, CASE WHEN is_ours THEN {word} END,
    is_ours::int, CASE WHEN is_ours THEN at END, CASE WHEN is_ours AND {word} > 5 THEN at END, '{{}}',
    CASE WHEN is_ours THEN 'done' ELSE '' END, ''
FROM generate_series(1, {each}) m, generate_series(1, {people}) n,
    LATERAL (SELECT m %% 2 = 0 AS is_ours, now() - n * interval '7 s' - ({each} - m) * interval '1 h' AS at) facts
"""
ATTEMPTS = """
INSERT INTO inbox_sendattempt (message_id, connection_id, number, started_at, finished_at, outcome, title, details,
    fbtrace_id, wamid, raw, phone_number_id, recipient_kind, recipient, token_fingerprint, graph_version, worker)
SELECT id, connection_id, 1, placed_at, placed_at, 'accepted', '', '', '', wamid, repeat('x', 200), '1', 'phone',
    '62811', '', 'v25.0', 'bench'
FROM inbox_message WHERE workspace_id = {workspace} AND direction = 'out'
"""
RECEIPTS = """
INSERT INTO inbox_receipt (connection_id, message_id, attempt, wamid, status, provider_at, received_at, processed_at,
    callback_data, errors, raw)
SELECT connection_id, id, 1, wamid, 'delivered', placed_at, placed_at, placed_at, '', '[]', repeat('x', 400)
FROM inbox_message WHERE workspace_id = {workspace} AND direction = 'out' AND {word} > 5
"""
# Of messages that nobody here has sent: another system uses the same number.
STRAY = """
INSERT INTO inbox_receipt (connection_id, wamid, status, provider_at, received_at, processed_at, callback_data,
    errors, raw)
SELECT {connection}, 'wamid.STRAY' || {workspace} || '.' || n, 'delivered', now(), now(), now(), '', '[]', ''
FROM generate_series(1, {people}, 100) n
"""
ACTS = """
INSERT INTO inbox_act (workspace_id, conversation_id, kind, wamid, detail, at, version)
SELECT {workspace}, {conversation} + n, 'closed', '', '', now(), {people} * {each} - n
FROM generate_series(1, {people}) n
"""
SEEN = """
INSERT INTO inbox_seen (conversation_id, user_id, version)
SELECT {conversation} + n, {user}, {people} * ({each} - 2) FROM generate_series(1, {people}, 2) n
"""
CONSENT = """
INSERT INTO optouts_consentevent (workspace_id, kind, value, scope, direction, source, quote, evidence, provider_at,
    recorded_at, raw)
SELECT {workspace}, 'phone', '62811' || lpad(n::text, 8, '0'), 'all', 'out', 'words', 'STOP', 'bench' || n, now(),
    now(), '' FROM generate_series(1, {people}, {opted_out_each}) n
"""
# Applied long ago, on the days before today: what a week of a busy number leaves in the log.
EVENTS = """
INSERT INTO webhooks_webhookevent (day, meta_app_id, digest, body, received_at, last_received_at, state, applied_at)
SELECT (now() - n %% 7 * interval '1 day')::date, {app}, sha256(('bench' || {workspace} || '.' || n)::bytea),
    repeat('x', 600)::bytea, now() - n %% 7 * interval '1 day', now(), 'applied', now()
FROM generate_series(1, {people}) n
"""
# What piles up while no worker runs.
BACKLOG = 20_000
WAITING = """
INSERT INTO webhooks_webhookevent (day, meta_app_id, digest, body, received_at, last_received_at)
SELECT now()::date, %s, sha256(('waiting' || n)::bytea), repeat('x', 600)::bytea, now() + n * interval '1 ms', now()
FROM generate_series(1, %s) n
"""
OPTED_OUT_EACH = 20
CLOCK = "UPDATE workspaces_workspaceclock SET version = {people} * {each} WHERE workspace_id = {workspace}"
BIG = ("inbox_contact", "inbox_identity", "inbox_conversation", "inbox_message")
REST = (
    "inbox_sendattempt",
    "inbox_receipt",
    "inbox_act",
    "inbox_seen",
    "optouts_consentevent",
    "webhooks_webhookevent",
)


@dataclass(frozen=True)
class Volume:
    """Where the rows of one filling begin: conversation `n` has the id `conversation + n`, and so on."""

    people: int
    each: int
    person: int
    identity: int
    conversation: int
    message: int


def fill(town: Town, user_id: int, people: int, each: int, *, word: int = 8) -> Volume:
    """So many people with a conversation of so many messages each; ours all have this delivery word."""
    from inbox.sql import rows

    bases = [rows(f"SELECT COALESCE(max(id), 0) + 1 FROM {table}")[0][0] for table in BIG]
    made = Volume(people, each, *bases)
    given = {
        "workspace": town.workspace_id,
        "connection": town.connection_id,
        "app": town.meta_app_id,
        "opted_out_each": OPTED_OUT_EACH,
    }
    numbers = given | vars(made)
    statements: list[LiteralString] = [
        CONTACTS,
        IDENTITIES,
        CONVERSATIONS,
        MESSAGES,
        ATTEMPTS,
        RECEIPTS,
        STRAY,
        ACTS,
        SEEN,
    ]
    for statement in [*statements, CONSENT, EVENTS, CLOCK]:
        rows(statement.format(**numbers, user=user_id, word=word))
    for table in BIG:
        rows(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}")
    for table in (*BIG, *REST):
        rows(f"VACUUM ANALYZE {table}")
    return made


def has_opted_out(number: int) -> bool:
    return number % OPTED_OUT_EACH == 1


def wamid(town: Town, number: int, place: int) -> str:
    return f"wamid.BENCH{town.workspace_id}.{number}.{place}"


def token(town: Town, number: int, place: int) -> str:
    """Of a message of ours: those at even places."""
    return hashlib.md5(f"{town.workspace_id}.{number}.{place}".encode()).hexdigest()


@contextmanager
def backlog(*towns: Town) -> Iterator[None]:
    """Events that wait for the time of a `with` block, first all of one workspace, then all of the next."""
    from inbox.sql import rows

    for town in towns:
        rows(WAITING, [town.meta_app_id, BACKLOG])
    rows("VACUUM ANALYZE webhooks_webhookevent")
    try:
        yield
    finally:
        rows("DELETE FROM webhooks_webhookevent WHERE state = 'waiting'")
