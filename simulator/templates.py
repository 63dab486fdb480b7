"""Message templates: created, reviewed, changed; every change of status is told by webhook."""

from __future__ import annotations

import re
import time

from . import ids
from .bodies import Event
from .model import JSON, Template
from .settings import BadSettings
from .simulation import Simulation

NAME = re.compile(r"[a-z0-9_]{1,512}")
CATEGORIES = ("AUTHENTICATION", "MARKETING", "UTILITY")
STATUSES = ("APPROVED", "PENDING", "REJECTED", "PAUSED", "DISABLED", "IN_APPEAL", "PENDING_DELETION", "ARCHIVED")
MOST = {"HEADER": 60, "BODY": 1024, "FOOTER": 60}
MOST_BUTTONS = 10
REVIEW = 4.0  # seconds at latency 1; up to 24 hours in life


def find(sim: Simulation, waba_id: str, name: str, language: str) -> Template | None:
    wanted = (waba_id, name, language)
    return next((one for one in sim.world.templates.values() if (one.waba_id, one.name, one.language) == wanted), None)


def add(sim: Simulation, template: Template) -> None:
    """Raises BadSettings for what cannot be a template."""
    if not NAME.fullmatch(template.name):
        raise BadSettings("A name has small letters, digits and _ only.")
    if template.category not in CATEGORIES:
        raise BadSettings(f"category must be one of {{{', '.join(CATEGORIES)}}}.")
    if template.status not in STATUSES:
        raise BadSettings(f"status must be one of {', '.join(STATUSES)}.")
    check_components(template.components)
    template.id = template.id or ids.digits()
    sim.world.templates[template.id] = template
    sim.world.touch()


def check_components(components: object) -> None:
    if not isinstance(components, list) or not all(isinstance(one, dict) for one in components):
        raise BadSettings("components must be a list of objects.")
    kinds = [str(one.get("type", "")).upper() for one in components]
    if kinds.count("BODY") != 1:
        raise BadSettings("There must be one BODY among the components.")
    for one, kind in zip(components, kinds, strict=True):
        if kind in MOST and len(str(one.get("text", ""))) > MOST[kind]:
            raise BadSettings(f"{kind} text must be at most {MOST[kind]} characters long.")
        if kind == "BUTTONS" and not 1 <= len(one.get("buttons", [])) <= MOST_BUTTONS:
            raise BadSettings(f"There must be 1 to {MOST_BUTTONS} buttons.")


def review(sim: Simulation, template: Template) -> None:
    """Approves it after a while, unless someone has decided otherwise by then."""

    def approve() -> None:
        if template.status == "PENDING":
            set_status(sim, template, "APPROVED")

    sim.soon(REVIEW, approve)


def set_status(sim: Simulation, template: Template, status: str, reason: str = "NONE") -> None:
    """Changes a template's status and tells of it. Raises BadSettings."""
    if status not in STATUSES:
        raise BadSettings(f"status must be one of {', '.join(STATUSES)}.")
    template.status, template.rejected_reason = status, reason
    value: JSON = {
        "event": status,
        "message_template_id": int(template.id),
        "message_template_name": template.name,
        "message_template_language": template.language,
        "message_template_category": template.category,
        "reason": reason,
    }
    at = int(time.time())
    sim.postroom.announce(Event(template.waba_id, "message_template_status_update", value, "template", at=at))
    sim.world.touch()
