"""Rows of Meta's listing → what they tell. Pure and total: whatever stands in a field, something of ours comes out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ..graph.errors import storable
from .evidence import Facts, Told


def told_of(row: dict[str, Any], at: datetime) -> Told | None:
    """What a row of a listing says; None for one without an id, which cannot be any template."""
    template_id = word(row.get("id"), 40)
    if not template_id:
        return None
    return Told(
        template_id,
        at,
        name=word(row.get("name"), 512),
        language=language(row.get("language")),
        groups=groups(row),
        is_listing=True,
    )


def groups(row: dict[str, Any]) -> dict[str, Facts]:
    """Of each group of facts what the row says; a group that it is silent about is left out."""
    quality = row.get("quality_score")
    score = quality.get("score") if isinstance(quality, dict) else quality
    components = row.get("components")
    found: dict[str, Facts] = {}
    if status := word(row.get("status")):
        found["status"] = status_facts(status, word(row.get("rejected_reason")))
    if score := word(score):
        found["quality"] = {"quality": score}
    if category := word(row.get("category")):
        correct = word(row.get("correct_category"))
        found["category"] = {
            "category": category,
            "previous_category": word(row.get("previous_category")),
            "correct_category": "" if correct == category else correct,
            "correct_category_from": None,
        }
    if isinstance(components, list):
        kept = [jsonable(one) for one in components if isinstance(one, dict)]
        found["components"] = {"components": kept, "parameter_format": word(row.get("parameter_format"), 20).upper()}
    return found


def status_facts(status: str, reason: str = "") -> Facts:
    """The status with why; "NONE" is Meta's word for no reason."""
    return {"status": status, "rejected_reason": "" if reason == "NONE" else reason}


def language(value: Any) -> str:
    """Some of Meta's samples write en-US where its API writes en_US."""
    return word(value).replace("-", "_")


def word(value: Any, limit: int = 60) -> str:
    """A text that a column can hold; ids are numbers in one place and strings in another."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return storable(value, limit) if isinstance(value, str) else ""


def jsonable(value: Any, depth: int = 0) -> Any:
    """The same JSON with only what a jsonb column can hold; below ten levels it is cut off."""
    if isinstance(value, str):
        return storable(value, 4000)
    if isinstance(value, dict):
        return {word(key): jsonable(one, depth + 1) for key, one in value.items()} if depth < 10 else {}
    if isinstance(value, list):
        return [jsonable(one, depth + 1) for one in value] if depth < 10 else []
    return value if isinstance(value, int | float | bool) else None
