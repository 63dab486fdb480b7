"""How a workspace comes to be."""

from __future__ import annotations

from django.db import transaction

from . import audit
from .models import Membership, Role, User, Workspace, WorkspaceClock


@transaction.atomic
def create_workspace(*, name: str, slug: str, country: str, owner: User | None = None) -> Workspace:
    """Make a workspace with its clock. Sandbox mode is on from the start, as the absence of a setting means on."""
    workspace = Workspace.objects.create(name=name, slug=slug, country=country)
    WorkspaceClock.objects.create(workspace=workspace)
    if owner is not None:
        Membership.objects.create(workspace=workspace, user=owner, role=Role.OWNER)
    audit.record(workspace.pk, owner, audit.Action.WORKSPACE_CREATED, name)
    return workspace
