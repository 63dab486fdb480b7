"""How a member reaches a workspace: the first question of every page and every poll, so it is asked in plain SQL.

The ORM needs several times as long to build this statement as PostgreSQL does to answer it.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Model

from .models import Membership, User, Workspace, WorkspaceClock

PARTS: tuple[type[Model], ...] = (Membership, Workspace, WorkspaceClock)


def membership_of(user: User, slug: str) -> Membership | None:
    """The membership of this person in the workspace of this slug, with both and the workspace's clock loaded."""
    statement, names = _statement()
    with connection.cursor() as cursor:
        cursor.execute(statement, [user.pk, slug])
        row = cursor.fetchone()
    if row is None:
        return None
    loaded: list[Any] = []
    for model, fields in zip(PARTS, names, strict=True):
        loaded.append(model.from_db(connection.alias, fields, row[: len(fields)]))
        row = row[len(fields) :]
    membership, membership.workspace, membership.workspace.clock = loaded
    membership.user = user
    return membership  # type: ignore[no-any-return]


@cache
def _statement() -> tuple[str, list[list[str]]]:
    """The statement, and which fields of each model its columns are."""
    tables = [model._meta.db_table for model in PARTS]
    fields = [model._meta.concrete_fields for model in PARTS]
    columns = [f'"{table}"."{field.column}"' for table, all_of in zip(tables, fields, strict=True) for field in all_of]
    membership, workspace, clock = tables
    statement = f"""
        SELECT {", ".join(columns)} FROM {membership}
        JOIN {workspace} ON {workspace}.id = {membership}.workspace_id
        JOIN {clock} ON {clock}.workspace_id = {workspace}.id
        WHERE {membership}.user_id = %s AND {workspace}.slug = %s
    """  # noqa: S608 - names of our own tables and columns
    return statement, [[field.attname for field in all_of] for all_of in fields]
