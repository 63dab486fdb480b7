"""Everything that Graph is asked about a connection, all at once and with one limit of time: somebody is waiting."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import replace

from .checks import Said
from .graph import client
from .graph.account import GraphAccount
from .graph.errors import GraphError, Unconfirmed
from .judging import Answers

# Seconds for all of it. A person waits this long with a form before them.
PATIENCE = 12.0
# What a thread needs to notice that its time is over; after that we go on without it.
GRACE = 1.0


def ask(account: GraphAccount, app_token: str) -> Answers:
    """Ask all of it. An answer that did not come in time is an error like any other; nothing here raises."""
    swapped = replace(account, phone_number_id=account.waba_id, waba_id=account.phone_number_id)
    questions: dict[str, Callable[[], Said]] = {
        "by_token": lambda: client.debug_token(account, account.access_token),
        "by_app": lambda: client.debug_token(account, account.access_token, caller_token=app_token),
        "number": lambda: client.phone_number(account),
        "numbers": lambda: client.waba_phone_numbers(account),
        "subscribed": lambda: client.subscribed_apps(account),
        "swapped": lambda: client.waba_phone_numbers(swapped, fields="id"),
    }
    client.shared_client()  # once and now: threads that find none would each make their own
    until = time.monotonic() + PATIENCE
    pool = ThreadPoolExecutor(len(questions), thread_name_prefix="asking")
    try:
        futures = {name: pool.submit(_asked, question, until) for name, question in questions.items()}
        wait(futures.values(), PATIENCE + GRACE)
        return Answers(**{name: _said(future) for name, future in futures.items()})
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _asked(question: Callable[[], Said], until: float) -> Said:
    try:
        with client.within(until - time.monotonic()):
            return question()
    except GraphError as error:
        return error


def _said(future: Future[Said]) -> Said:
    return future.result() if future.done() else Unconfirmed("Meta did not answer in time.")
