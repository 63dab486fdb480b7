"""Orphans adopted: events that came before their connection did are made to wait again, and so are applied.

To read every orphan each second would cost more the more of them nobody ever claims. So each second only the numbers
proven of late are looked at, and all of them from time to time, and after nobody looked for a while.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from . import heartbeats
from .sql import rows

NAME = "adoption"
WHOLE_EVERY = timedelta(minutes=5)
# Longer than that, as an orphan may be stored by a drain that read the connections before.
OF_LATE = timedelta(minutes=10)

PROVEN = "SELECT id FROM connections_connection WHERE proven_at IS NOT NULL AND (%s OR proven_at > %s)"
# In one order, and past what another sweep is adopting.
ADOPT = """
WITH claimed AS (
    SELECT event.day, event.id FROM connections_connection connection
    JOIN webhooks_webhookevent event ON event.meta_app_id = connection.meta_app_id
        AND event.orphans <> '{}' AND event.orphans @> ARRAY[connection.phone_number_id]
    WHERE event.state = 'applied' AND connection.proven_at IS NOT NULL AND connection.id = ANY(%s)
    ORDER BY event.day, event.id FOR UPDATE OF event SKIP LOCKED
)
UPDATE webhooks_webhookevent event SET state = 'waiting', orphans = '{}' FROM claimed
WHERE event.day = claimed.day AND event.id = claimed.id
"""


@transaction.atomic
def adopt(now: datetime) -> None:
    """Let what connections claim by now wait to be applied."""
    last = heartbeats.last(NAME)
    is_whole = last is None or now - last > WHOLE_EVERY
    if numbers := [row[0] for row in rows(PROVEN, [is_whole, now - OF_LATE])]:
        rows(ADOPT, [numbers])
    if is_whole:
        heartbeats.beat(NAME, now)
