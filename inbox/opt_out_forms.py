"""What people post on the opt-outs page: somebody who wants no messages, and why an opt-out is lifted."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms

from connections import whitelist
from optouts import keywords, wordlist
from optouts.models import ConsentEvent, OwnWord

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


class WordsForm(forms.Form):
    """A workspace's own words, one to a line: `wanted` is what they come to."""

    stop = forms.CharField(label="Also opts out of all messages", required=False)
    marketing = forms.CharField(label="Also opts out of marketing", required=False)
    start = forms.CharField(label="Also opts in again", required=False)
    none = forms.CharField(label="Does not count, though it is listed below", required=False)
    seen = forms.CharField(max_length=16, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.wanted: dict[str, tuple[str, str]] = {}
        for name in OwnWord.Meaning.values:
            attrs = {"class": "input box", "rows": 4, "spellcheck": "false", "autocomplete": "off"}
            self.fields[name].widget = forms.Textarea(attrs)

    def clean(self) -> None:
        for name in OwnWord.Meaning.values:
            for written in whitelist.BREAKS.split(self.cleaned_data.get(name, "")):
                if written.strip():
                    self._take(name, written.strip())
        if len(self.wanted) > wordlist.MOST:
            raise forms.ValidationError(f"These are {len(self.wanted)} words; at most {wordlist.MOST} can be kept.")

    def _take(self, name: str, written: str) -> None:
        plain, shown = keywords.normalise(written), f"“{written[:60]}”"
        if len(written) > wordlist.LONGEST or len(plain) > wordlist.LONGEST:
            self.add_error(name, f"{shown} is longer than {wordlist.LONGEST} characters.")
        elif not plain:
            self.add_error(name, f"{shown} has neither a letter nor a digit.")
        elif plain in keywords.ALWAYS:
            self.add_error(name, f"{shown} means the same everywhere and cannot be changed.")
        elif self.wanted.get(plain, ("", name))[1] != name:
            self.add_error(name, f"{shown} stands in two boxes: leave it in one.")
        elif name == keywords.NOTHING and plain not in keywords.DEFAULTS:
            self.add_error(name, f"{shown} is not listed below, so it does not count anyway.")
        elif keywords.DEFAULTS.get(plain) != name:  # else it counts so already
            self.wanted.setdefault(plain, (written, name))


class ImportForm(forms.Form):
    """`form_token` makes a file that is sent twice one import."""

    file = forms.FileField(
        label="CSV file",
        error_messages={
            "required": "Choose a CSV file.",
            "missing": "Choose a CSV file.",
            "invalid": "Choose a CSV file.",
            "empty": "The file is empty.",
        },
    )
    reason = forms.CharField(
        label="Where the list comes from",
        max_length=REASON_LIMIT,
        help_text="Kept as the reason of every line that gives none.",
        error_messages=REASON | {"required": "Say where the list comes from: it is kept with each opt-out."},
    )
    form_token = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"form_token": uuid.uuid4()})
        super().__init__(*args, **kwargs)
        self.fields["file"].widget.attrs["accept"] = ".csv,text/csv"
        self.fields["reason"].widget.attrs |= {"class": "input", "autocomplete": "off"}
