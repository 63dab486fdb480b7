"""Whom a reply goes to: the customer's newest valid identity, and never a substitute (P6)."""

from __future__ import annotations

from collections.abc import Iterable

from connections.graph.account import Address

from .models import Conversation, Identity

# What Graph calls the kinds we keep.
GRAPH_KINDS = {"phone": "phone", "bsuid": "bsuid", "parent": "parent_bsuid"}
PREFERENCE = ("bsuid", "phone", "parent")


def choose(conversation: Conversation, identities: Iterable[Identity]) -> Identity | None:
    """The identity of the newest message that opens the window, while it is still theirs; else their newest other."""
    theirs = [one for one in identities if one.contact_id == conversation.contact_id and one.retired_at is None]
    for one in theirs:
        if one.pk == conversation.reply_to_id:
            return one
    return min(theirs, key=lambda one: (PREFERENCE.index(one.kind), -one.pk), default=None)


def named_by(identities: Iterable[Identity]) -> set[tuple[str, str]]:
    """What a whitelist may name somebody by. An address that they left may be somebody else's by now.

    Where they left all of them, nothing reaches them anyway, and any of them says who they are.
    """
    known = list(identities)
    return {(one.kind, one.value) for one in known if one.retired_at is None} or {(i.kind, i.value) for i in known}


def address(identity: Identity) -> Address:
    return Address(GRAPH_KINDS[identity.kind], identity.value)  # type: ignore[arg-type]
