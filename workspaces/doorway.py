"""How a member reaches a workspace: the first question of every page and every poll, so it is asked in plain SQL.

The ORM needs several times as long to build this statement as PostgreSQL does to answer it.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import connection
from django.db.models import Model

from . import second_factor
from .models import Membership, User, Workspace, WorkspaceClock

# Whether the workspace asks for a second factor that they do not have: nothing of it opens to them.
IS_KEPT_OUT = """{workspace}.needs_second_factor AND NOT EXISTS (
            SELECT 1 FROM {authenticator} held WHERE held.user_id = {membership}.user_id AND held.type = ANY(%s))"""
PARTS: tuple[type[Model], ...] = (Membership, Workspace, WorkspaceClock)


def membership_of(user: User, slug: str) -> Membership | None:
    """The membership of this person in the workspace of this slug, with both and the workspace's clock loaded."""
    statement, names = _statement()
    with connection.cursor() as cursor:
        cursor.execute(statement, [list(second_factor.KINDS), user.pk, slug])
        row = cursor.fetchone()
    if row is None:
        return None
    *row, is_kept_out = row
    loaded: list[Any] = []
    for model, fields in zip(PARTS, names, strict=True):
        loaded.append(model.from_db(connection.alias, fields, row[: len(fields)]))
        row = row[len(fields) :]
    membership, membership.workspace, membership.workspace.clock = loaded
    membership.user, membership.is_kept_out = user, is_kept_out
    return membership  # type: ignore[no-any-return]


@cache
def _statement() -> tuple[str, list[list[str]]]:
    """The statement, and which fields of each model its columns are."""
    tables = [model._meta.db_table for model in PARTS]
    fields = [model._meta.concrete_fields for model in PARTS]
    columns = [f'"{table}"."{field.column}"' for table, all_of in zip(tables, fields, strict=True) for field in all_of]
    membership, workspace, clock = tables
    names = {"membership": membership, "workspace": workspace, "authenticator": Authenticator._meta.db_table}
    statement = f"""
        SELECT {", ".join(columns)}, {IS_KEPT_OUT.format(**names)} FROM {membership}
        JOIN {workspace} ON {workspace}.id = {membership}.workspace_id
        JOIN {clock} ON {clock}.workspace_id = {workspace}.id
        WHERE {membership}.user_id = %s AND {workspace}.slug = %s
    """  # noqa: S608 - names of our own tables and columns
    return statement, [[field.attname for field in all_of] for all_of in fields]
