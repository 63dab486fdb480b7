"""What people post on the opt-outs page: somebody who wants no messages, and why an opt-out is lifted."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms

from connections import whitelist
from optouts.models import ConsentEvent

REASON = {
    "required": "Say how they said so: the reason is kept with the opt-out.",
    "max_length": "Say it in at most 300 characters; these are %(show_value)s.",
    "null_characters_not_allowed": "The reason holds a character that cannot be stored (U+0000). Remove it.",
}
REASON_LIMIT = 300


class OptOutForm(forms.Form):
    """`form_token` makes a form that is sent twice one opt-out."""

    person = forms.CharField(
        label="Number or BSUID",
        max_length=whitelist.LONGEST_LINE,
        help_text="In any format, or a BSUID like ID.1A2B3C.",
        error_messages={"required": "Say who: a phone number, or a BSUID like ID.1A2B3C."},
    )
    scope = forms.ChoiceField(
        label="From what",
        choices=ConsentEvent.Scope.choices,
        error_messages={"invalid_choice": "Choose all messages or marketing.", "required": "Choose one."},
    )
    reason = forms.CharField(label="How they said so", max_length=REASON_LIMIT, error_messages=REASON)
    form_token = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, country: str, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"form_token": uuid.uuid4()})
        super().__init__(*args, **kwargs)
        self.country = country
        self.fields["reason"].widget.attrs["placeholder"] = "By phone on Monday"
        for name in ("person", "scope", "reason"):
            self.fields[name].widget.attrs["class"] = "input"
            self.fields[name].widget.attrs["autocomplete"] = "off"

    def clean_person(self) -> tuple[str, str]:
        try:
            return whitelist.read(self.cleaned_data["person"], self.country)
        except whitelist.UnreadableError as error:
            raise forms.ValidationError(str(error)) from error
