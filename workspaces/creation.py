"""How a workspace comes to be."""

from __future__ import annotations

from django.db import transaction

from .models import AuditEntry, Membership, Role, User, Workspace, WorkspaceClock


@transaction.atomic
def create_workspace(*, name: str, slug: str, country: str, owner: User | None = None) -> Workspace:
    """Make a workspace with its clock. Sandbox mode is on from the start, as the absence of a setting means on."""
    workspace = Workspace.objects.create(name=name, slug=slug, country=country)
    WorkspaceClock.objects.create(workspace=workspace)
    if owner is not None:
        Membership.objects.create(workspace=workspace, user=owner, role=Role.OWNER)
    AuditEntry.objects.create(workspace=workspace, actor=owner, action="workspace created", target=name)
    return workspace
