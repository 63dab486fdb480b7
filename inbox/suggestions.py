"""Something a customer wrote that may be an opt-out: whoever reads it is asked, and nothing is blocked."""

from __future__ import annotations

from datetime import datetime

from optouts import closeness, ledger, wordlist

from . import window
from .consent import SPOKEN_KINDS
from .holdings import holdings_of
from .models import Conversation, Identity, Message

LOOKED_AT = 5


def suggestion(conversation: Conversation, now: datetime) -> Message | None:
    """The newest such message, while the session window that it opened is open.

    None once they are opted out, and where they or a member have said anything about all messages since.
    """
    found = _close(conversation, now)
    if found is None:
        return None
    identities = list(Identity.objects.filter(contact_id=conversation.contact_id))
    holdings = holdings_of(conversation.workspace_id, {conversation.contact_id: identities})[conversation.contact_id]
    said = ledger.said_by(conversation.workspace_id, {0: holdings})[0]
    if ledger.decide(said).everything is not None:
        return None
    is_settled = any(event.scope == "all" and event.provider_at >= found.placed_at for event in said)
    return None if is_settled else found


def _close(conversation: Conversation, now: datetime) -> Message | None:
    theirs = Message.objects.filter(
        conversation=conversation,
        direction=Message.Direction.IN,
        placed_at__gt=now - window.LENGTH,
    )
    newest = list(theirs.order_by("-placed_at", "-arrival", "-pk")[:LOOKED_AT])
    spoken = [
        one for one in newest if one.source == Message.Source.LIVE and one.kind in SPOKEN_KINDS and not one.group_id
    ]
    own = wordlist.own_words(conversation.workspace_id) if spoken else wordlist.OwnWords()
    return next((one for one in spoken if closeness.may_be_stop(one.text, own.at(one.placed_at))), None)
