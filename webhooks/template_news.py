"""A change about a message template → what it tells. Pure and total; None for one that names no template.

Source: Meta's webhook reference for message_template_status_update, message_template_quality_update,
message_template_components_update and template_category_update. One of Meta's own samples has a quality update under
the name of the status update, so what a change tells is seen from what stands in it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from . import reading
from .items import TemplateNews
from .reading import mapping, moment, text

FIELDS = frozenset(
    {
        "message_template_status_update",
        "message_template_quality_update",
        "message_template_components_update",
        "template_category_update",
    }
)
TEXTS = {
    "header": "message_template_title",
    "body": "message_template_element",
    "footer": "message_template_footer",
}
BUTTON = {
    "type": "message_template_button_type",
    "text": "message_template_button_text",
    "url": "message_template_button_url",
    "phone_number": "message_template_button_phone_number",
}


def read(change: dict[str, Any], where: dict[str, Any], at: datetime | None) -> TemplateNews | None:
    """`at` is the time of the entry: Meta gives no other."""
    value = change["value"]
    template_id = reading.record_id(value.get("message_template_id"))[:40]
    if where["field"] not in FIELDS or not template_id:
        return None
    kind, facts = _told(change, value)
    if not kind:
        return None
    return TemplateNews(
        **where,
        raw=reading.fragment(change),
        kind=kind,
        template_id=template_id,
        name=text(value.get("message_template_name"))[:512],
        language=text(value.get("message_template_language"))[:60].replace("-", "_"),
        provider_at=at,
        facts=facts,
    )


def _told(change: dict[str, Any], value: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    if score := _word(value.get("new_quality_score")):
        return "quality", {"quality": score}
    if category := _word(value.get("new_category")):
        return "category", _category(value, category)
    if any(key in value for key in (*TEXTS.values(), "message_template_buttons")):
        return "texts", _texts(value)
    if event := _word(value.get("event")):
        return "status", {"status": event, "reason": _word(value.get("reason")), "details": _details(change, value)}
    return "", {}


def _category(value: dict[str, Any], category: str) -> dict[str, Any]:
    """Changed already, or about to be: then `correct_category` says to what, and the time from when."""
    correct = _word(value.get("correct_category"))
    begins = moment(value.get("category_update_timestamp")) if correct else None
    return {
        "category": category,
        "previous": _word(value.get("previous_category")),
        "correct": correct,
        "from": begins and begins.isoformat(),
    }


def _texts(value: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {part: text(value.get(key))[:4000] for part, key in TEXTS.items() if value.get(key)}
    buttons = [mapping(one) for one in reading.sequence(value.get("message_template_buttons"))[:20]]
    if buttons:
        found["buttons"] = [{part: text(one.get(key))[:2000] for part, key in BUTTON.items()} for one in buttons]
    return found


def _details(change: dict[str, Any], value: dict[str, Any]) -> dict[str, str]:
    """Meta's own words. Its reference has `rejection_info` beside the value, its payloads have it inside."""
    rejection = mapping(value.get("rejection_info")) or mapping(change.get("rejection_info"))
    other, disabling = mapping(value.get("other_info")), mapping(value.get("disable_info"))
    found = {
        "reason": text(rejection.get("reason")),
        "recommendation": text(rejection.get("recommendation")),
        "title": text(other.get("title")),
        "description": text(other.get("description")),
        "disable_date": reading.label(disabling.get("disable_date")),
    }
    return {key: words[:1000] for key, words in found.items() if words}


def _word(value: Any) -> str:
    return text(value)[:60]
