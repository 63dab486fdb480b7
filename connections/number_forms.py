"""What somebody says of a number. Forms check shape; whether it is true, only Graph can say."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import QuerySet

from .app_form import TYPED_SECRET, DigitsField
from .connecting import Details, details_of
from .graph.account import TOKEN, is_metas_own
from .models import Connection, Environment, MetaApp

# Whatever comes along when an id is copied: spaces of every kind, and invisible marks.
CLEAN_ID = re.compile(r"[\s\u200b-\u200f\u2060\ufeff-]+")
TYPED = {"class": "input", "autocomplete": "off"}
NAME_MAX = Connection._meta.get_field("name").max_length
PHONE = "This looks like the phone number itself. Its Phone Number ID is another number, beside it in Meta's dashboard."
SAME = "The two ids are the same. They are two different numbers, side by side in Meta's dashboard."
TOKEN_HELP = "A system user's, with both permissions. It is stored encrypted, and never shown again."  # noqa: S105


class IdField(DigitsField):
    """One of Meta's ids: digits, whatever was copied around them."""

    def to_python(self, value: Any) -> str:
        return super().to_python(CLEAN_ID.sub("", str(value or "")))

    def validate(self, value: str) -> None:
        if value.startswith("+"):
            raise forms.ValidationError(PHONE)
        super().validate(value)


class TokenField(forms.CharField):
    """An access token. What was typed is never rendered back."""

    def __init__(self, **options: Any) -> None:
        widget = forms.PasswordInput(render_value=False, attrs=TYPED_SECRET)
        super().__init__(**{"label": "Access token", "help_text": TOKEN_HELP, "widget": widget, **options})

    def clean(self, value: Any) -> str:
        given = re.sub(r"\s+", "", str(super().clean(value)).strip().removeprefix("Bearer "))
        if given and not TOKEN.fullmatch(given):
            raise forms.ValidationError("It holds characters that no token can hold. Copy it again, and only it.")
        return given


class NumberForm(forms.Form):
    name = forms.CharField(
        max_length=NAME_MAX,
        widget=forms.TextInput(attrs=TYPED),
        help_text="What members call the number, for example “Orders”.",
    )
    meta_app = forms.ModelChoiceField(
        MetaApp.objects.none(), label="Meta app", empty_label=None, widget=forms.Select(attrs={"class": "input"})
    )
    phone_number_id = IdField(label="Phone Number ID", help_text="In Meta's dashboard, under WhatsApp → API setup.")
    waba_id = IdField(label="WhatsApp Business Account ID (WABA ID)", help_text="On the same page, beside it.")
    access_token = TokenField()
    environment = forms.ChoiceField(choices=Environment.choices, widget=forms.Select(attrs={"class": "input"}))

    def __init__(self, data: Any = None, *, apps: QuerySet[MetaApp], number: Connection | None = None) -> None:
        """Bind it with the number it is about, or None for a new one."""
        super().__init__(data, initial=initial_of(number) if number else self.likely(apps))
        choices: Any = self.fields["meta_app"]
        choices.queryset = apps
        if number is not None:
            self.fields["access_token"].required = False
            self.fields["access_token"].help_text = "One is stored, encrypted. Leave this empty to keep it."
        if is_metas_own(settings.GRAPH_BASE_URLS["simulator"]):
            environments: Any = self.fields["environment"]
            environments.choices = [one for one in Environment.choices if one[0] != Environment.SIMULATOR]

    @staticmethod
    def likely(apps: QuerySet[MetaApp]) -> dict[str, Any]:
        first = apps.first()
        return {"environment": Environment.SIMULATOR} if first and first.is_simulated else {}

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        if found.get("phone_number_id") and found.get("phone_number_id") == found.get("waba_id"):
            self.add_error("waba_id", SAME)
        return found

    def details(self) -> Details:
        return Details(**{name: self.cleaned_data[name] for name in self.fields})

    @property
    def has_lost_a_secret(self) -> bool:
        """Whether a token was typed that no page will give back."""
        return self.is_bound and bool(self.data.get("access_token"))


def initial_of(number: Connection) -> dict[str, Any]:
    return {**details_of(number).columns, "meta_app": number.meta_app_id}


class NameForm(forms.Form):
    name = forms.CharField(max_length=NAME_MAX, widget=forms.TextInput(attrs=TYPED))


class TokenForm(forms.Form):
    access_token = TokenField(label="New access token")
