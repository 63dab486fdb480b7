"""The audit trail, read: each entry as a sentence, and what it changed as lines of before and after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .audit import Action
from .models import AuditEntry

COMMAND_LINE = "The command line"
SOMEBODY = "Somebody whose account is gone"

DEEDS: dict[Action, str] = {
    Action.WORKSPACE_CREATED: "created the workspace {target}",
    Action.WORKSPACE_CHANGED: "changed the workspace {target}",
    Action.MEMBER_ADDED: "added {target}",
    Action.MEMBER_REMOVED: "removed {target}",
    Action.MEMBER_LEFT: "left the workspace",
    Action.ROLE_CHANGED: "changed the role of {target}",
    Action.MEMBER_INVITED: "invited {target}",
    Action.INVITATION_WITHDRAWN: "withdrew the invitation of {target}",
    Action.MFA_REQUIRED: "changed whether everybody needs a second factor",
    Action.SECOND_FACTOR_REMOVED: "removed the second factor of {target}",
    Action.APP_ADDED: "added the Meta app {target}",
    Action.APP_CHANGED: "edited the Meta app {target}",
    Action.APP_REMOVED: "removed the Meta app {target}",
    Action.APP_SECRET_REPLACED: "replaced the secret of the Meta app {target}",
    Action.OLD_APP_SECRET_ENDED: "ended the old secret of the Meta app {target}",
    Action.VERIFY_TOKEN_REPLACED: "replaced the verify token of the Meta app {target}",
    Action.APP_OFFERED: "offered to share the Meta app {target}",
    Action.APP_SHARED: "shared the Meta app {target}",
    Action.APP_UNSHARED: "stopped sharing the Meta app {target}",
    Action.CONNECTION_SAVED: "saved the connection {target}",
    Action.CONNECTION_CHANGED: "edited the connection {target}",
    Action.CONNECTION_PROVEN: "proved the connection {target}",
    Action.CONNECTION_PAUSED: "paused {target}",
    Action.CONNECTION_RESUMED: "resumed {target}",
    Action.CONNECTION_SUBSCRIBED: "subscribed {target} to Meta’s events",
    Action.TOKEN_REPLACED: "replaced the token of {target}",
    Action.SANDBOX_SWITCHED: "switched sandbox mode {state}",
    Action.WHITELIST_CHANGED: "changed the whitelist{how_many}",
    Action.TEMPLATE_CREATED: "created the template {target}",
    Action.TEMPLATE_CHANGED: "edited the template {target}",
    Action.TEMPLATE_DELETED: "deleted the template {target}",
    Action.OPT_OUT_ADDED: "recorded an opt-out ({target})",
    Action.OPT_OUT_LIFTED: "lifted an opt-out ({target})",
    Action.OPT_OUTS_IMPORTED: "imported opt-outs{how_many}",
    Action.OPT_OUT_WORDS_CHANGED: "changed the opt-out words of {target}",
}
# A connection that is edited in one thing alone: by its name, and whether it has it since.
EDITS: dict[str, dict[bool, str]] = {
    "name": {True: "renamed the connection {target}"},
    "has_new_token": {
        True: "entered a new token for {target}, to be proven",
        False: "took away the new token of {target}",
    },
    "has_our_callback": {True: "entered our callback at Meta for {target}"},
    "removed": {True: "removed the connection {target}"},
}
# What a line of before and after is called, where the name in the code is not what the screens say.
NAMES = {
    "app_id": "App ID",
    "phone_number_id": "Phone Number ID",
    "waba_id": "WABA ID",
    "is_on": "sandbox mode",
    "is_simulated": "at the simulator",
    "is_checked": "taken by Meta",
    "has_our_callback": "our callback",
    "has_new_token": "new token waits",
}
# The same as what was done to something, for where the actor comes last: "the token of Kopi was replaced by Bayu".
DONE: dict[Action, str] = {
    Action.APP_CHANGED: "the Meta app {target} was edited",
    Action.APP_SECRET_REPLACED: "the secret of the Meta app {target} was replaced",
    Action.CONNECTION_SAVED: "the connection {target} was saved",
    Action.CONNECTION_CHANGED: "the connection {target} was edited",
    Action.CONNECTION_PAUSED: "{target} was paused",
    Action.TOKEN_REPLACED: "the token of {target} was replaced",
    Action.SANDBOX_SWITCHED: "sandbox mode was switched {state}",
}


def who_of(entry: AuditEntry) -> str:
    if entry.actor is not None:
        return str(entry.actor)
    if entry.by_command is False and entry.after.get("by"):
        return f"Somebody of {entry.after['by']}"
    return SOMEBODY if entry.by_command is False else COMMAND_LINE


def sentence_of(entry: AuditEntry) -> str:
    """Who did what. An action that we have no words for yet is told by its own."""
    return f"{who_of(entry)} {_filled(_deed(entry), entry)}"


def done_of(entry: AuditEntry) -> str:
    """What was done, by whom: only of what may be a cause."""
    who = who_of(entry)
    return f"{_filled(DONE[Action(entry.action)], entry)} by {who[0].lower() + who[1:] if entry.actor is None else who}"


def _deed(entry: AuditEntry) -> str:
    if entry.action not in DEEDS:
        return f"{entry.action}: {{target}}"
    changed = changed_names(entry)
    if entry.action == Action.CONNECTION_CHANGED and len(changed) == 1:
        (name,) = changed
        edit = EDITS.get(name, {}).get(bool(entry.after.get(name)))
        if edit:
            return edit
    return DEEDS[Action(entry.action)]


def _filled(deed: str, entry: AuditEntry) -> str:
    added, removed = entry.after.get("added"), entry.after.get("removed")
    how_many = [f"{count} {word}" for count, word in ((added, "added"), (removed, "removed")) if count]
    return deed.format(
        target=entry.target,
        state="on" if entry.after.get("is_on") else "off",
        how_many=f": {', '.join(how_many)}" if how_many else "",
    )


@dataclass(frozen=True, slots=True)
class Difference:
    name: str
    before: str
    after: str


def changed_names(entry: AuditEntry) -> set[str]:
    """What is not as it was, by name."""
    absent = object()
    names = {*entry.before, *entry.after}
    return {name for name in names if entry.before.get(name, absent) != entry.after.get(name, absent)}


def differences(entry: AuditEntry) -> list[Difference]:
    """What is not as it was, name by name; what was not said of one side is empty there."""
    changed = changed_names(entry)
    return [
        Difference(
            NAMES.get(name, name.removeprefix("is_").replace("_", " ")),
            _said(entry.before[name]) if name in entry.before else "",
            _said(entry.after[name]) if name in entry.after else "",
        )
        for name in dict.fromkeys((*entry.before, *entry.after))
        if name in changed
    ]


def _said(value: Any) -> str:
    if value is None or value == "" or value == [] or value == {}:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(_said, value))
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_said(one)}" for name, one in value.items())
    return str(value)
