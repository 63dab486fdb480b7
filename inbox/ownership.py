"""Who answers a conversation, and whether it is closed.

Each change is conditional on the owner that was shown to whoever made it. Of two who act at once one wins; the other
changes nothing and is told who did. Each change is an act: a row with who and when, and a line in the thread.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from workspaces.access import ABILITIES, Ability
from workspaces.models import Membership, User

from . import versions
from .models import Act, Conversation


@dataclass(frozen=True, slots=True)
class Change:
    """What became of it. `refusal` is a sentence where nothing was changed, and empty where it was."""

    refusal: str = ""

    @property
    def is_made(self) -> bool:
        return not self.refusal


def may_answer(workspace_id: int) -> QuerySet[Membership]:
    """The members a conversation can be given to: those whose role may reply."""
    roles = [role for role, abilities in ABILITIES.items() if Ability.REPLY in abilities]
    found = Membership.objects.filter(workspace_id=workspace_id, role__in=roles, user__is_active=True)
    return found.select_related("user").order_by("user__name", "user_id")


def give(conversation: Conversation, owner: User, *, shown_owner: int | None, by: User, now: datetime) -> Change:
    """Make somebody, perhaps oneself, the owner of a conversation that is not closed."""
    with transaction.atomic():
        if not _stays(conversation, owner.pk):
            return Change(f"{owner} may not reply in this workspace, so nothing was assigned.")
        if not _as_shown(conversation, shown_owner).filter(closed_at=None).update(owner=owner):
            return _beaten(conversation, Act.Kind.ASSIGNED, by, owner.pk)
        _note(conversation, Act.Kind.ASSIGNED, by, now, owner.pk)
    return Change()


def release(conversation: Conversation, *, shown_owner: int | None, by: User, now: datetime) -> Change:
    """Leave a conversation to whoever takes it next."""
    with transaction.atomic():
        owned = _as_shown(conversation, shown_owner).filter(closed_at=None, owner__isnull=False)
        if not owned.update(owner=None):
            return _beaten(conversation, Act.Kind.RELEASED, by, shown_owner)
        _note(conversation, Act.Kind.RELEASED, by, now, shown_owner)
    return Change()


def close(conversation: Conversation, *, shown_owner: int | None, by: User, now: datetime) -> Change:
    """Close a conversation. It keeps its owner, for when the customer writes again."""
    with transaction.atomic():
        if not _as_shown(conversation, shown_owner).filter(closed_at=None).update(closed_at=now):
            return _beaten(conversation, Act.Kind.CLOSED, by)
        _note(conversation, Act.Kind.CLOSED, by, now)
    return Change()


def reopen(conversation: Conversation, *, shown_owner: int | None, by: User, now: datetime) -> Change:
    """Open a closed conversation again. An owner who is no longer a member does not get it back."""
    with transaction.atomic():
        stays = shown_owner is not None and _stays(conversation, shown_owner)
        closed = _as_shown(conversation, shown_owner).filter(closed_at__isnull=False)
        if not closed.update(closed_at=None, owner_id=shown_owner if stays else None):
            return _beaten(conversation, Act.Kind.REOPENED, by)
        _note(conversation, Act.Kind.REOPENED, by, now)
    return Change()


def _stays(conversation: Conversation, user_id: int) -> bool:
    """Whether they may have a conversation; and until the commit nobody removes or demotes them."""
    found = may_answer(conversation.workspace_id).filter(user_id=user_id)
    return found.select_for_update(no_key=True, of=("self",)).first() is not None


def _as_shown(conversation: Conversation, shown_owner: int | None) -> QuerySet[Conversation]:
    # filter(owner_id=None) is IS NULL, so this is IS NOT DISTINCT FROM, whatever was shown.
    return Conversation.objects.filter(workspace_id=conversation.workspace_id, pk=conversation.pk, owner_id=shown_owner)


def _note(conversation: Conversation, kind: Act.Kind, by: User, now: datetime, owner_id: int | None = None) -> None:
    workspace_id = conversation.workspace_id
    Act.objects.create(
        workspace_id=workspace_id, conversation=conversation, kind=kind, actor=by, owner_id=owner_id, at=now
    )
    versions.stamp(conversations={workspace_id: [conversation.pk]})


def _beaten(conversation: Conversation, wanted: Act.Kind, by: User, owner_id: int | None = None) -> Change:
    """Somebody else was first: say who, and what they did. One's own second click was no defeat."""
    last = conversation.acts.select_related("actor", "owner").order_by("-version", "-pk").first()
    if last is None:
        return Change("It is no longer as it was shown, so nothing was changed.")
    if (last.kind, last.actor_id, last.owner_id) == (wanted, by.pk, owner_id):
        return Change()
    who = str(last.actor) if last.actor else "A message from the customer"
    return Change(f"{who} {_what(last)} first. Nothing was changed by you; this is how it stands now.")


def _what(act: Act) -> str:
    match act.kind:
        case Act.Kind.ASSIGNED if act.owner_id != act.actor_id:
            return f"gave this conversation to {act.owner}"
        case Act.Kind.ASSIGNED:
            return "took this conversation"
        case Act.Kind.RELEASED | Act.Kind.CLOSED | Act.Kind.REOPENED:
            return f"{act.kind} this conversation"
    return "changed this conversation"
