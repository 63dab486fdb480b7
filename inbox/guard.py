"""May this be sent? Every reason against it at once, each with what to do and who can do it.

The same function answers the composer, the reply form, and the worker at the moment of the call (P7). Reads only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from connections import sandbox
from connections.models import Connection
from optouts import ledger
from workspaces.access import Ability, may
from workspaces.models import Membership

from . import window
from .address import choose, named_by
from .holdings import holdings_of
from .models import Conversation, Identity

# After this, what we know is too old to send on without a second look.
TOO_FAR_BEHIND = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Reason:
    """`blocking` forbids; otherwise one more click is asked for."""

    code: str
    sentence: str
    next_step: str
    who: str
    blocking: bool = True


@dataclass(frozen=True, slots=True)
class Verdict:
    reasons: tuple[Reason, ...]
    identity: Identity | None

    @property
    def allowed(self) -> bool:
        return not any(reason.blocking for reason in self.reasons)

    @property
    def needs_confirmation(self) -> bool:
        return self.allowed and bool(self.reasons)

    def as_json(self) -> list[dict[str, str]]:
        """The blocking reasons, to keep with a message that they stopped."""
        return [
            {"code": one.code, "sentence": one.sentence, "next_step": one.next_step, "who": one.who}
            for one in self.reasons
            if one.blocking
        ]


def verdict(
    conversation: Conversation,
    *,
    now: datetime,
    membership: Membership | None,
    behind_since: datetime | None,
) -> Verdict:
    """Everything against a free-form reply in this conversation, now.

    `membership` is the writer's as it is now; None for one who has left. `behind_since` is when the oldest event of
    Meta that is not applied yet was stored.
    """
    identities = list(Identity.objects.filter(contact_id=conversation.contact_id))
    identity = choose(conversation, identities)
    theirs = holdings_of(conversation.workspace_id, {conversation.contact_id: identities})
    reasons = [
        *_role(membership),
        *_connection(conversation.connection),
        *_consent(conversation, theirs[conversation.contact_id]),
        *_sandbox(conversation, named_by(identities)),
        *_window(conversation, now),
        *_address(identity),
        *_freshness(behind_since, now),
    ]
    return Verdict(tuple(reasons), identity)


def _role(membership: Membership | None) -> list[Reason]:
    if membership is None:
        return [Reason("role", "Whoever wrote this is no longer a member.", "Have an agent write it again.", "agent")]
    if may(membership, Ability.REPLY):
        return []
    if not membership.user.is_active:
        sentence = "The account of whoever wrote this has been deactivated."
        return [Reason("role", sentence, "Have an agent write it again.", "agent")]
    sentence = f"A member whose role is {membership.get_role_display()} may read but not reply."
    return [Reason("role", sentence, "Ask an agent to reply, or an admin to change the role.", "admin")]


def _connection(connection: Connection) -> list[Reason]:
    reasons = []
    if connection.proven_at is None:
        sentence = f"{connection.name} is not ready: its number has not been proven yet."
        reasons.append(Reason("not_ready", sentence, "Finish connecting it in the number's settings.", "admin"))
    if connection.paused_at is not None:
        sentence = f"{connection.name} is paused: nothing is sent from it."
        reasons.append(Reason("paused", sentence, "Resume it in the number's settings.", "admin"))
    return reasons


def _consent(conversation: Conversation, identities: set[ledger.Holding]) -> list[Reason]:
    opt_out = ledger.standing(conversation.workspace_id, identities).everything
    if opt_out is None:
        return []
    quote = f" They wrote “{opt_out.quote[:80]}”." if opt_out.quote and opt_out.source in {"words", "button"} else ""
    step = "Wait until they opt in again themselves, for example by writing START; an admin can lift it with a reason."
    return [Reason("opted_out", f"This person has opted out of messages.{quote}", step, "customer")]


def _sandbox(conversation: Conversation, identities: set[tuple[str, str]]) -> list[Reason]:
    workspace = conversation.workspace_id
    if not sandbox.is_on(workspace) or sandbox.is_whitelisted(workspace, identities):
        return []
    sentence = "Sandbox mode is on, and this person is not on the workspace's whitelist."
    return [Reason("sandbox", sentence, "Put them on the whitelist, or switch sandbox mode off.", "admin")]


def _window(conversation: Conversation, now: datetime) -> list[Reason]:
    if window.is_open(conversation.last_inbound_at, now):
        return []
    closed = window.closes_at(conversation.last_inbound_at)
    since = f" It closed {closed:%-d %b, %H:%M} UTC." if closed else " Nothing they wrote here has opened it."
    sentence = f"The session window is closed: WhatsApp takes only templates now.{since}"
    return [Reason("window_closed", sentence, "Wait until they write again.", "customer")]


def _address(identity: Identity | None) -> list[Reason]:
    if identity is not None:
        return []
    sentence = "Nothing that this person can be reached by is still theirs."
    return [Reason("no_address", sentence, "Wait until they write again.", "customer")]


def is_too_far_behind(behind_since: datetime | None, now: datetime) -> bool:
    return behind_since is not None and now - behind_since > TOO_FAR_BEHIND


def _freshness(behind_since: datetime | None, now: datetime) -> list[Reason]:
    if behind_since is None or not is_too_far_behind(behind_since, now):
        return []
    sentence = f"Events from Meta have been waiting since {behind_since:%H:%M:%S} UTC: something newer may be there."
    return [Reason("behind", sentence, "Wait for it, or send anyway.", "you", blocking=False)]
