"""What has to happen when somebody stops working in a workspace, said by those who know.

An app that keeps something for members registers in its `AppConfig.ready` what becomes of it: this one knows none of
them. All of it happens in the transaction in which the member goes.
"""

from __future__ import annotations

from typing import Protocol

from .models import User


class Farewell(Protocol):
    def __call__(self, workspace_id: int, who: User, *, because: str, by: User | None) -> None:
        """`because` goes on from "because": "Sari left the workspace". `by` is a command where it is null."""


_farewells: list[Farewell] = []


def when_somebody_goes(farewell: Farewell) -> None:
    if farewell not in _farewells:
        _farewells.append(farewell)


def say_farewell(workspace_id: int, who: User, *, because: str, by: User | None) -> None:
    for farewell in _farewells:
        farewell(workspace_id, who, because=because, by=by)
