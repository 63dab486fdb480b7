"""Redis stopped, and Redis that accepts connections and never answers: nothing is lost, and the workers come back."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import pytest
import redis

from gigaviz.embedded import Engine
from inbox.models import Conversation, Message, Word
from tests import cast
from tests.inbox.meta import Meta, state
from tests.workers.crew import Crew

pytestmark = pytest.mark.django_db(transaction=True)

SECONDS = 60
# What we promise is 5; the rest is for a machine that is busy with other things.
SECONDS_TO_RETURN = 20


def stop(broker: Engine) -> None:
    broker.stop()


def start(broker: Engine) -> None:
    broker.start()


def freeze(broker: Engine) -> None:
    assert broker.pid is not None
    os.kill(broker.pid, signal.SIGSTOP)


def thaw(broker: Engine) -> None:
    assert broker.pid is not None
    os.kill(broker.pid, signal.SIGCONT)


@pytest.fixture
def conversation(crew: Crew, meta: Meta) -> Conversation:
    """A conversation, with a first reply that shows that the workers are at work."""
    found = meta.hears(meta.customer())
    message = meta.writes(found, "first")
    meta.sim.wait_for(lambda: state(message)[0] >= Word.ACCEPTED, SECONDS)
    return found


def applied(text: str) -> bool:
    return Message.objects.filter(direction="in", text=text).exists()


@pytest.mark.parametrize(("lose", "give_back"), [(stop, start), (freeze, thaw)])
def test_while_redis_is_away_nothing_is_lost_and_when_it_is_back_everything_drains(
    meta, crew, broker, conversation, lose: Callable[[Engine], None], give_back: Callable[[Engine], None]
):
    lose(broker)
    for name in ("ingest", "sending"):
        # The outage lasts until each has noticed, has given up and tries anew.
        meta.sim.wait_for(lambda name=name: crew.said(name).count("Cannot connect") > 1, SECONDS)
    replies = [meta.writes(conversation, f"reply {n}") for n in range(5)]
    cast.arrives(meta.house, cast.says(meta.house, "And this?", phone="628110000009", bsuid="ID.9"))
    assert (meta.texts(), applied("And this?")) == (["first"], False)
    give_back(broker)
    meta.sim.wait_for(lambda: applied("And this?"), SECONDS_TO_RETURN)
    meta.sim.wait_for(lambda: state(replies[-1])[0] >= Word.ACCEPTED, SECONDS_TO_RETURN)
    assert meta.texts() == ["first", *[f"reply {n}" for n in range(5)]]
    assert all(crew.is_running(name) for name in ("ingest", "sending", "clock"))


def test_redis_that_forgets_everything_changes_nothing(meta, crew, broker, conversation):
    with redis.Redis.from_url(broker.url) as client:
        replies = [meta.writes(conversation, f"reply {n}") for n in range(5)]
        client.flushall()
    meta.sim.wait_for(lambda: state(replies[-1])[0] >= Word.ACCEPTED, SECONDS)
    assert meta.texts() == ["first", *[f"reply {n}" for n in range(5)]]
