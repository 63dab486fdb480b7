"""One app for the numbers of two workspaces: an explicit act of both owners, ended by either.

The promises: nobody learns from an offer whether a workspace exists; a number under a lent app belongs to the workspace
that connected it; and ending never stops anybody from receiving (P11), so it waits until no number is left under it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from workspaces import audit
from workspaces.audit import Action
from workspaces.models import User, Workspace

from .models import AppShare, MetaApp

# A slug may be mistyped, or taken by somebody else one day.
OFFER_STANDS = timedelta(days=14)
MOST_AN_HOUR = 20


class TooManyOffersError(Exception):
    """So many offers were made within the last hour that no more are taken."""


class StillUsedError(Exception):
    """The borrower still has numbers under the app; `share` says who that is."""

    def __init__(self, share: AppShare) -> None:
        super().__init__("The borrower still has numbers under the app.")
        self.share = share


def at_hand(workspace: Workspace) -> QuerySet[MetaApp]:
    """The apps this workspace's numbers may be under: its own, and those lent to it. Their secrets are not loaded."""
    # Not joined with the shares: an app offered to several would be found once for each.
    found = MetaApp.objects.filter(Q(owner=workspace) | Q(pk__in=workspace.borrowed_apps.values("meta_app")))
    return found.defer("app_secret", "previous_secret", "verify_token").select_related("owner").order_by("name", "pk")


def offers_to(workspace: Workspace, now: datetime) -> QuerySet[AppShare]:
    """What other workspaces offer to this one, and nobody has accepted yet."""
    waiting = AppShare.objects.filter(slug=workspace.slug, accepted_at=None, offered_at__gt=now - OFFER_STANDS)
    return _without_secrets(waiting).order_by("-offered_at")


def borrowed(workspace: Workspace) -> QuerySet[AppShare]:
    return _without_secrets(workspace.borrowed_apps.all()).order_by("meta_app__name", "pk")


def _without_secrets(shares: QuerySet[AppShare]) -> QuerySet[AppShare]:
    secrets = [f"meta_app__{name}" for name in ("app_secret", "previous_secret", "verify_token")]
    return shares.select_related("meta_app__owner", "workspace").defer(*secrets)


@transaction.atomic
def offer(app: MetaApp, slug: str, *, by: User) -> AppShare:
    """Offer the app to whoever owns the workspace at `slug`, if there is one. An offer made again stands anew.

    Raises TooManyOffersError: each leaves a line in another workspace's trail, which nobody there can take out.
    """
    since = timezone.now() - timedelta(hours=1)
    made = app.owner.audit_entries.filter(action=Action.APP_OFFERED, by_command=False, created_at__gte=since)
    if made.exclude(actor=None).count() >= MOST_AN_HOUR:
        raise TooManyOffersError
    share, is_new = AppShare.objects.get_or_create(meta_app=app, slug=slug, defaults={"offered_at": timezone.now()})
    if not is_new and share.accepted_at is None:
        AppShare.objects.filter(pk=share.pk, accepted_at=None).update(offered_at=timezone.now())
    _note(share, Action.APP_OFFERED, by, app.owner, _at(slug))
    return share


@transaction.atomic
def accept(workspace: Workspace, share_id: int, *, by: User) -> AppShare | None:
    """None when there is no such offer, or it was withdrawn or accepted meanwhile."""
    offered = offers_to(workspace, timezone.now()).filter(pk=share_id)
    share = offered.select_for_update(of=("self",)).first()
    if share is None:
        return None
    share.workspace, share.accepted_at = workspace, timezone.now()
    share.save(update_fields=["workspace", "accepted_at"])
    _note(share, Action.APP_SHARED, by, workspace, share.meta_app.owner)
    return share


@transaction.atomic
def end(workspace: Workspace, share_id: int, *, by: User) -> AppShare | None:
    """Either side takes it back: the offer, or the use. None when it is gone. Raises StillUsedError.

    The lock comes first: a number that is being connected under this app either is seen here, or is refused.
    """
    theirs = Q(workspace=workspace) | Q(slug=workspace.slug, accepted_at=None)
    shares = _without_secrets(AppShare.objects.filter(Q(meta_app__owner=workspace) | theirs, pk=share_id))
    share = shares.select_for_update(of=("self",)).first()
    if share is None:
        return None
    if share.workspace and share.workspace.connections.filter(meta_app=share.meta_app_id).exists():
        raise StillUsedError(share)
    owner, borrower = share.meta_app.owner, share.workspace or _at(share.slug)
    AppShare.objects.filter(pk=share.pk).delete()
    _note(share, Action.APP_UNSHARED, by, workspace, borrower if workspace == owner else owner)
    return share


def _at(slug: str) -> Workspace | None:
    return Workspace.objects.filter(slug=slug).first()


def sides(app: MetaApp) -> list[Workspace]:
    """The owner, and those who borrow the app, in the order in which clocks are raised."""
    return list(Workspace.objects.filter(Q(pk=app.owner_id) | Q(borrowed_apps__meta_app=app)).distinct().order_by("pk"))


def _note(share: AppShare, action: Action, by: User, acting: Workspace, other: Workspace | None) -> None:
    """A line in the trail of each side. The one that did not act learns which workspace did, not who in it."""
    app = share.meta_app
    said = {"app_id": app.app_id, "owner": app.owner.slug, "with": share.slug, "by": acting.slug}
    audit.record(acting.pk, by, action, app.name, after=said)
    if other is not None and other != acting:
        audit.record(other.pk, None, action, app.name, after=said, by_workspace=acting.slug)
