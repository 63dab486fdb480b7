"""Whom sandbox mode holds back: the customers of a workspace who are not on its whitelist."""

from __future__ import annotations

from collections import defaultdict

from connections import sandbox

from .address import named_by
from .models import Conversation, Identity


def held_back(workspace_id: int) -> int:
    """How many customers only become reachable when sandbox mode is off. Other rules may stand against some of them."""
    whitelist = sandbox.whitelisted(workspace_id)
    everybody = Conversation.objects.filter(workspace_id=workspace_id, last_at__isnull=False)
    count: int = everybody.values("contact_id").distinct().count()
    # The whitelist is short, and the customers may be many: only those whom it might name are looked at.
    perhaps = Identity.objects.filter(workspace_id=workspace_id, value__in={value for _, value in whitelist})
    held: dict[int | None, list[Identity]] = defaultdict(list)
    contacts = everybody.filter(contact_id__in=perhaps.values("contact_id")).values("contact_id")
    for identity in Identity.objects.filter(contact_id__in=contacts):
        held[identity.contact_id].append(identity)
    return count - sum(1 for theirs in held.values() if sandbox.names(whitelist, named_by(theirs)))
