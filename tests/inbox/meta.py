"""Meta and the customers' phones, as the simulator plays them over HTTP, with our own door at the other end."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from inbox import drain, writing
from inbox.models import Conversation, Message, SendAttempt, Word, Work
from simulator.client import Customer, Simulator
from tests import cast
from tests.cast import House
from tests.simulator.callback import Callback
from workspaces.models import Membership, User, WorkspaceClock

NUMBER = {"access_token": "token-of-kopi-kita", "app_id": "600000000000001", "app_secret": "secret of kopi-kita"}


class Meta:
    """Kopi Kita, connected to a simulator. What the simulator posts waits in `hook` until `brings` carries it in."""

    def __init__(self, sim: Simulator, hook: Callback) -> None:
        self.sim = sim
        self.hook = hook
        self.house: House = cast.kopi_kita()
        self.alice: User = cast.alice(self.house)
        self._brought = 0

    def customer(self, phone: str = "+62 811-0000-001", name: str = "Dewi", **facts: Any) -> Customer:
        return self.sim.customer(phone=phone, name=name, **facts)

    def hears(self, customer: Customer, text: str = "Do you deliver?", **controls: Any) -> Conversation:
        """The customer writes, and it arrives. Returns the conversation it arrived in."""
        wamid = customer.says(text, **controls)
        self.hook.wait(lambda: any(one["id"] == wamid for one in self.hook.messages()))
        self.brings()
        return Message.objects.select_related("conversation__connection").get(wamid=wamid).conversation

    def tells(self, word: str, count: int = 1) -> None:
        """Wait until the simulator has reported this word so many times, and carry it in."""
        self.hook.wait_for_status(word, count)
        self.brings()

    def brings(self) -> None:
        """Carry to our door what the simulator posted since, and apply it."""
        self.carries()
        drain.drain()

    def carries(self) -> None:
        """Post to our door what the simulator posted since, as it was signed. Somebody else applies it."""
        path = f"/webhooks/meta/{self.house.connection.meta_app.public_id}/"
        for post in self.hook.posts[self._brought :]:
            self._brought += 1
            signed = {"X-Hub-Signature-256": post.signature}
            answer = Client().post(path, post.body, content_type="application/json", headers=signed)
            assert answer.status_code == 200

    def writes(
        self, conversation: Conversation, text: str = "Yes, we do", *, confirmed: Collection[str] = ()
    ) -> Message:
        """Alice replies, having seen everything. Raises AssertionError when the reply is not taken."""
        outcome = self.tries_to_write(conversation, text, confirmed=confirmed)
        assert isinstance(outcome, writing.Written), outcome
        return outcome.message

    def tries_to_write(
        self,
        conversation: Conversation,
        text: str = "Yes, we do",
        *,
        confirmed: Collection[str] = (),
        behind_since: Any = None,
    ) -> writing.Outcome:
        return writing.write_reply(
            conversation=conversation,
            membership=Membership.objects.get(workspace=self.house.workspace, user=self.alice),
            text=text,
            form_token=uuid.uuid4(),
            position=WorkspaceClock.objects.get(workspace=self.house.workspace).version,
            confirmed=confirmed,
            now=timezone.now(),
            behind_since=behind_since,
        )

    def texts(self) -> list[str]:
        """What Meta accepted from us, in its order."""
        return [str(one["text"]) for one in self.sim.sent()]

    def sends_asked(self) -> int:
        """How often we asked Graph to send, whatever it answered."""
        return sum(one["method"] == "POST" and one["path"].endswith("/messages") for one in self.sim.calls())


def state(message: Message) -> tuple[Word, str]:
    """The message's word and work as stored, which is also read anew into it."""
    message.refresh_from_db()
    assert message.word is not None
    return Word(message.word), message.work


def outcomes(message: Message) -> list[str | None]:
    found = SendAttempt.objects.filter(message=message).order_by("number")
    return list(found.values_list("outcome", flat=True))


def falls_due(*messages: Message) -> None:
    """The time that these wait for has come."""
    waiting = Message.objects.filter(pk__in=[one.pk for one in messages], work=Work.WAITING)
    waiting.update(due_at=timezone.now())


def runs_out_of_time(message: Message) -> None:
    Message.objects.filter(pk=message.pk).update(deadline=timezone.now() - timedelta(seconds=1))
