"""The one function that makes every call: time-outs, no redirects, no retries, errors by name."""

from __future__ import annotations

import functools
import json
import logging
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TypeVar

import httpx
from django.conf import settings

from .account import GraphAccount
from .answers import Answer
from .errors import NotSent, Unconfirmed, Unusable
from .requests import Payload
from .urls import Endpoint

T = TypeVar("T")
# Both write whole URLs, and a URL can hold a token (debug_token) or be a secret itself (media).
for noisy in ("httpx", "httpcore"):
    logging.getLogger(noisy).setLevel(logging.WARNING)

# Seconds. Graph takes a text in well under two; after 15 without a byte an answer will hardly come.
CONNECT_TIMEOUT = 5.0
WRITE_TIMEOUT = 5.0
READ_TIMEOUT = 15.0
POOL_TIMEOUT = 5.0
# For the whole answer: a server that sends a byte now and then never meets the read time-out.
ANSWER_DEADLINE = 30.0
ANSWER_MAX_BYTES = 1024 * 1024
LONGEST_RETRY_AFTER = timedelta(hours=1)
# When somebody waits for the answer, the time (of the monotonic clock) after which it is of no use to them.
_patience: ContextVar[float | None] = ContextVar("patience", default=None)

# A server may close an idle connection just as we write to it. Whether it read the request cannot be told, so the
# message would have to be called unconfirmed though it was never seen. So we let go first: 4 s is below the idle limits
# of the servers we talk to (uvicorn's is 5 s, large edges allow a minute and more). It costs a handshake after a pause;
# within a burst, where it matters, connections are kept.
KEEP_ALIVE = 4.0
CONNECTIONS = 100

# Before a byte of the request could leave. ProxyError is a forward proxy's refusal to connect.
NEVER_LEFT: dict[type[Exception], str] = {
    httpx.ConnectError: "Meta's server could not be reached.",
    httpx.ConnectTimeout: "Meta's server did not take the connection in time.",
    httpx.PoolTimeout: "All our connections to Meta were busy.",
    httpx.ProxyError: "The proxy between us and Meta refused the connection.",
    httpx.UnsupportedProtocol: "The address set for Meta's server is not an http address.",
    httpx.InvalidURL: "The address set for Meta's server is not an address.",
}


@functools.cache
def shared_client() -> httpx.Client:
    """This process's connections to Graph; httpx's client may be used by many threads at once."""
    # Several workspaces share it, so it keeps no cookies. The simulator is on loopback, where no proxy can reach it.
    loopback = ("all://127.0.0.1", "all://localhost", "all://[::1]")
    return httpx.Client(
        timeout=httpx.Timeout(connect=CONNECT_TIMEOUT, write=WRITE_TIMEOUT, read=READ_TIMEOUT, pool=POOL_TIMEOUT),
        limits=httpx.Limits(
            max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS, keepalive_expiry=KEEP_ALIVE
        ),
        follow_redirects=False,
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        headers={"User-Agent": f"Gigaviz/{settings.VERSION}", "Accept": "application/json"},
        mounts=dict.fromkeys(loopback),
    )


# Two processes on one socket would read each other's answers.
os.register_at_fork(after_in_child=shared_client.cache_clear)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Calls made in this block, by this thread, end in that time at the latest: with Unconfirmed, if need be."""
    token = _patience.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _patience.reset(token)


def call(
    account: GraphAccount,
    endpoint: Endpoint,
    read: Callable[[Answer], T],
    *,
    body: Payload | None = None,
    token: str | None = None,
) -> T:
    """Makes one call, once, and gives what `read` makes of the answer. Raises a GraphError and nothing else.

    `token` replaces the account's own, for the few calls an app makes for itself.
    """
    return read(exchange(account, endpoint, body, token))


def exchange(account: GraphAccount, endpoint: Endpoint, body: Payload | None, token: str | None) -> Answer:
    headers = {"Authorization": account.authorization(token)}
    content = None if body is None else encoded(body)
    if content is not None:
        headers["Content-Type"] = "application/json"
    request = shared_client().stream
    url = endpoint.url(account)
    with (
        named_errors(),
        request(
            endpoint.method, url, params=endpoint.params, content=content, headers=headers, timeout=timeouts()
        ) as response,
    ):
        return Answer(
            status=response.status_code,
            body=bounded(response),
            trace_id=response.headers.get("x-fb-trace-id", ""),
            retry_after=retry_after(response.headers.get("retry-after", "")),
            secrets=tuple({account.access_token, token or "", endpoint.params.get("input_token", "")} - {""}),
        )


def timeouts() -> httpx.Timeout:
    """The usual ones, shortened to what is left of somebody's patience."""
    left = max(seconds_left(), 0.001)
    connect, write, read, pool = (
        min(left, usual) for usual in (CONNECT_TIMEOUT, WRITE_TIMEOUT, READ_TIMEOUT, POOL_TIMEOUT)
    )
    return httpx.Timeout(connect=connect, write=write, read=read, pool=pool)


def seconds_left() -> float:
    patience = _patience.get()
    return ANSWER_DEADLINE if patience is None else patience - time.monotonic()


def encoded(body: Payload) -> bytes:
    """The body as ASCII, so that a lone surrogate reaches Graph as an escape to refuse instead of failing here."""
    try:
        return json.dumps(body, allow_nan=False).encode("ascii")
    except ValueError as error:
        raise Unusable("The message holds a value that cannot be written as JSON.") from error


@contextmanager
def named_errors() -> Iterator[None]:
    """httpx's errors as ours. Whatever is not known to come before the first byte is Unconfirmed."""
    try:
        yield
    except tuple(NEVER_LEFT) as error:
        raise NotSent(NEVER_LEFT.get(type(error), NEVER_LEFT[httpx.ConnectError]), details=str(error)) from error
    except httpx.TimeoutException as error:
        raise Unconfirmed("Meta did not answer in time.", details=str(error)) from error
    except httpx.RequestError as error:
        raise Unconfirmed("The connection to Meta broke before its answer was complete.", details=str(error)) from error


def bounded(response: httpx.Response) -> bytes:
    """The body. Raises Unconfirmed past 1 MB or past the deadline: half an answer proves nothing."""
    deadline = time.monotonic() + min(ANSWER_DEADLINE, seconds_left())
    body = bytearray()
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > ANSWER_MAX_BYTES:
            raise Unconfirmed("Meta's answer was too long to be read.", http_status=response.status_code)
        if time.monotonic() > deadline:
            raise Unconfirmed("Meta did not finish its answer in time.", http_status=response.status_code)
    return bytes(body)


def retry_after(value: str) -> timedelta | None:
    """The header's seconds, at most an hour. Its other form, a date, is ignored: our clock may not be theirs."""
    if not value.isascii() or not value.isdigit() or len(value) > 9:
        return None
    return min(timedelta(seconds=int(value)), LONGEST_RETRY_AFTER)
