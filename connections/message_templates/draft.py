"""A template as somebody writes it here, and as Meta takes and gives it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from .preview import VARIABLE, samples

POSITIONAL, NAMED = "POSITIONAL", "NAMED"
BUTTON_KINDS = {
    "QUICK_REPLY": "Quick reply",
    "URL": "Web address",
    "PHONE_NUMBER": "Phone call",
    "COPY_CODE": "Copy a code",
}
ELSEWHERE = "edit it in WhatsApp Manager; the next sync brings it here."


@dataclass(frozen=True, slots=True)
class ButtonDraft:
    """`value` is the address or the phone number; `sample` the whole address, or the code to copy."""

    kind: str
    text: str = ""
    value: str = ""
    sample: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    name: str = ""
    language: str = ""
    category: str = ""
    header: str = ""
    header_sample: str = ""
    has_place: bool = False  # a header that is a place on the map, given when it is sent
    body: str = ""
    samples: tuple[str, ...] = ()  # of the body's variables, in the order in which they first stand
    footer: str = ""
    buttons: tuple[ButtonDraft, ...] = field(default=())

    @property
    def parameter_format(self) -> str:
        known = [*variables(self.header), *variables(self.body)]
        return NAMED if known and not any(one.isdigit() for one in known) else POSITIONAL

    def components(self) -> list[dict[str, Any]]:
        """In Meta's form, with a sample for each variable."""
        found: list[dict[str, Any]] = []
        if self.has_place:
            found.append({"type": "HEADER", "format": "LOCATION"})
        elif self.header:
            found.append({"type": "HEADER", "format": "TEXT", "text": self.header, **self._header_example()})
        found.append({"type": "BODY", "text": self.body, **self._body_example()})
        if self.footer:
            found.append({"type": "FOOTER", "text": self.footer})
        if self.buttons:
            found.append({"type": "BUTTONS", "buttons": [_button(one) for one in self.buttons]})
        return found

    def _header_example(self) -> dict[str, Any]:
        names = variables(self.header)
        if not names:
            return {}
        if self.parameter_format == NAMED:
            named = [{"param_name": names[0], "example": self.header_sample}]
            return {"example": {"header_text_named_params": named}}
        return {"example": {"header_text": [self.header_sample]}}

    def _body_example(self) -> dict[str, Any]:
        names = variables(self.body)
        if not names:
            return {}
        given = dict(zip(names, self.samples, strict=False))
        if self.parameter_format == NAMED:
            named = [{"param_name": name, "example": given.get(name, "")} for name in names]
            return {"example": {"body_text_named_params": named}}
        # By number, wherever in the text each stands.
        ordered = sorted(names, key=lambda name: int(name) if name.isdigit() else 0)
        return {"example": {"body_text": [[given.get(name, "") for name in ordered]]}}


def variables(text: str) -> list[str]:
    """The names of the variables, each once, in the order in which they first stand."""
    return list(dict.fromkeys(found.strip("{} ") for found in VARIABLE.findall(text)))


def _button(one: ButtonDraft) -> dict[str, Any]:
    if one.kind == "COPY_CODE":
        return {"type": one.kind, "example": one.sample}
    made: dict[str, Any] = {"type": one.kind, "text": one.text}
    if one.kind == "URL":
        made["url"] = one.value
        if variables(one.value):
            made["example"] = [one.sample]
    elif one.kind == "PHONE_NUMBER":
        made["phone_number"] = "+" + re.sub(r"[^0-9]", "", one.value)
    return made


def read(name: str, language: str, category: str, components: Any) -> tuple[Draft | None, str]:
    """A template's components as a draft, or None and the reason why it cannot be written here."""
    facts: dict[str, Any] = {"name": name, "language": language, "category": category}
    if category == "AUTHENTICATION":
        return None, f"Meta writes authentication templates itself: {ELSEWHERE}"
    for one in components if isinstance(components, list) else []:
        kind, text = str(one.get("type", "")).upper(), str(one.get("text") or "")
        form = str(one.get("format") or "TEXT").upper()
        if kind == "HEADER" and form == "LOCATION":
            facts["has_place"] = True
        elif kind == "HEADER" and form == "TEXT":
            facts |= {"header": text, "header_sample": next(iter(samples(one).values()), "")}
        elif kind == "HEADER":
            return None, f"Its header is a file, which has to be uploaded with each edit: {ELSEWHERE}"
        elif kind == "BODY":
            given = samples(one)
            facts |= {"body": text, "samples": tuple(given.get(each, "") for each in variables(text))}
        elif kind == "FOOTER":
            facts["footer"] = text
        elif kind == "BUTTONS":
            rows = [each for each in one.get("buttons") or [] if isinstance(each, dict)]
            odd = [str(each.get("type")) for each in rows if str(each.get("type", "")).upper() not in BUTTON_KINDS]
            if odd:
                return None, f"It has a button of a kind ({odd[0]}) that cannot be made here: {ELSEWHERE}"
            facts["buttons"] = tuple(_read_button(each) for each in rows)
        else:
            return None, f"It has a part ({kind.lower().replace('_', ' ')}) that cannot be made here: {ELSEWHERE}"
    return Draft(**facts), ""


def _read_button(row: dict[str, Any]) -> ButtonDraft:
    example = row.get("example")
    sample = example[0] if isinstance(example, list) and example else example
    return ButtonDraft(
        kind=str(row.get("type", "")).upper(),
        text=str(row.get("text") or ""),
        value=str(row.get("url") or row.get("phone_number") or ""),
        sample=sample if isinstance(sample, str) else "",
    )
