"""The first owner of an empty system: whoever comes first, and nobody after."""

from __future__ import annotations

from django.db import connection, transaction
from django.utils.text import slugify

from .creation import create_workspace
from .models import User, Workspace

# Waits for whoever is making an account this moment, and lets readers pass.
ONE_AT_A_TIME = "LOCK TABLE workspaces_user IN SHARE ROW EXCLUSIVE MODE"


def is_open() -> bool:
    return not User.objects.exists()


@transaction.atomic
def found(*, workspace: str, country: str, name: str, email: str, password: str) -> User | None:
    """Make the first account and its workspace. Returns None where somebody else has an account by now."""
    with connection.cursor() as cursor:
        cursor.execute(ONE_AT_A_TIME)
    if not is_open():
        return None
    owner = User.objects.create_user(email, password, name=name)
    create_workspace(name=workspace, slug=_free_slug(workspace), country=country, owner=owner)
    return owner


def _free_slug(name: str) -> str:
    """Part of the workspace's address. Commands may have made workspaces before anybody had an account."""
    wanted = slugify(name)[:40].strip("-") or "workspace"
    taken = set(Workspace.objects.filter(slug__startswith=wanted).values_list("slug", flat=True))
    others = (f"{wanted}-{n}" for n in range(2, len(taken) + 3))
    return next(slug for slug in (wanted, *others) if slug not in taken)
