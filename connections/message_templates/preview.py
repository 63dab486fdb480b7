"""A template as its reader would see it, with its variables marked. Pure and total: odd components are left out."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

VARIABLE = re.compile(r"(\{\{\s*[^{}\s]+\s*\}\})")
MEDIA = {
    "IMAGE": ("photo", "A picture"),
    "VIDEO": ("film", "A video"),
    "DOCUMENT": ("document-text", "A document"),
    "GIF": ("gif", "An animated picture"),
    "LOCATION": ("map-pin", "A place on the map"),
}
BUTTONS = {
    "QUICK_REPLY": "arrow-uturn-left",
    "URL": "arrow-top-right-on-square",
    "PHONE_NUMBER": "phone",
    "VOICE_CALL": "phone",
    "COPY_CODE": "clipboard-document",
    "OTP": "clipboard-document",
    "FLOW": "queue-list",
    "CATALOG": "shopping-bag",
    "MPM": "shopping-bag",
    "SPM": "shopping-bag",
    "REQUEST_CONTACT_INFO": "user",
}


@dataclass(frozen=True, slots=True)
class Part:
    """A run of text; `sample` is what stands for a variable when Meta reviews the template."""

    text: str
    is_variable: bool = False
    sample: str = ""


@dataclass(frozen=True, slots=True)
class Button:
    icon: str
    text: str
    leads_to: str = ""


@dataclass(slots=True)
class Preview:
    header: list[Part] = field(default_factory=list)
    media_icon: str = ""
    media: str = ""
    body: list[Part] = field(default_factory=list)
    footer: str = ""
    buttons: list[Button] = field(default_factory=list)
    others: list[str] = field(default_factory=list)  # kinds of components that are not drawn

    def __bool__(self) -> bool:
        return bool(self.header or self.media or self.body or self.footer or self.buttons or self.others)


def preview(components: Any, told_texts: dict[str, Any] | None = None) -> Preview:
    """`told_texts` replace the texts they name: Meta told of them after the components."""
    drawn = Preview()
    for one in components if isinstance(components, list) else []:
        if isinstance(one, dict):
            _draw(drawn, one)
    told = told_texts or {}
    if told.get("header"):
        drawn.header = parts(str(told["header"]))
    if told.get("body"):
        drawn.body = parts(str(told["body"]))
    drawn.footer = str(told.get("footer") or drawn.footer)
    if isinstance(told.get("buttons"), list):
        drawn.buttons = _buttons(told["buttons"])
    return drawn


def _draw(drawn: Preview, one: dict[str, Any]) -> None:
    kind, text = str(one.get("type", "")).upper(), str(one.get("text") or "")
    if kind == "HEADER":
        form = str(one.get("format") or "TEXT").upper()
        if form == "TEXT":
            drawn.header = parts(text, samples(one))
        else:
            drawn.media_icon, drawn.media = MEDIA.get(form, ("paper-clip", form.capitalize()))
    elif kind == "BODY" and "text" in one:
        drawn.body = parts(text, samples(one))
    elif kind == "BODY":
        drawn.body = [Part("Meta writes this text: a code, and what it is for.")]
    elif kind == "FOOTER":
        minutes = one.get("code_expiration_minutes")
        drawn.footer = text or (f"This code expires in {minutes} minutes." if minutes else "")
    elif kind == "BUTTONS":
        drawn.buttons = _buttons(one.get("buttons"))
    else:
        drawn.others.append(kind.replace("_", " ").capitalize() or "Something unnamed")


def parts(text: str, known: dict[str, str] | None = None) -> list[Part]:
    """The text cut at its variables."""
    found = []
    for piece in VARIABLE.split(text):
        if VARIABLE.fullmatch(piece):
            found.append(Part(piece, is_variable=True, sample=(known or {}).get(piece.strip("{} "), "")))
        elif piece:
            found.append(Part(piece))
    return found


def samples(component: dict[str, Any]) -> dict[str, str]:
    """The samples of a component by the name of their variable, in either of Meta's forms."""
    example = component.get("example")
    if not isinstance(example, dict):
        return {}
    kind = "header" if str(component.get("type", "")).upper() == "HEADER" else "body"
    named = example.get(f"{kind}_text_named_params")
    if isinstance(named, list):
        return {str(one.get("param_name")): str(one.get("example")) for one in named if isinstance(one, dict)}
    values = example.get(f"{kind}_text")
    if kind == "body" and isinstance(values, list) and values and isinstance(values[0], list):
        values = values[0]
    return {str(number): str(value) for number, value in enumerate(values, 1)} if isinstance(values, list) else {}


def _buttons(rows: Any) -> list[Button]:
    found = []
    for one in rows if isinstance(rows, list) else []:
        if isinstance(one, dict):
            kind = str(one.get("type", "")).upper()
            text = str(one.get("text") or "") or ("…" if "text" in one else kind.replace("_", " ").capitalize())
            leads_to = str(one.get("url") or one.get("phone_number") or "")
            found.append(Button(BUTTONS.get(kind, "cursor-arrow-rays"), text, leads_to))
    return found
