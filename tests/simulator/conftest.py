"""One simulator for all of these tests, reset before each; a callback of its own for each."""

from __future__ import annotations

import httpx
import pytest

from simulator.running import running

from .callback import callback

NUMBER = "100000000000001"
SECOND = "100000000000003"
TOKEN = "simulator-access-token"
SECRET = "simulator-app-secret"


@pytest.fixture(scope="session")
def started():
    second = {"id": SECOND, "display_number": "+1 555-010-0003", "name": "Second"}
    with running(numbers=[{}, second]) as sim:
        yield sim


@pytest.fixture
def hook():
    with callback() as made:
        yield made


@pytest.fixture
def sim(started, hook):
    """A simulator as it was started, whose webhooks go to `hook`."""
    started.reset()
    started.set_callback(hook.url)
    return started


@pytest.fixture
def graph(sim):
    """Calls Graph as a business does: with the token, JSON, and the version in the path."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    with httpx.Client(base_url=f"{sim.url}/v23.0/", headers=headers, trust_env=False, timeout=20) as client:
        yield client


@pytest.fixture
def ayla(sim):
    return sim.customer(phone="+1 555-010-0123", name="Ayla Demir")


@pytest.fixture
def post(graph):
    """Posts a message from the first number and gives Graph's answer."""

    def posted(to, message=None, number=NUMBER, **more):
        named = {"recipient": to} if "." in to else {"to": to}
        content = message or {"type": "text", "text": {"body": "hello"}}
        return graph.post(f"{number}/messages", json={"messaging_product": "whatsapp", **named, **content, **more})

    return posted
