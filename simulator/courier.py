"""Carries webhooks to their callback addresses: signed, several at once, tried again until they are taken."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from dataclasses import dataclass, field, fields

import httpx

from . import ids
from .bodies import Event
from .chance import chance
from .model import JSON, App
from .world import Shelf, World

MOST_DELIVERIES = 20_000  # remembered
MOST_WAITING = 10_000  # for one app
AT_ONCE = 16  # for one app; so no order is promised, and none is by Meta
FIRST_PAUSE = 0.5  # seconds; doubled with every try
GIVE_UP_AFTER = 7 * 24 * 3600


@dataclass(slots=True)
class Delivery:
    """One body on its way to one app. state: waiting, retrying, delivered, dropped, given up, nowhere to go."""

    id: str
    app_id: str
    url: str
    body: bytes
    words: list[str]
    steps: set[tuple[str, str]]  # what it tells of messages, as wamid and word
    at: float
    state: str = "waiting"
    attempts: int = 0
    status: int = 0  # of the last answer; 0: none came
    note: str = ""
    signature: str = ""
    tried: asyncio.Event = field(default_factory=asyncio.Event)

    def facts(self) -> JSON:
        """Everything of it as JSON, with the body as it was posted."""
        told = {one.name: getattr(self, one.name) for one in fields(self) if one.name not in ("tried", "steps")}
        return told | {"body": self.body.decode(errors="replace")}


@dataclass(slots=True)
class Line:
    """One app's deliveries that are not taken yet."""

    waiting: dict[str, Delivery] = field(default_factory=dict)
    gate: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))


def encoded(body: JSON) -> bytes:
    """JSON as Meta writes it: other than ASCII as escapes in small letters, and slashes escaped."""
    return json.dumps(body, separators=(",", ":")).replace("/", "\\/").encode()


def signature(secret: str, body: bytes) -> str:
    """The header X-Hub-Signature-256, over the raw bytes."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


class Courier:
    def __init__(self, world: World) -> None:
        self.world = world
        self.deliveries: Shelf[str, Delivery] = Shelf(MOST_DELIVERIES)
        self.by_step: Shelf[tuple[str, str], Delivery] = Shelf(3 * MOST_DELIVERIES)
        self.lines: dict[str, Line] = {}
        self.tasks: set[asyncio.Task[None]] = set()
        self.kicked = asyncio.Event()
        # Straight to the callback: a proxy that is set for the machine is not meant for us.
        limits = httpx.Limits(max_connections=200, max_keepalive_connections=64)
        self.client = httpx.AsyncClient(trust_env=False, limits=limits, headers={"User-Agent": "facebookexternalua"})

    def send(self, events: list[Event]) -> list[Delivery]:
        """Puts events into one body for each app subscribed to their account, and sends it on its way."""
        made = []
        for app in self.world.apps.values():
            theirs = [one for one in events if self.is_for(app, one)]
            for url in dict.fromkeys(self.address(app, one) for one in theirs):
                here = [one for one in theirs if self.address(app, one) == url]
                body = encoded({"object": "whatsapp_business_account", "entry": entries(here)})
                steps = {(one.wamid, one.word) for one in here if one.wamid}
                made.append(self.post(app, url, body, [one.word for one in here], steps))
        return made

    def is_for(self, app: App, event: Event) -> bool:
        return app.id in self.world.wabas[event.waba_id].subscribed and (not app.fields or event.field in app.fields)

    def address(self, app: App, event: Event) -> str:
        """The number's own callback, else the account's, else the app's; other fields go to the app's only."""
        if event.field != "messages":
            return app.callback_url
        number = self.world.numbers.get(event.number_id)
        override = number.callback_url if number else ""
        return override or self.world.wabas[event.waba_id].callback_url or app.callback_url

    def post(
        self, app: App, url: str, body: bytes, words: list[str], steps: set[tuple[str, str]] | None = None
    ) -> Delivery:
        """Sends any body, signed with the app's secret."""
        signed = signature(app.secret, body)
        delivery = Delivery(ids.digits(), app.id, url, body, words, steps or set(), time.time(), signature=signed)
        self.remember(delivery)
        if not url:
            delivery.state = "nowhere to go"
            return delivery
        line = self.lines.setdefault(app.id, Line())
        line.waiting[delivery.id] = delivery
        if len(line.waiting) > MOST_WAITING:
            lost = line.waiting.pop(next(iter(line.waiting)))
            lost.state, lost.note = "dropped", "the queue was full"
        task = asyncio.create_task(self.carry(delivery, line, self.world.epoch))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return delivery

    def remember(self, delivery: Delivery) -> None:
        self.deliveries[delivery.id] = delivery
        self.by_step.update(dict.fromkeys(delivery.steps, delivery))
        self.world.touch()

    async def carry(self, delivery: Delivery, line: Line, epoch: int) -> None:
        while delivery.state in ("waiting", "retrying") and epoch == self.world.epoch:
            async with line.gate:
                await self.attempt(delivery)
            if delivery.status == 200:
                delivery.state = "delivered"
            elif time.time() - delivery.at > GIVE_UP_AFTER:
                delivery.state = "given up"
            else:
                delivery.state = "retrying"
                self.world.touch()
                await self.pause(delivery.attempts)
        line.waiting.pop(delivery.id, None)
        self.world.touch()

    async def attempt(self, delivery: Delivery) -> None:
        delivery.attempts += 1
        headers = {"Content-Type": "application/json", "X-Hub-Signature-256": delivery.signature}
        timeout = httpx.Timeout(self.world.pace.webhook_seconds or 0.1)
        try:
            answer = await self.client.post(delivery.url, content=delivery.body, headers=headers, timeout=timeout)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            delivery.status, delivery.note = 0, f"{type(error).__name__}: {error}"[:200]
        else:
            delivery.status, delivery.note = answer.status_code, ""
        delivery.tried.set()

    async def pause(self, attempts: int) -> None:
        """Waits before the next try: at first half a second, doubled each time, or until someone says now."""
        pace = self.world.pace
        longest = FIRST_PAUSE * 2 ** min(attempts - 1, 30)
        seconds = min(longest, pace.retry_cap) * min(max(pace.latency, 0.1), 1) * chance.uniform(0.8, 1.2)
        try:
            await asyncio.wait_for(self.kicked.wait(), seconds)
        except TimeoutError:
            return

    def try_now(self) -> None:
        """Ends all pauses between tries."""
        self.kicked.set()
        self.kicked = asyncio.Event()

    def waiting(self) -> int:
        return sum(len(line.waiting) for line in self.lines.values())

    def reset(self) -> None:
        """Forgets everything. What is being posted at this moment may still arrive."""
        for line in self.lines.values():
            for delivery in line.waiting.values():
                delivery.state = "dropped"
        self.deliveries.clear()
        self.by_step.clear()
        self.lines.clear()
        self.try_now()

    async def close(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await self.client.aclose()


def entries(events: list[Event]) -> list[JSON]:
    """One entry for each business account in turn; the changes of one account share it."""
    made: dict[tuple[str, int], JSON] = {}
    for event in events:
        key = (event.waba_id, event.at)
        if key in made:
            made[key]["changes"].append(event.change())
        else:
            made[key] = event.entry()
    return list(made.values())
