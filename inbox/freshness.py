"""How fresh a screen is: the workspace's version it shows, and what Meta sent that is not applied yet.

A polled fragment says what it has seen. Where nothing has changed since, the answer is 204; it carries the same
headers as any other, as the page counts an answer only with them.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.http import http_date

from workspaces import keys
from workspaces.access import MemberRequest

from .sql import rows

P = ParamSpec("P")
View = Callable[Concatenate[MemberRequest, P], HttpResponseBase]

# Counting a long backlog to its end would make every poll slower just when the system is behind.
COUNTED = 1000
# Each app's oldest are read in the order of an index, so that a backlog costs no more than what is counted of it.
WAITING = """
SELECT LEAST(count(*), %s), min(received_at) FROM (
    SELECT oldest.received_at FROM (
        SELECT id FROM connections_metaapp WHERE owner_id = %s
        UNION SELECT meta_app_id FROM connections_connection WHERE workspace_id = %s
    ) app CROSS JOIN LATERAL (
        SELECT received_at FROM webhooks_webhookevent
        WHERE state = 'waiting' AND day BETWEEN %s AND %s AND meta_app_id = app.id
        ORDER BY received_at LIMIT %s
    ) oldest
) waiting
"""
WAITING_SINCE = """
SELECT min(received_at) FROM webhooks_webhookevent
WHERE state = 'waiting' AND day BETWEEN %s AND %s AND meta_app_id = %s
"""
OLDEST = "SELECT min(day) FROM webhooks_webhookevent WHERE state = 'waiting'"
LOOK_AGAIN = timedelta(seconds=5)
_looked: tuple[float, date] | None = None


@dataclass(frozen=True, slots=True)
class Behind:
    """Events of this workspace's apps that are stored and not applied. `count` stops at 1,000."""

    count: int
    since: datetime


def behind(workspace_id: int) -> Behind | None:
    count, since = rows(WAITING, [COUNTED, workspace_id, workspace_id, *_days(), COUNTED])[0]
    return Behind(count, since) if count else None


def waiting_since(meta_app_id: int) -> datetime | None:
    """When the oldest event that is not applied yet was stored, of those that may be for a connection of this app."""
    since: datetime | None = rows(WAITING_SINCE, [*_days(), meta_app_id])[0][0]
    return since


def _days() -> tuple[date, date]:
    """The days between which anything may wait.

    The log has a partition for each day, and planning a query over a hundred of them takes longer than answering the
    whole poll. What is stored now is of today, so only old events taken up again are noticed a few seconds late.
    """
    global _looked
    today = timezone.now().date()
    yesterday = today - timedelta(days=1)
    if _looked is None or time.monotonic() - _looked[0] > LOOK_AGAIN.total_seconds():
        _looked = (time.monotonic(), rows(OLDEST)[0][0] or yesterday)
    return min(_looked[1], yesterday), today + timedelta(days=1)  # another machine's clock may be ahead


def has_seen(request: HttpRequest) -> int:
    """The version a poll says it has seen; 0 where it says none, or one that no clock of ours could have shown."""
    return keys.whole(request.GET.get("seen", "")) or 0


def stamp(request: MemberRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Say how fresh this answer is. The clock was read with the membership, before anything shown was."""
    response["X-Gigaviz-Version"] = str(request.workspace.clock.version)
    response["Date"] = http_date(timezone.now().timestamp())
    response["X-Gigaviz-Session"] = _session_mark(request)
    if waiting := _behind_mark(request):
        response["X-Gigaviz-Behind"] = waiting
    return response


def marks(request: MemberRequest) -> dict[str, str]:
    """The same facts for a page to begin with."""
    return {"session_mark": _session_mark(request), "behind_mark": _behind_mark(request)}


def _session_mark(request: MemberRequest) -> str:
    """Changes whenever somebody signs in anew, and says nothing of the session's key."""
    return hashlib.sha256((request.session.session_key or "").encode()).hexdigest()[:12]


def _behind_mark(request: MemberRequest) -> str:
    waiting = behind(request.workspace.pk)
    if waiting is None:
        return ""
    return f"{waiting.count}{'+' if waiting.count == COUNTED else ''};{waiting.since.isoformat()}"


def fresh(view: View[P]) -> View[P]:
    """For a page or an answer that the page's clock counts as news."""

    @wraps(view)
    def wrapped(request: MemberRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        return stamp(request, view(request, *args, **kwargs))

    return wrapped


def polled(view: View[P]) -> View[P]:
    """For a polled fragment: 204 without asking the view when the poll has seen the workspace as it is now.

    A version from the future (the database was restored from a backup) counts as nothing seen.
    """

    @wraps(view)
    def wrapped(request: MemberRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if has_seen(request) == request.workspace.clock.version and "seen" in request.GET:
            return stamp(request, HttpResponse(status=204))
        return stamp(request, view(request, *args, **kwargs))

    return wrapped


def seen_before(request: MemberRequest) -> int:
    """What the view may take as shown already: 0 when the poll cannot be believed."""
    seen = has_seen(request)
    return seen if seen <= request.workspace.clock.version else 0
