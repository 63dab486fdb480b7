"""The simulated world's memory: who there is and what was said. Bounded, and gone with the process."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict, deque
from typing import TypeVar

from . import ids
from .model import JSON, App, Call, Chat, Customer, Media, Message, Number, Template, Token, Waba
from .settings import NumberSpec, Pace, Setup

K = TypeVar("K")
V = TypeVar("V")

MOST_MESSAGES = 50_000
MOST_CUSTOMERS = 20_000
MOST_CALLS = 10_000
MOST_MEDIA_BYTES = 256 * 1024 * 1024
MOST_IN_A_CHAT = 1_000
WINDOW_SECONDS = 24 * 3600


class Shelf(OrderedDict[K, V]):
    """A dictionary that forgets its oldest when full."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most

    def __setitem__(self, key: K, value: V) -> None:
        super().__setitem__(key, value)
        if len(self) > self.most:
            self.popitem(last=False)


class World:
    """Everything there is. Only the event loop's thread touches it, so nothing here is locked."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self.epoch = 0
        self.version = 0
        self.touched = asyncio.Event()
        self.reset()

    def reset(self) -> None:
        """As it was at the start. Whatever was planned in the old world finds another epoch and does nothing."""
        self.epoch += 1
        self.pace = Pace()
        self.pace.change(self.setup.pace)
        self.apps: dict[str, App] = {}
        self.wabas: dict[str, Waba] = {}
        self.numbers: dict[str, Number] = {}
        self.tokens: dict[str, Token] = {}
        self.templates: dict[str, Template] = {}
        self.resting_names: dict[tuple[str, str], float] = {}  # of deleted templates, by account: until when
        self.customers: Shelf[str, Customer] = Shelf(MOST_CUSTOMERS)
        self.by_phone: dict[str, str] = {}
        self.by_user_id: dict[str, str] = {}
        self.messages: Shelf[str, Message] = Shelf(MOST_MESSAGES)
        self.media: OrderedDict[str, Media] = OrderedDict()
        self.media_bytes = 0
        self.chats: Shelf[tuple[str, str], Chat] = Shelf(MOST_CUSTOMERS)
        self.last_inbound: Shelf[tuple[str, str], int] = Shelf(MOST_CUSTOMERS)
        self.calls: deque[Call] = deque(maxlen=MOST_CALLS)
        self.counts = {"accepted": 0, "inbound": 0, "calls": 0}
        for spec in self.setup.numbers:
            self.install(spec)
        self.touch()

    def touch(self) -> int:
        """Something that a page shows has changed."""
        self.version += 1
        self.touched.set()
        self.touched = asyncio.Event()
        return self.version

    def install(self, spec: NumberSpec) -> Number:
        """Adds a number, or gives it the spec's facts, with its app, business account and token."""
        app = self.apps.setdefault(spec.app_id, App(spec.app_id, spec.app_secret, spec.verify_token))
        app.callback_url = spec.callback_url or app.callback_url
        app.webhook_version = spec.webhook_version
        waba = self.wabas.setdefault(spec.waba_id, Waba(spec.waba_id, spec.business_id or f"5{spec.waba_id[1:]}"))
        waba.name = spec.name
        if spec.is_subscribed and app.id not in waba.subscribed:
            waba.subscribed.append(app.id)
        token = self.tokens.setdefault(
            spec.access_token, Token(spec.access_token, app.id, set(), issued_at=int(time.time()))
        )
        token.waba_ids.add(waba.id)
        number = self.numbers.setdefault(spec.id, Number(spec.id, waba.id, "", "", created_at=int(time.time())))
        number.display_number, number.name, number.account_mode = spec.display_number, spec.name, spec.account_mode
        number.allowed = {as_digits(one) for one in spec.allowed}
        self.touch()
        return number

    def add_customer(self, customer: Customer) -> None:
        """Takes a new person in. A phone or user id they have is theirs from now on, whoever had it before."""
        self.customers[customer.id] = customer
        if customer.phone:
            self.by_phone[customer.phone] = customer.id
        for user_id in customer.user_ids.values():
            self.by_user_id[user_id] = customer.id
        self.touch()

    def user_id(self, customer: Customer, number: Number) -> str:
        """The customer's id for the business behind a number, made at the first meeting."""
        business = self.wabas[number.waba_id].business_id
        if business not in customer.user_ids:
            made = ids.user_id(ids.country(customer.phone) if customer.phone else "US")
            customer.user_ids[business] = made
            self.by_user_id[made] = customer.id
        return customer.user_ids[business]

    def set_user_id(self, customer: Customer, number: Number, user_id: str) -> None:
        """Gives the customer a chosen id for the business behind a number."""
        business = self.wabas[number.waba_id].business_id
        self.by_user_id.pop(customer.user_ids.get(business, ""), None)
        customer.user_ids[business] = user_id
        self.by_user_id[user_id] = customer.id

    def customer_at(self, phone: str) -> Customer | None:
        return self.customers.get(self.by_phone.get(phone, ""))

    def customer_known_as(self, user_id: str, number: Number) -> Customer | None:
        """Who a user id names to the business behind `number`: another business's ids are not known to it."""
        found = self.customers.get(self.by_user_id.get(user_id, ""))
        business = self.wabas[number.waba_id].business_id
        return found if found and found.user_ids.get(business) == user_id else None

    def chat(self, customer_id: str, number_id: str) -> Chat:
        if (customer_id, number_id) not in self.chats:
            self.chats[customer_id, number_id] = Chat()
        return self.chats[customer_id, number_id]

    def keep(self, message: Message) -> None:
        """Adds a message to its chat."""
        message.version = self.touch()
        self.messages[message.wamid] = message
        if message.customer_id:
            wamids = self.chat(message.customer_id, message.number_id).wamids
            wamids.append(message.wamid)
            del wamids[:-MOST_IN_A_CHAT]
        self.counts["accepted" if message.is_outgoing else "inbound"] += 1

    def next_position(self) -> int:
        return self.counts["accepted"] + self.counts["inbound"]

    def changed(self, message: Message) -> None:
        message.version = self.touch()

    def opens_window(self, customer: Customer, number: Number, at: int) -> None:
        key = (customer.id, number.id)
        self.last_inbound[key] = max(at, self.last_inbound.get(key, 0))

    def window_is_open(self, customer: Customer, number: Number) -> bool:
        return time.time() < self.last_inbound.get((customer.id, number.id), 0) + WINDOW_SECONDS

    def keep_media(self, media: Media) -> None:
        """Adds a file, and forgets the oldest ones beyond 256 MB."""
        self.media[media.id] = media
        self.media_bytes += len(media.content)
        while self.media_bytes > MOST_MEDIA_BYTES and len(self.media) > 1:
            self.forget_media(next(iter(self.media)))

    def forget_media(self, media_id: str) -> None:
        self.media_bytes -= len(self.media.pop(media_id).content)

    def facts(self) -> JSON:
        """How much there is of everything."""
        return {
            "customers": len(self.customers),
            "messages": len(self.messages),
            "media": len(self.media),
            **self.counts,
        }


def as_digits(number: str) -> str:
    """A phone number as Meta keeps it. The signs +, space, -, ( and ) are allowed in what people write."""
    return "".join(sign for sign in number if sign in "0123456789")
