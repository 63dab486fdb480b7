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
QUALITIES = ("GREEN", "YELLOW", "RED", "UNKNOWN")
MOST = {"HEADER": 60, "BODY": 1024, "FOOTER": 60}
MOST_BUTTONS = 10
MOST_BUTTON_TEXT = 25
A_DAY = 24 * 3600.0
MOST_EDITS, DAYS_OF_EDITS, NAME_RESTS = 10, 30 * A_DAY, 30 * A_DAY
VARIABLE = re.compile(r"\{\{\s*([^{}\s]+)\s*\}\}")
NOT_IN_A_HEADER = re.compile("[\n*\U0001f000-\U0001faff\u2600-\u27bf]")
# Subcodes of code 100: Meta's error code page, and general Graph behaviour.
BAD_HEADER, BAD_BODY, BAD_FOOTER, TOO_LONG, AT_AN_END = 2388047, 2388072, 2388073, 2388040, 2388299
REVIEW = 4.0  # seconds at latency 1; up to 24 hours in life


class Unfit(BadSettings):
    """What Meta's review refuses at once; `subcode` says which rule."""

    def __init__(self, words: str, subcode: int) -> None:
        super().__init__(words)
        self.subcode = subcode


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
        text = str(one.get("text", ""))
        if kind in MOST and len(text) > MOST[kind]:
            raise Unfit(f"{kind} text must be at most {MOST[kind]} characters long.", TOO_LONG)
        if kind == "BUTTONS":
            check_buttons(one.get("buttons", []))
        check_text(kind, text)


def check_text(kind: str, text: str) -> None:
    if kind == "HEADER" and NOT_IN_A_HEADER.search(text):
        raise Unfit("Message header can't have any new lines, formatting characters, emojis, or asterisks.", BAD_HEADER)
    if kind == "FOOTER" and VARIABLE.search(text):
        raise Unfit("Message footer can't have any variables.", BAD_FOOTER)
    numbers = sorted({int(one) for one in VARIABLE.findall(text) if one.isdigit()})
    if kind == "BODY" and numbers != list(range(1, len(numbers) + 1)):
        raise Unfit("The variables of the body must be numbered from {{1}} without gaps.", BAD_BODY)
    if kind == "BODY" and re.search(r"\A\s*\{\{|\}\}\s*\Z", text):
        raise Unfit("Variables can't be at the start or end of the template.", AT_AN_END)


def check_buttons(buttons: list[JSON]) -> None:
    if not 1 <= len(buttons) <= MOST_BUTTONS:
        raise BadSettings(f"There must be 1 to {MOST_BUTTONS} buttons.")
    if any(len(str(one.get("text", ""))) > MOST_BUTTON_TEXT for one in buttons):
        raise Unfit(f"Button text must be at most {MOST_BUTTON_TEXT} characters long.", TOO_LONG)


def edited(template: Template) -> None:
    """Counts an edit of an approved template. Raises BadSettings where Meta takes no more."""
    if template.status != "APPROVED":
        return
    now = time.time()
    recent = [at for at in template.edits if at > now - DAYS_OF_EDITS]
    if (recent and recent[-1] > now - A_DAY) or len(recent) >= MOST_EDITS:
        raise BadSettings("An approved template can be edited once in 24 hours and 10 times in 30 days.")
    template.edits = [*recent, now]


def rests(sim: Simulation, waba_id: str, name: str) -> bool:
    """Whether an approved template of this name was deleted less than 30 days ago."""
    return sim.world.resting_names.get((waba_id, name), 0.0) > time.time()


def delete(sim: Simulation, chosen: list[Template]) -> None:
    """Raises BadSettings for what Meta does not delete."""
    if any(one.status == "DISABLED" for one in chosen):
        raise BadSettings("A disabled template cannot be deleted.")
    for one in chosen:
        del sim.world.templates[one.id]
        if one.status == "APPROVED" and not any(
            (other.waba_id, other.name) == (one.waba_id, one.name) for other in sim.world.templates.values()
        ):
            sim.world.resting_names[one.waba_id, one.name] = time.time() + NAME_RESTS
    sim.world.touch()


def review(sim: Simulation, template: Template) -> None:
    """Approves it after a while, unless someone has decided otherwise by then."""

    def approve() -> None:
        if template.status == "PENDING":
            set_status(sim, template, "APPROVED")

    sim.soon(REVIEW, approve)


def set_status(sim: Simulation, template: Template, status: str, reason: str = "NONE", advice: str = "") -> None:
    """Changes a template's status and tells of it; `advice` is what Meta recommends with it. Raises BadSettings."""
    if status not in STATUSES:
        raise BadSettings(f"status must be one of {', '.join(STATUSES)}.")
    template.status, template.rejected_reason = status, reason
    value: JSON = {
        "event": status,
        **named(template),
        "message_template_category": template.category,
        "reason": reason,
    }
    if advice:
        value["rejection_info"] = {"reason": reason, "recommendation": advice}
    announce(sim, template, "message_template_status_update", value)


def set_quality(sim: Simulation, template: Template, quality: str) -> None:
    """Changes what customers think of a template and tells of it. Raises BadSettings."""
    if quality not in QUALITIES:
        raise BadSettings(f"quality must be one of {', '.join(QUALITIES)}.")
    value: JSON = {"previous_quality_score": template.quality, "new_quality_score": quality, **named(template)}
    template.quality = quality
    announce(sim, template, "message_template_quality_update", value)


def named(template: Template) -> JSON:
    return {
        "message_template_id": int(template.id),
        "message_template_name": template.name,
        "message_template_language": template.language,
    }


def announce(sim: Simulation, template: Template, field: str, value: JSON) -> None:
    sim.postroom.announce(Event(template.waba_id, field, value, "template", at=int(time.time())))
    sim.world.touch()
