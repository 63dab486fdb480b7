"""A simulator of its own, and its page in a browser."""

from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import expect

from simulator.running import running
from tests.simulator.callback import callback
from tests.simulator.content import text

from .hand import FIRST, SECOND


@pytest.fixture(scope="module")
def started():
    numbers = [{"id": FIRST, "name": "Kopi Kita"}, {"id": SECOND, "name": "Teh Tubruk", "display_number": "+62 811"}]
    with running(numbers=numbers) as made:
        yield made


@pytest.fixture
def phones(started):
    """A simulator of its own, beside the house's: it begins anew for each test."""
    started.reset()
    return started


@pytest.fixture
def hook(phones):
    with callback() as made:
        phones.set_callback(made.url)
        yield made


@pytest.fixture
def ayla(phones, hook):
    return phones.customer(phone="+15550100123", name="Ayla Demir")


@pytest.fixture
def page(open_page, phones):
    made = open_page(viewport={"width": 1360, "height": 860})
    made.goto(f"{phones.url}/")
    expect(made.locator("#live")).to_have_text("Live")
    return made


@pytest.fixture
def business(phones):
    """Answers a customer, from the first number unless told otherwise."""
    headers = {"Authorization": "Bearer simulator-access-token"}
    with httpx.Client(base_url=f"{phones.url}/v23.0/", headers=headers, trust_env=False) as http:

        def answers(customer, words, number=FIRST):
            content = text(words) if isinstance(words, str) else words
            named = {"messaging_product": "whatsapp", "recipient": customer.user_id}
            return http.post(f"{number}/messages", json=named | content)

        yield answers
