"""Messages that were written here, at any point of being sent, without a Graph to send them to."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from connections.graph.answers import Accepted
from inbox.models import Contact, Conversation, Identity, Message, SendAttempt, Word, Work
from tests import cast
from tests.cast import House

OUTCOME_WORDS = {
    "accepted": Word.ACCEPTED,
    "unconfirmed": Word.UNCONFIRMED,
    "refused": Word.FAILED,
    "not_sent": Word.NOT_SENT,
    None: Word.SENDING,
}


def conversation(house: House, phone: str = "628110000001") -> Conversation:
    """A conversation with a phone, in which nothing was said yet."""
    identity, is_new = Identity.objects.get_or_create(workspace=house.workspace, kind="phone", value=phone)
    if is_new:
        identity.contact = Contact.objects.create(workspace=house.workspace)
        identity.save(update_fields=["contact"])
    return Conversation.objects.get_or_create(
        workspace=house.workspace, connection=house.connection, contact=identity.contact
    )[0]


def message(
    house: House,
    token: str,
    *outcomes: str | None,
    wamid: str | None = None,
    at: datetime | None = None,
    **fields: Any,
) -> Message:
    """A message whose attempts came out like this; `wamid` is what the last of them was answered with."""
    talk = conversation(house)
    written_at = at or cast.ago(minutes=5)
    finished_at = written_at + timedelta(seconds=1)
    last = outcomes[-1] if outcomes else None
    facts: dict[str, Any] = {
        "word": OUTCOME_WORDS[last] if outcomes else Word.QUEUED,
        "work": (Work.DONE if last else Work.CLAIMED) if outcomes else Work.WAITING,
        "accepted_at": finished_at if last == "accepted" else None,
        "failed_at": finished_at if last == "refused" else None,
    }
    made = Message.objects.create(
        workspace=house.workspace, connection=house.connection, conversation=talk,
        identity=talk.contact.identities.get(), environment=house.connection.environment, direction="out",
        source="ours", kind="text", text="Hello", placed_at=written_at, received_at=written_at,
        processed_at=written_at, token=token, wamid=wamid, attempt=len(outcomes), **facts | fields,
    )  # fmt: skip
    for number, outcome in enumerate(outcomes, 1):
        is_last = number == len(outcomes)
        SendAttempt.objects.create(
            message=made, connection=house.connection, number=number, started_at=written_at, outcome=outcome,
            finished_at=finished_at if outcome else None, wamid=wamid if is_last else None, phone_number_id="1",
            recipient_kind="phone", recipient="628110000001", token_fingerprint="f", graph_version="v26.0",
        )  # fmt: skip
    Conversation.objects.filter(pk=talk.pk).update(last_at=written_at)
    return made


def accepted(wamid: str) -> Accepted:
    """What Graph answers when it takes a message."""
    return Accepted(wamid, "628110000001", "", "", 200, "", "{}")
