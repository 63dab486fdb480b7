"""Resident memory of the real web server and workers while webhooks, pages, polls and replies go through them."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http import HTTPStatus

from gigaviz.demo import programs
from gigaviz.ports import free_port

from . import town, volume
from .ground import Ground
from .load import fire, request
from .report import Figure
from .town import Reader, Town
from .volume import Volume

PEOPLE, EACH = 500, 20
LIMITS = {"web": 200, "ingest": 250, "sending": 250, "clock": 250}
MEGABYTE = 1024 * 1024
SECONDS_TO_FINISH = 60.0


def measure(ground: Ground, *, seconds: float) -> list[Figure]:
    place = town.build("memory", "100000000000015")
    reader = town.member(place, "memory")
    filled = volume.fill(place, reader.user_id, PEOPLE, EACH)
    port = _open(ground, place)
    with _watched(ground) as most:
        loads = [
            lambda: _webhooks(place, port, seconds),
            lambda: _pages(reader, filled, port, seconds),
            lambda: _replies(place, reader, filled, seconds),
        ]
        _at_once(loads)
        _wait_until_all_is_done(place)
    return [
        Figure(f"{name}, resident under load", most[name] / MEGABYTE, "MB", target=limit, note=_note(name))
        for name, limit in LIMITS.items()
    ]


def _note(name: str) -> str:
    return "the most that leader and children held" if name == "web" else "celery, threads"


def _open(ground: Ground, place: Town) -> int:
    """A simulator that delivers what is sent, the two workers and the clock, and the web server."""
    callback = free_port()
    given = ["--phone-number-id", place.phone_number_id, "--callback-url"]
    env = {"SIMULATOR_ACCESS_TOKEN": "token", "SIMULATOR_APP_SECRET": town.APP_SECRET}
    url = f"http://127.0.0.1:{callback}/webhooks/meta/{place.public_id}/"
    simulator = ground.serve("simulator", ["simulator", "--port", "{port}", "--fast", *given, url], env)
    own = {"GRAPH_BASE_URL_SIMULATOR": f"http://127.0.0.1:{simulator}"}
    for program in programs.workers(own):
        ground.programs.start(program)
    return ground.serve_program(programs.web, "web", own, callback)


@contextmanager
def _watched(ground: Ground) -> Iterator[dict[str, int]]:
    """The greatest resident size of each program, looked at ten times a second."""
    most = dict.fromkeys(LIMITS, 0)
    is_over = threading.Event()

    def watch() -> None:
        while not is_over.wait(0.1):
            for name in LIMITS:
                most[name] = max(most[name], ground.resident(name))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield most
    finally:
        is_over.set()
        watcher.join()


def _at_once(loads: list[Callable[[], None]]) -> None:
    failed: list[Exception] = []

    def run(load: Callable[[], None]) -> None:
        try:
            load()
        except Exception as error:  # noqa: BLE001 - raised again below
            failed.append(error)

    threads = [threading.Thread(target=run, args=(load,)) for load in loads]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]


def _webhooks(place: Town, port: int, seconds: float) -> None:
    """Customers write; each message is a webhook of its own."""
    path = f"/webhooks/meta/{place.public_id}/"
    bodies = [town.said(place, number, datetime.now(UTC)) for number in range(int(seconds * 1000))]
    posts = [request("POST", path, body, X_Hub_Signature_256=town.signature(body)) for body in bodies]
    statuses = fire(port, posts, lines=16, seconds=seconds).statuses
    assert set(statuses) == {HTTPStatus.OK}, statuses


def _pages(reader: Reader, filled: Volume, port: int, seconds: float) -> None:
    """Whole pages, lists and threads that changed: what costs a web process most."""
    base = f"/w/{reader.slug}/inbox/"
    paths = [f"{base}{filled.conversation + 1 + number}/" for number in range(PEOPLE)]
    paths += [f"{base}list/?view=all", f"{base}list/?view=all&q=dewi"] * PEOPLE
    asked = [request("GET", path, Cookie=reader.cookie) for path in paths * int(1 + seconds)]
    statuses = fire(port, asked, lines=8, seconds=seconds).statuses
    assert set(statuses) == {HTTPStatus.OK}, statuses


def _replies(place: Town, reader: Reader, filled: Volume, seconds: float) -> None:
    """An agent who answers ten times a second, everybody in turn."""
    from django.db import connections
    from django.utils import timezone

    from inbox.models import Conversation
    from inbox.writing import Written, write_reply
    from workspaces.models import Membership

    membership = Membership.objects.select_related("workspace").get(user_id=reader.user_id)
    willing = [number for number in range(1, PEOPLE + 1) if not volume.has_opted_out(number)]
    pause = threading.Event()
    for number in range(int(seconds * 10)):
        conversation = Conversation.objects.get(pk=filled.conversation + willing[number % len(willing)])
        outcome = write_reply(
            conversation=conversation,
            membership=membership,
            text="We have your order, thank you.",
            form_token=uuid.uuid4(),
            position=2**60,
            confirmed=["behind"],
            now=timezone.now(),
        )
        assert isinstance(outcome, Written), outcome
        pause.wait(0.1)
    connections.close_all()


def _wait_until_all_is_done(place: Town) -> None:
    """Nothing waits any more: the load went through the workers, not only to them."""
    from inbox.sql import rows

    deadline = time.monotonic() + SECONDS_TO_FINISH
    left = "SELECT count(*) FROM webhooks_webhookevent WHERE state = 'waiting'"
    unsent = "SELECT count(*) FROM inbox_message WHERE workspace_id = %s AND work IN ('waiting', 'claimed')"
    while rows(left)[0][0] or rows(unsent, [place.workspace_id])[0][0]:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{rows(left)} events and {rows(unsent, [place.workspace_id])} replies still wait.")
        time.sleep(0.2)
    accepted = "SELECT count(*) FROM inbox_message WHERE workspace_id = %s AND text LIKE 'We have%%' AND word >= 5"
    assert rows(accepted, [place.workspace_id])[0][0], "No reply left."
