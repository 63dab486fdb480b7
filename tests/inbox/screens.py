"""What the tests of the screens share: signed-in browsers, and conversations that came in by the door."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from inbox import drain
from inbox.models import Conversation, Message, Word
from tests import cast
from tests.cast import House
from workspaces.clock import tick
from workspaces.models import User, WorkspaceClock


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def hear(house: House, *texts: str, at: datetime | None = None, **said: Any) -> Conversation:
    """A customer writes, one message for each text and a second apart; returns the conversation."""
    first = at or cast.ago(seconds=30)
    for n, text in enumerate(texts or ("Hello",)):
        cast.arrives(house, cast.says(house, text, at=first + timedelta(seconds=n), **said))
    drain.drain()
    newest = house.workspace.conversations.select_related("contact").order_by("-version", "-pk").first()
    assert newest is not None
    return newest


def version(house: House) -> int:
    return WorkspaceClock.objects.get(workspace=house.workspace).version


def ours(conversation: Conversation, text: str = "At your service", word: Word = Word.SENT, **values: Any) -> Message:
    """A message of ours in this state, with the clock raised."""
    now = timezone.now()
    at = values.pop("placed_at", now)
    clock = tick([conversation.workspace_id])[conversation.workspace_id]
    return Message.objects.create(
        workspace_id=conversation.workspace_id,
        connection_id=conversation.connection_id,
        conversation=conversation,
        environment="simulator",
        direction="out",
        source=values.pop("source", "ours"),
        kind="text",
        text=text,
        placed_at=at,
        received_at=at,
        processed_at=at,
        word=word,
        arrival=clock,
        version=clock,
        **values,
    )


def queries_of(browser: Client, address: str) -> int:
    """How many queries an answer takes. Asked twice, as the first answer may look up what is kept for some seconds."""
    browser.get(address)
    with CaptureQueriesContext(connection) as queries:
        browser.get(address)
    return len(queries)


def inbox(house: House, path: str = "") -> str:
    return f"/w/{house.workspace.slug}/inbox/{path}"
