"""The inbox by natural keys: what it says, without ids, versions and times of processing. Two that say the same are
equal."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from inbox.holdings import holdings_of
from inbox.models import Act, Contact, Conversation, Identity, IdentityLink, Message, Receipt, Sighting
from optouts import ledger
from optouts.models import ConsentEvent
from workspaces.models import Workspace

# What is compared of a message, besides who and where.
MESSAGE_FACTS = (
    *("identity__kind", "identity__value", "direction", "source", "kind", "text", "details", "raw", "context_wamid"),
    *("group_id", "placed_at", "provider_at", "received_at", "token", "word", "accepted_at", "sent_at"),
    *("delivered_at", "read_at", "played_at", "failed_at", "problem", "work"),
)
CONVERSATION_FACTS = (
    *("last_at", "last_inbound_at", "last_inbound_wamid", "reply_to__kind", "reply_to__value", "reply_to_at"),
    *("closed_at", "owner__email"),
)
CONTACT_FACTS = ("name", "name_at", "name_wamid", "username", "username_at", "username_wamid")


def inbox_of(workspace: Workspace) -> dict[str, Any]:
    people = _people(workspace)
    talks = {
        one.pk: (one.connection.phone_number_id, people[one.contact_id])
        for one in Conversation.objects.filter(workspace=workspace).select_related("connection")
    }
    messages = Message.objects.filter(workspace=workspace)
    keys: dict[int | None, str] = {one.pk: one.token or one.wamid or "" for one in messages}
    return {
        "contacts": {
            people[row.pop("pk")]: row
            for row in Contact.objects.filter(workspace=workspace).values("pk", *CONTACT_FACTS)
        },
        "identities": {(row.kind, row.value): (row.is_shared, row.retired_at) for row in workspace.identities.all()},
        "conversations": {
            talks[row.pop("pk")]: row for row in workspace.conversations.values("pk", *CONVERSATION_FACTS)
        },
        "messages": {
            keys[row.pop("pk")]: (talks[row.pop("conversation")], row)
            for row in messages.values("pk", "conversation", *MESSAGE_FACTS)
        },
        "receipts": {
            (row.wamid, row.status, row.provider_at, row.code): (keys.get(row.message_id), row.attempt)
            for row in Receipt.objects.filter(connection__workspace=workspace)
        },
        "lines": sorted(
            (talks[row.conversation_id], row.kind, row.wamid, row.detail, row.at)
            for row in Act.objects.filter(workspace=workspace, kind__in=["number_changed", "number_moved"])
        ),
        "consent": set(
            ConsentEvent.objects.filter(workspace=workspace).values_list(
                "kind", "value", "scope", "direction", "source", "evidence", "provider_at"
            )
        ),
        "opted_out": {people[contact] for contact in _opted_out(workspace)},
        "sightings": set(
            Sighting.objects.filter(workspace=workspace).values_list("phone", "bsuid", "first_at", "wamid")
        ),
        "links": set(
            IdentityLink.objects.filter(workspace=workspace).values_list(
                "from_kind", "from_value", "to_kind", "to_value", "replaces", "at", "wamid"
            )
        ),
    }


def _opted_out(workspace: Workspace) -> set[int]:
    held: dict[int, list[Identity]] = defaultdict(list)
    for identity in workspace.identities.exclude(contact=None):
        assert identity.contact_id is not None
        held[identity.contact_id].append(identity)
    return ledger.opted_out(workspace.pk, holdings_of(workspace.pk, held))


def _people(workspace: Workspace) -> dict[int, tuple[Any, ...]]:
    """Each contact by their identities; one who holds none any more, by their messages."""
    held: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for identity in Identity.objects.filter(workspace=workspace):
        assert identity.contact_id is not None, "an identity was left without a contact"
        held[identity.contact_id].append((identity.kind, identity.value))
    wrote: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for contact, token, wamid in workspace.messages.values_list("conversation__contact", "token", "wamid"):
        wrote[contact].append(("wrote", token or wamid or ""))
    return {pk: tuple(sorted(held.get(pk) or wrote[pk])) for pk in workspace.contacts.values_list("pk", flat=True)}
