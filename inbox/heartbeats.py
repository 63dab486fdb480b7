"""When the workers' recurring work was last done to its end: what was missed while nobody worked is known by it."""

from __future__ import annotations

from datetime import datetime

from .models import Heartbeat
from .sql import rows

BEAT = """
INSERT INTO inbox_heartbeat (name, at) VALUES (%s, %s)
ON CONFLICT (name) DO UPDATE SET at = GREATEST(inbox_heartbeat.at, excluded.at)
"""


def beat(name: str, at: datetime) -> None:
    """Note that this work, begun then, is done; in the transaction of the work, as its last statement."""
    rows(BEAT, [name, at])


def last(name: str) -> datetime | None:
    """When it was last begun and done, to the microsecond; None where it never was."""
    return Heartbeat.objects.filter(name=name).values_list("at", flat=True).first()
