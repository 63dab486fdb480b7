"""The shape of what people post. Whether something may be done is never decided here.

A reply posts `text`, `form_token`, `position` (the workspace's version that its thread showed), `take` (anything but
empty: take the conversation as well) and `confirm`: which warnings its writer was shown and sends it in spite of,
"newer" or "behind", as one field for each or as one field with commas. A code that is not among these covers nothing.
Only "behind" asks for its code; what is newer is covered by the raised `position` that the answer with it carries.
An answer that asks for one more click says in `confirms` which codes the next form is to post.
"""

from __future__ import annotations

from typing import Any

from django import forms

TEXT_LIMIT = 4096
WARNINGS = frozenset({"newer", "behind"})
CLOCK_LIMIT = 2**63 - 1


class WordsField(forms.CharField):
    """Words exactly as typed: WhatsApp shows spaces and line breaks at both ends. A line break counts once."""

    def to_python(self, value: Any) -> str:
        # A form posted by the browser itself carries CRLF.
        return str(super().to_python(value)).replace("\r\n", "\n")


class WarningsField(forms.Field):
    """The codes of the warnings that were shown. One that we do not know is left out, and so covers nothing."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> frozenset[str]:
        return WARNINGS.intersection(code.strip() for one in value or () for code in str(one).split(","))


class ReplyForm(forms.Form):
    text = WordsField(
        strip=False,
        max_length=TEXT_LIMIT,
        error_messages={
            "required": "Write something first.",
            "max_length": "WhatsApp takes at most 4,096 characters; this is %(show_value)s. Shorten it or split it.",
            "null_characters_not_allowed": "The text holds a character that cannot be sent (U+0000). Remove it.",
        },
    )
    form_token = forms.UUIDField()
    position = forms.IntegerField(min_value=0, max_value=CLOCK_LIMIT)
    confirm = WarningsField(required=False)
    take = forms.BooleanField(required=False)

    def clean_text(self) -> str:
        # Meta refuses a text of nothing but spaces.
        text = str(self.cleaned_data["text"])
        if not text.strip():
            raise forms.ValidationError("Write something first.")
        return text

    def said_wrong(self) -> str:
        """The first error as one sentence; a broken token or position is the page's fault and mends with a reload."""
        if "text" in self.errors:
            return str(self.errors["text"][0])
        return "This form is broken or too old. Copy your words, reload the page and send them again."


class AssignmentForm(forms.Form):
    act = forms.ChoiceField(choices=[("take", "Take"), ("release", "Release"), ("assign", "Assign")])
    shown_owner = forms.IntegerField(required=False, min_value=1, max_value=CLOCK_LIMIT)
    owner = forms.IntegerField(required=False, min_value=1, max_value=CLOCK_LIMIT)


class ClosureForm(forms.Form):
    act = forms.ChoiceField(choices=[("close", "Close"), ("reopen", "Reopen")])
    shown_owner = forms.IntegerField(required=False, min_value=1, max_value=CLOCK_LIMIT)


class SeenForm(forms.Form):
    version = forms.IntegerField(min_value=0, max_value=CLOCK_LIMIT)


class LiftForm(forms.Form):
    event = forms.IntegerField(min_value=1, max_value=CLOCK_LIMIT)
    reason = forms.CharField(
        max_length=300,
        error_messages={
            "required": "Say why: the reason is kept with the opt-out.",
            "max_length": "Say it in at most 300 characters; these are %(show_value)s.",
            "null_characters_not_allowed": "The reason holds a character that cannot be stored (U+0000). Remove it.",
        },
    )
