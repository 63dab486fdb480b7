"""What somebody types of a template. The shape is read here; what Meta allows is in `rules` and `allowed`."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.functional import cached_property

from . import rules
from .draft import BUTTON_KINDS, ButtonDraft, Draft

PLAIN = {"class": "input", "autocomplete": "off"}
LONG = 4000  # beyond what any field may have, so that Meta's own limit is what is said
CATEGORIES = [("UTILITY", "Utility: about something the customer asked for"), ("MARKETING", "Marketing: anything else")]


class LinesField(forms.CharField):
    """Words as typed, whose line breaks count once: a browser posts CRLF."""

    def __init__(self, rows: int, **options: Any) -> None:
        widget = forms.Textarea(attrs={**PLAIN, "rows": rows})
        super().__init__(widget=widget, max_length=LONG, strip=False, required=False, **options)

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).replace("\r\n", "\n")


def line(label: str, help_text: str = "", **attributes: Any) -> forms.CharField:
    widget = forms.TextInput(attrs=PLAIN | attributes)
    return forms.CharField(label=label, help_text=help_text, required=False, max_length=LONG, widget=widget)


@dataclass(frozen=True, slots=True)
class ButtonRow:
    number: int
    fields: list[BoundField]


class TemplateForm(forms.Form):
    """Bind it with `fixed` (name and language) for a template that is there already."""

    form_token = forms.UUIDField(widget=forms.HiddenInput)
    name = line(
        "Name", "Small letters, digits and underscores, as in <code>order_update</code>. Customers never see it."
    )
    language = line(
        "Language", "Meta’s code: <code>id</code>, <code>en_US</code>, <code>pt_BR</code> …", list="languages"
    )
    category = forms.ChoiceField(label="Category", choices=CATEGORIES, widget=forms.Select(attrs={"class": "input"}))
    header = line("Header (optional)", "At most 60 characters, one variable, no emoji.")
    header_sample = line("Sample for the header’s variable", "If there is one.")
    has_place = forms.BooleanField(label="The header is a place on the map instead", required=False)
    body = LinesField(
        6,
        label="Body",
        help_text="At most 1,024 characters. A variable is <code>{{1}}</code> or <code>{{first_name}}</code>, "
        "with words before and after.",
    )
    samples = LinesField(
        3,
        label="Samples for the body’s variables",
        help_text="One in each line, in the order in which the variables first stand. Meta reviews with them.",
    )
    footer = line("Footer (optional)", "At most 60 characters, no variables.")

    is_outcome_unknown = False  # whether Meta did what the form asked for is not known

    def __init__(self, *values: Any, fixed: dict[str, str] | None = None, **options: Any) -> None:
        super().__init__(*values, **options)
        self.fixed = fixed or {}
        for name in self.fixed:
            self.fields.pop(name)
        for number in range(rules.MOST_BUTTONS):
            kinds = [("", "No button"), *BUTTON_KINDS.items()]
            kind = forms.ChoiceField(label=f"Button {number + 1}", choices=kinds, required=False)
            kind.widget.attrs["class"] = "input"
            self.fields[f"button_{number}_kind"] = kind
            self.fields[f"button_{number}_text"] = line("What stands on it")
            self.fields[f"button_{number}_value"] = line("Address or phone number")
            self.fields[f"button_{number}_sample"] = line("Sample", "Of the whole address, or the code.")

    def clean(self) -> dict[str, Any]:
        for field, sentence in rules.faults(self.draft):
            self.add_error(self._place(field), sentence)
        return self.cleaned_data

    @cached_property
    def draft(self) -> Draft:
        """What was typed, whether or not it may be so."""
        said = self.cleaned_data | self.fixed
        samples = str(said.get("samples") or "").strip("\n")
        return Draft(
            name=said.get("name", ""),
            language=said.get("language", "").replace("-", "_"),
            category=said.get("category", ""),
            header=said.get("header", ""),
            header_sample=said.get("header_sample", ""),
            has_place=bool(said.get("has_place")),
            body=said.get("body", ""),
            samples=tuple(one.strip() for one in samples.split("\n")) if samples.strip() else (),
            footer=said.get("footer", ""),
            buttons=tuple(button for _, button in self._buttons),
        )

    def refuse(self, field: str, sentence: str) -> None:
        """Say what Meta said where it belongs. The next try is another act, so the form gets another token."""
        self.add_error(self._place(field), sentence)
        self.data = {**dict(self.data.items()), "form_token": str(uuid.uuid4())}

    def button_rows(self) -> list[ButtonRow]:
        parts = ("kind", "text", "value", "sample")
        return [
            ButtonRow(number, [self[f"button_{number}_{part}"] for part in parts])
            for number in range(rules.MOST_BUTTONS)
        ]

    def fields_before_buttons(self) -> list[BoundField]:
        return [field for field in self.visible_fields() if not field.name.startswith("button_")]

    @cached_property
    def _buttons(self) -> list[tuple[int, ButtonDraft]]:
        """Each button with the row it was typed in: rows between may be empty."""
        found = []
        for number in range(rules.MOST_BUTTONS):
            if kind := self.cleaned_data.get(f"button_{number}_kind"):
                parts = ("text", "value", "sample")
                rest = {part: self.cleaned_data.get(f"button_{number}_{part}", "") for part in parts}
                found.append((number, ButtonDraft(kind, **rest)))
        return found

    def _place(self, field: str) -> str | None:
        """The form's field for a field of the rules; None, which is the form itself, where it has none."""
        if field.startswith("button_"):
            _, number, part = field.split("_")
            field = f"button_{self._buttons[int(number)][0]}_{part}"
        return field if field in self.fields else None


def initial(draft: Draft) -> dict[str, Any]:
    """A draft as a form begins with it."""
    found: dict[str, Any] = {
        "form_token": uuid.uuid4(),
        "name": draft.name,
        "language": draft.language,
        "category": draft.category,
        "header": draft.header,
        "header_sample": draft.header_sample,
        "has_place": draft.has_place,
        "body": draft.body,
        "samples": "\n".join(draft.samples),
        "footer": draft.footer,
    }
    for number, button in enumerate(draft.buttons[: rules.MOST_BUTTONS]):
        for part in ("kind", "text", "value", "sample"):
            found[f"button_{number}_{part}"] = getattr(button, part)
    return found


class DeletionForm(forms.Form):
    form_token = forms.UUIDField()
    scope = forms.ChoiceField(choices=[("one", "This language"), ("all", "Every language")])
    confirmed = forms.BooleanField(error_messages={"required": "Tick that you know what is lost."})
