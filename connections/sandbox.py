"""Sandbox mode: while it is on, only people on the workspace's whitelist can be sent anything."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction

from workspaces import audit
from workspaces.models import AuditEntry, User, Workspace

from .models import Sandbox, WhitelistEntry
from .whitelist import LONGEST, Identity


class WhitelistTooLongError(Exception):
    """More people than a whitelist takes; nothing was changed. The message says so."""


class SwitchedMeanwhileError(Exception):
    """Somebody else has switched sandbox mode since it was shown; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a saved list changed, and what others had changed since it was shown; their changes stand."""

    added: Sequence[Identity] = ()
    removed: Sequence[Identity] = ()
    others_added: Sequence[Identity] = ()
    others_removed: Sequence[Identity] = ()


def is_on(workspace_id: int) -> bool:
    """A workspace that never set it is in sandbox mode."""
    found = Sandbox.objects.filter(workspace_id=workspace_id).values_list("is_on", flat=True).first()
    return True if found is None else found


def sentence(*, on: bool, count: int) -> str:
    """What the setting does now, with so many people on the whitelist."""
    if not on:
        kept = "" if not count else " The whitelist is kept, and does nothing now."
        return f"Sandbox mode is off: everybody can receive messages whom no other rule forbids.{kept}"
    if not count:
        return (
            "Sandbox mode is on and nobody is on the whitelist: nobody can receive messages; "
            "all are refused before they leave."
        )
    who = "the 1 person" if count == 1 else f"the {count} people"
    return (
        f"Sandbox mode is on: only {who} on the whitelist can receive messages; "
        "everybody else's are refused before they leave."
    )


def whitelisted(workspace_id: int) -> frozenset[Identity]:
    return frozenset(WhitelistEntry.objects.filter(workspace_id=workspace_id).values_list("kind", "value"))


def held_to(workspace_id: int) -> frozenset[Identity] | None:
    """The whitelist while it decides who can receive anything; None while sandbox mode is off."""
    return whitelisted(workspace_id) if is_on(workspace_id) else None


def listed(workspace_id: int) -> list[WhitelistEntry]:
    """The whitelist in the order in which it was written."""
    return list(WhitelistEntry.objects.filter(workspace_id=workspace_id).order_by("position", "pk"))


def is_whitelisted(workspace_id: int, identities: Iterable[Identity]) -> bool:
    """Whether any identity of a person is on the workspace's whitelist."""
    asked = list(identities)
    found = WhitelistEntry.objects.filter(workspace_id=workspace_id, value__in=[value for _, value in asked])
    return names(frozenset(found.values_list("kind", "value")), asked)


def names(whitelist: frozenset[Identity], identities: Iterable[Identity]) -> bool:
    """Whether a whitelist names any of these identities. A parent BSUID is written down there as a BSUID."""
    return any(("phone" if kind == "phone" else "bsuid", value) in whitelist for kind, value in identities)


def last_switch(workspace_id: int) -> AuditEntry | None:
    """Who switched it last, to be shown, and to notice that somebody has since."""
    switches = AuditEntry.objects.filter(workspace_id=workspace_id, action=audit.Action.SANDBOX_SWITCHED)
    return switches.select_related("actor").order_by("-pk").first()


def mark(switched: AuditEntry | None) -> int:
    """What a page that showed this as the last switch posts back as `seen`."""
    return switched.pk if switched else 0


@transaction.atomic
def switch(workspace: Workspace, *, on: bool, actor: User | None = None, seen: int | None = None) -> bool:
    """Switch sandbox mode; audited, and every open page sees it with its next poll. False if it was so already.

    With `seen`, the mark of the last switch that was shown, only if nobody has switched it since.
    """
    _alone(workspace)
    before = is_on(workspace.pk)
    if before == on and Sandbox.objects.filter(workspace=workspace).exists():
        return False
    if seen is not None and seen != mark(last_switch(workspace.pk)):
        raise SwitchedMeanwhileError
    Sandbox.objects.update_or_create(workspace=workspace, defaults={"is_on": on})
    name, switched = workspace.name, audit.Action.SANDBOX_SWITCHED
    audit.record(workspace.pk, actor, switched, name, before={"is_on": before}, after={"is_on": on})
    return True


@transaction.atomic
def save_list(
    workspace: Workspace, wanted: Sequence[Identity], *, seen: Iterable[Identity], actor: User | None = None
) -> Change:
    """Make the whitelist what somebody wrote who had seen it as `seen`.

    Only what they changed themselves is changed: whoever was put on the list, or taken off it, meanwhile stays so.
    """
    _alone(workspace)
    entries = [(entry.kind, entry.value) for entry in listed(workspace.pk)]
    current, shown, asked = set(entries), set(seen), set(wanted)
    removed = (current & shown) - asked
    added = asked - current - shown
    after = [one for one in dict.fromkeys(wanted) if one in added or one in current]
    after += [one for one in entries if one not in removed and one not in asked]
    _change(workspace, entries, after, actor)
    return Change(
        [one for one in after if one in added],
        [one for one in entries if one in removed],
        [one for one in entries if one not in shown and one not in asked],
        sorted(shown & asked - current),
    )


@transaction.atomic
def change_whitelist(
    workspace: Workspace, *, add: Iterable[Identity] = (), remove: Iterable[Identity] = (), actor: User | None = None
) -> Change:
    """Put people at the end of the whitelist, or take them off."""
    _alone(workspace)
    entries = [(entry.kind, entry.value) for entry in listed(workspace.pk)]
    gone = set(remove)
    after = list(dict.fromkeys(one for one in (*entries, *add) if one not in gone))
    _change(workspace, entries, after, actor)
    return Change([one for one in after if one not in entries], [one for one in entries if one in gone])


def _change(workspace: Workspace, before: list[Identity], after: list[Identity], actor: User | None) -> None:
    """Audited by how many, as numbers are personal data. A new order alone changes nothing for anybody."""
    if before == after:
        return
    if len(after) > max(LONGEST, len(before)):
        raise WhitelistTooLongError(
            f"A whitelist takes at most {LONGEST:,} people, and this would make {len(after):,}. Nothing was saved."
        )
    kept = WhitelistEntry.objects.filter(workspace=workspace)
    gone = set(before) - set(after)
    old = {(entry.kind, entry.value): entry for entry in kept}
    kept.filter(pk__in=[old[one].pk for one in gone]).delete()
    for position, one in enumerate(after):
        if one in old:
            old[one].position = position
    WhitelistEntry.objects.bulk_update([old[one] for one in after if one in old], ["position"])
    WhitelistEntry.objects.bulk_create(
        WhitelistEntry(workspace=workspace, kind=one[0], value=one[1], position=position)
        for position, one in enumerate(after)
        if one not in old
    )
    added = len(set(after) - set(before))
    if added or gone:
        told = {"people": len(after), "added": added, "removed": len(gone)}
        was, name = {"people": len(before)}, workspace.name
        audit.record(workspace.pk, actor, audit.Action.WHITELIST_CHANGED, name, before=was, after=told)


def _alone(workspace: Workspace) -> None:
    """Of two who change it at once the second sees what the first did. Nobody else waits for this lock."""
    Workspace.objects.select_for_update(no_key=True).get(pk=workspace.pk)
