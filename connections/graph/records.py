"""A record of every call, for whoever wants to keep or count them. It holds no token, no text and no person."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from django.conf import settings

from .account import GraphAccount
from .errors import GraphError, Outcome
from .urls import Endpoint

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One call that ended. `endpoint` is a template without ids; `outcome` is "ok", or that of the error raised."""

    method: str
    endpoint: str
    phone_number_id: str
    waba_id: str
    graph_version: str
    started_at: datetime
    seconds: float
    outcome: Outcome | Literal["ok"]
    http_status: int | None
    code: int | None
    subcode: int | None
    fbtrace_id: str


@dataclass(slots=True)
class Seen:
    """What is known of an answer while a call is under way."""

    http_status: int | None = None
    fbtrace_id: str = ""


Observer = Callable[[CallRecord], None]
observers: list[Observer] = []


def on_call(observer: Observer) -> Observer:
    """Asks to be told of every call when it has ended, in the calling thread. What an observer raises is logged."""
    observers.append(observer)
    return observer


@contextmanager
def recorded(account: GraphAccount, endpoint: Endpoint) -> Iterator[Seen]:
    """Tells the observers how the call within went. A call cut off by the process's end is told to nobody."""
    started_at, started, seen = datetime.now(UTC), time.monotonic(), Seen()
    try:
        yield seen
    except GraphError as error:
        seen.http_status = seen.http_status or error.http_status
        seen.fbtrace_id = error.fbtrace_id or seen.fbtrace_id
        tell(record(account, endpoint, seen, started_at, time.monotonic() - started, error))
        raise
    tell(record(account, endpoint, seen, started_at, time.monotonic() - started, None))


def record(
    account: GraphAccount,
    endpoint: Endpoint,
    seen: Seen,
    started_at: datetime,
    seconds: float,
    error: GraphError | None,
) -> CallRecord:
    return CallRecord(
        method=endpoint.method,
        endpoint=endpoint.template,
        phone_number_id=account.phone_number_id,
        waba_id=account.waba_id,
        graph_version=settings.GRAPH_VERSION,
        started_at=started_at,
        seconds=seconds,
        outcome=error.outcome if error else "ok",
        http_status=seen.http_status,
        code=error.code if error else None,
        subcode=error.subcode if error else None,
        fbtrace_id=seen.fbtrace_id,
    )


def tell(told: CallRecord) -> None:
    for observer in observers:
        try:
            observer(told)
        except Exception:  # Meta may have taken a message: nothing may stand between that and its wamid
            logger.exception("An observer of Graph calls failed.")
