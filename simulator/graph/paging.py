"""Lists in pages, with cursors that mean nothing to anyone else."""

from __future__ import annotations

import base64
from typing import Any

from ..model import JSON
from ..refusals import Refusal
from .call import GraphCall

MOST = 100
USUAL = 25


def paged(call: GraphCall, rows: list[Any], bad_cursor: int = 100) -> JSON:
    """One page of `rows`, with `next` while there are more. Raises Refusal for a cursor or limit that is none."""
    limit = read_limit(call.parameters.get("limit"))
    start = read_cursor(call.parameters.get("after"), bad_cursor) if call.parameters.get("after") else 0
    if call.parameters.get("before"):
        start = max(0, read_cursor(call.parameters["before"], bad_cursor) - 1 - limit)
    page = rows[start : start + limit]
    if not page:
        return {"data": []}
    cursors = {"before": cursor(start + 1), "after": cursor(start + len(page))}
    paging: JSON = {"cursors": cursors}
    if start + limit < len(rows):
        paging["next"] = str(call.request.url.include_query_params(limit=limit, after=cursors["after"]))
    if start > 0:
        paging["previous"] = str(call.request.url.include_query_params(limit=limit, before=cursors["before"]))
    return {"data": page, "paging": paging}


def read_limit(given: Any) -> int:
    if given in (None, ""):
        return USUAL
    text = str(given)
    if not text.isascii() or not text.isdigit() or int(text[:9]) < 1:
        raise Refusal(100, message="(#100) Param limit must be a positive integer.")
    return min(int(text[:9]), MOST)


def cursor(position: int) -> str:
    return base64.urlsafe_b64encode(f"row:{position}".encode()).decode().rstrip("=")


def read_cursor(given: Any, bad_cursor: int) -> int:
    text = str(given)
    try:
        word, _, position = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode().partition(":")
        if word == "row":
            return int(position)
    except ValueError:
        pass
    raise Refusal(bad_cursor, "The cursor is not valid or has expired: begin again without it.")
