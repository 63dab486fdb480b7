"""What webhooks tell of message templates, handed to the rows of every workspace that it is for.

A workspace is told only of accounts of which it has a proven number under the app that signed the event (P10). What
comes before the number is proven is not kept as an orphan: its templates are listed then, which tells all of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from connections.message_templates import evidence, listing
from connections.message_templates.evidence import Facts, Told
from webhooks.items import TemplateNews

from .sql import columns, rows


class News(NamedTuple):
    """One item, the app whose secret signed it, and when we stored it."""

    meta_app_id: int
    item: TemplateNews
    received_at: datetime


WORKSPACES = """
SELECT DISTINCT workspace_id, waba_id, meta_app_id FROM connections_connection
JOIN unnest(%s::bigint[], %s::text[]) wanted (app, account) ON meta_app_id = app AND waba_id = account
WHERE proven_at IS NOT NULL
"""


def apply(news: Iterable[News]) -> set[int]:
    """Bring templates in line, in the caller's transaction, always in one order. Returns workspaces that changed."""
    by_account: dict[tuple[int, str], list[Told]] = defaultdict(list)
    for one in news:
        by_account[one.meta_app_id, one.item.waba_id].append(_told(one))
    if not by_account:
        return set()
    told: dict[tuple[int, str], list[Told]] = defaultdict(list)
    for workspace_id, waba_id, meta_app_id in rows(WORKSPACES, columns(sorted(by_account), 2)):
        told[workspace_id, waba_id] += by_account[meta_app_id, waba_id]
    return {
        workspace_id
        for (workspace_id, waba_id), all_of_it in sorted(told.items())
        if evidence.apply(workspace_id, waba_id, all_of_it)
    }


def _told(news: News) -> Told:
    item = news.item
    return Told(
        item.template_id,
        evidence.announced(item.provider_at or news.received_at),
        name=item.name,
        language=item.language,
        groups=_groups(item.kind, item.facts),
        is_end=item.facts.get("status") == "DELETED",
    )


def _groups(kind: str, facts: dict[str, Any]) -> dict[str, Facts]:
    if kind == "status":
        status = facts["status"]
        return {
            "status": listing.status_facts(status, facts["reason"]),
            "details": {"status_details": {**facts["details"], "of": status}},
        }
    if kind == "quality":
        return {"quality": {"quality": facts["quality"]}}
    if kind == "texts":
        return {"told_texts": {"told_texts": facts}}
    correct = "" if facts["correct"] == facts["category"] else facts["correct"]
    return {
        "category": {
            "category": facts["category"],
            "previous_category": facts["previous"],
            "correct_category": correct,
            "correct_category_from": datetime.fromisoformat(facts["from"]) if correct and facts["from"] else None,
        }
    }
