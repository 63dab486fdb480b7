"""When a machine may make the same call again, and when it may not."""

from __future__ import annotations

from datetime import timedelta

from . import catalogue
from .errors import GraphError, NotSent, Throttled

PAIR_LIMIT = 131056
FIRST_RECONNECT = timedelta(seconds=1)
FIRST_THROTTLED = timedelta(seconds=15)  # for a 429 whose code we do not know
LONGEST = timedelta(minutes=5)


def retry_delay(error: GraphError, attempts_so_far: int) -> timedelta | None:
    """How long to wait before the next attempt, or None when only a person may try again.

    `attempts_so_far` counts the calls made, the failed one included, so it is at least 1. The wait doubles with each,
    except for the limit between one number and one person: there it is 4^n seconds, as Meta's throughput page asks.
    It is never more than five minutes, unless Meta names a longer time.
    """
    doublings = min(max(attempts_so_far - 1, 0), 20)
    if isinstance(error, NotSent):
        delay: timedelta = FIRST_RECONNECT * 2**doublings
    elif isinstance(error, Throttled) and error.code == PAIR_LIMIT:
        delay = timedelta(seconds=1) * 4**doublings
    elif isinstance(error, Throttled):
        delay = first_delay(error) * 2**doublings
    else:
        return None
    return max(min(delay, LONGEST), error.retry_after or timedelta())


def first_delay(error: Throttled) -> timedelta:
    entry = catalogue.find(error.code)
    return entry.first_retry if entry and entry.first_retry else FIRST_THROTTLED
