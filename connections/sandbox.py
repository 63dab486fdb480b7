"""Sandbox mode: while it is on, only people on the workspace's whitelist can be sent anything."""

from __future__ import annotations

from collections.abc import Iterable

import phonenumbers
from django.db import transaction

from workspaces import audit
from workspaces.models import User, Workspace

from .bsuid import BSUID
from .models import Sandbox, WhitelistEntry

Identity = tuple[str, str]  # (kind, value)


def is_on(workspace_id: int) -> bool:
    """A workspace that never set it is in sandbox mode."""
    found = Sandbox.objects.filter(workspace_id=workspace_id).values_list("is_on", flat=True).first()
    return True if found is None else found


def whitelisted(workspace_id: int) -> frozenset[Identity]:
    return frozenset(WhitelistEntry.objects.filter(workspace_id=workspace_id).values_list("kind", "value"))


def is_whitelisted(workspace_id: int, identities: Iterable[Identity]) -> bool:
    """Whether any identity of a person is on the workspace's whitelist."""
    asked = list(identities)
    found = WhitelistEntry.objects.filter(workspace_id=workspace_id, value__in=[value for _, value in asked])
    return names(frozenset(found.values_list("kind", "value")), asked)


def names(whitelist: frozenset[Identity], identities: Iterable[Identity]) -> bool:
    """Whether a whitelist names any of these identities. A parent BSUID is written down there as a BSUID."""
    return any(("phone" if kind == "phone" else "bsuid", value) in whitelist for kind, value in identities)


def normalise(written: str, country: str) -> Identity | None:
    """A phone number in any format (read as of this country), or a BSUID, as (kind, value). None for anything else."""
    given = written.strip()
    if BSUID.fullmatch(given):
        return "bsuid", given
    try:
        number = phonenumbers.parse(given, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return "phone", phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164).removeprefix("+")


@transaction.atomic
def switch(workspace: Workspace, *, on: bool, actor: User | None = None) -> bool:
    """Switch sandbox mode; audited, and every open page sees it with its next poll. False if it was so already."""
    before = is_on(workspace.pk)
    if before == on and Sandbox.objects.filter(workspace=workspace).exists():
        return False
    Sandbox.objects.update_or_create(workspace=workspace, defaults={"is_on": on})
    audit.record(
        workspace.pk,
        actor,
        audit.Action.SANDBOX_SWITCHED,
        workspace.name,
        before={"is_on": before},
        after={"is_on": on},
    )
    return True


@transaction.atomic
def change_whitelist(
    workspace: Workspace, *, add: Iterable[Identity] = (), remove: Iterable[Identity] = (), actor: User | None = None
) -> None:
    """Put people on the whitelist, or take them off; audited by how many, as numbers are personal data."""
    added, removed = sorted(set(add)), sorted(set(remove))
    if not added and not removed:
        return
    entries = [WhitelistEntry(workspace=workspace, kind=kind, value=value) for kind, value in added]
    WhitelistEntry.objects.bulk_create(entries, ignore_conflicts=True)
    for kind, value in removed:
        WhitelistEntry.objects.filter(workspace=workspace, kind=kind, value=value).delete()
    audit.record(
        workspace.pk,
        actor,
        audit.Action.WHITELIST_CHANGED,
        workspace.name,
        after={"added": len(added), "removed": len(removed)},
    )
