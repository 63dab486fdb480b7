"""The audit trail, written: who changed what, from what to what, in the transaction of the change.

Some acts are change markers too: they stand in the threads they concern, among the messages (inbox/change_markers.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from .clock import tick
from .models import AuditEntry, User


class Action(StrEnum):
    """What can be done, in words that never change: the trail is never rewritten, so neither is what it says."""

    WORKSPACE_CREATED = "workspace created"
    WORKSPACE_CHANGED = "workspace changed"
    MEMBER_ADDED = "member added"
    MEMBER_REMOVED = "member removed"
    MEMBER_LEFT = "member left"
    ROLE_CHANGED = "role changed"
    MEMBER_INVITED = "member invited"
    INVITATION_WITHDRAWN = "invitation withdrawn"
    MFA_REQUIRED = "two-factor sign-in required"
    SECOND_FACTOR_REMOVED = "second factor removed"
    APP_ADDED = "app added"
    APP_CHANGED = "app changed"
    APP_REMOVED = "app removed"
    APP_SECRET_REPLACED = "app secret replaced"  # noqa: S105
    OLD_APP_SECRET_ENDED = "old app secret ended"  # noqa: S105
    VERIFY_TOKEN_REPLACED = "verify token replaced"  # noqa: S105
    APP_OFFERED = "app offered"
    APP_SHARED = "app shared"
    APP_UNSHARED = "app no longer shared"
    CONNECTION_SAVED = "connection saved"
    CONNECTION_CHANGED = "connection changed"
    CONNECTION_PROVEN = "connection proven"
    CONNECTION_PAUSED = "connection paused"
    CONNECTION_RESUMED = "connection resumed"
    CONNECTION_SUBSCRIBED = "connection subscribed"
    TOKEN_REPLACED = "token replaced"  # noqa: S105
    SANDBOX_SWITCHED = "sandbox mode"
    WHITELIST_CHANGED = "whitelist"
    TEMPLATE_CREATED = "template created"
    TEMPLATE_CHANGED = "template changed"
    TEMPLATE_DELETED = "template deleted"
    OPT_OUT_ADDED = "opt-out added"
    OPT_OUT_LIFTED = "opt-out lifted"
    OPT_OUTS_IMPORTED = "opt-outs imported"
    OPT_OUT_WORDS_CHANGED = "opt-out words changed"


# The acts that change what happens to messages, and what each is about: the threads of the whole workspace, of one
# connection, of one Meta app's connections, or of one WhatsApp business account's.
MARKERS: dict[Action, str] = {
    Action.SANDBOX_SWITCHED: "workspace",
    Action.WHITELIST_CHANGED: "workspace",
    Action.APP_CHANGED: "app",
    Action.APP_SECRET_REPLACED: "app",
    Action.OLD_APP_SECRET_ENDED: "app",
    Action.CONNECTION_SAVED: "connection",
    Action.CONNECTION_CHANGED: "connection",
    Action.CONNECTION_PROVEN: "connection",
    Action.CONNECTION_PAUSED: "connection",
    Action.CONNECTION_RESUMED: "connection",
    Action.CONNECTION_SUBSCRIBED: "connection",
    Action.TOKEN_REPLACED: "connection",
    Action.TEMPLATE_CREATED: "waba",
    Action.TEMPLATE_CHANGED: "waba",
    Action.TEMPLATE_DELETED: "waba",
}


def record(
    workspace_id: int,
    actor: User | None,
    action: Action,
    target: str,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    about: int | str | None = None,
    by_workspace: str = "",
) -> AuditEntry:
    """Write one line; without an actor it was a command. Called inside the transaction of the change, as its last act.

    `by_workspace` is the slug of another workspace, where somebody did it whom this one is not told of.

    A change marker says which row it is about (the id of the connection or app, the WABA id; of the workspace it is
    known), and raises the clock, so that it reaches open threads: from here on everybody else who writes waits.
    """
    kind = MARKERS.get(action, "")
    if (about is None) != (kind in {"", "workspace"}):
        raise ValueError(f"{action.name} {'must say which ' + kind if kind else 'says of no row that'} it is about.")
    versions = tick([workspace_id], marking=True) if kind else {}
    return AuditEntry.objects.create(
        workspace_id=workspace_id,
        actor=actor,
        action=action,
        target=without_secrets(target)[:200],
        before=without_secrets(dict(before or {})),
        after=without_secrets({**(after or {}), **({"by": by_workspace} if by_workspace else {})}),
        subject_kind=kind,
        subject_id=str(workspace_id if kind == "workspace" else about or ""),
        version=versions.get(workspace_id),
        by_command=actor is None and not by_workspace,
    )


SECRET_NAME = re.compile(r"(^|_)(token|secret|password|passphrase|passcode|totp|recovery_codes?|keys?)$", re.I)
# Meta's access tokens, what FIELD_KEYS encrypted, an app secret, a TOTP secret.
SECRET = re.compile(r"\bEAA[A-Za-z0-9]{12,}|gAAAAA[\w-]{20,}=*|\b[0-9a-f]{32,}\b|\b[A-Z2-7]{32}\b")
# Meta's own ids are bare digits too, but longer than most numbers, and stand beside a name that ends in "id".
PHONE = re.compile(r"\+\d[\d ().-]{6,18}\d|\b\d{9,15}\b")


def without_secrets(value: Any, name: str = "") -> Any:
    """The value as it may be kept for ever: whatever looks like a secret or a phone number inside it is taken out.

    A name that promises a secret is a mistake of ours, and raises. Whether there is one, or how many, may be said.
    """
    if SECRET_NAME.search(name) and not (value is None or isinstance(value, int)):
        raise ValueError(f"The audit trail holds no {name}.")
    if isinstance(value, Mapping):
        return {str(key): without_secrets(one, str(key)) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [without_secrets(one, name) for one in value]
    if isinstance(value, datetime):
        return value.isoformat()
    if not isinstance(value, str):
        return value
    hidden = SECRET.sub("[a secret, not kept]", value)
    if name.endswith("id") and value.isdigit():
        return hidden
    return PHONE.sub(lambda found: f"[number …{re.sub(r'[^0-9]', '', found[0])[-4:]}]", hidden)
