"""What somebody says of a number. Forms check shape; whether it is true, only Graph can say."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import QuerySet

from .connecting import Details
from .graph.account import TOKEN
from .graph.urls import is_metas_own
from .models import Connection, Environment, MetaApp

# Whatever comes along when an id is copied: spaces of every kind, and invisible marks.
CLEAN_ID = re.compile(r"[\s\u200b-\u200f\u2060\ufeff-]+")
NAME_MAX = Connection._meta.get_field("name").max_length
ID_MAX = Connection._meta.get_field("phone_number_id").max_length
PHONE = "This looks like the phone number itself. Its Phone Number ID is another number, beside it in Meta's dashboard."
SAME = "The two ids are the same. They are two different numbers, side by side in Meta's dashboard."
TOKEN_HELP = "A system user's, with both permissions. It is stored encrypted, and never shown again."  # noqa: S105


class IdField(forms.CharField):
    """One of Meta's ids: digits, whatever was copied around them."""

    def __init__(self, **options: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})
        super().__init__(**{"max_length": 80, "widget": widget, **options})

    def clean(self, value: Any) -> str:
        given = str(super().clean(value))
        found = CLEAN_ID.sub("", given)
        if found.startswith("+"):
            raise forms.ValidationError(PHONE)
        if not (found.isascii() and found.isdigit() and len(found) <= (ID_MAX or 0)):
            raise forms.ValidationError("It has digits only, about 15 of them.")
        return found


class TokenField(forms.CharField):
    """An access token. What was typed is never rendered back."""

    def __init__(self, **options: Any) -> None:
        widget = forms.PasswordInput(render_value=False, attrs={"autocomplete": "off", "spellcheck": "false"})
        super().__init__(**{"label": "Access token", "help_text": TOKEN_HELP, "widget": widget, **options})

    def clean(self, value: Any) -> str:
        given = re.sub(r"\s+", "", str(super().clean(value)).strip().removeprefix("Bearer "))
        if given and not TOKEN.fullmatch(given):
            raise forms.ValidationError("It holds characters that no token can hold. Copy it again, and only it.")
        return given


class NumberForm(forms.Form):
    name = forms.CharField(max_length=NAME_MAX, help_text="What members call the number, for example “Orders”.")
    meta_app = forms.ModelChoiceField(MetaApp.objects.none(), label="Meta app", empty_label=None)
    phone_number_id = IdField(label="Phone Number ID", help_text="In Meta's dashboard, under WhatsApp → API setup.")
    waba_id = IdField(label="WhatsApp Business Account ID (WABA ID)", help_text="On the same page, beside it.")
    access_token = TokenField()
    environment = forms.ChoiceField(choices=Environment.choices)

    def __init__(self, *args: Any, apps: QuerySet[MetaApp], keeps_token: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        choices: Any = self.fields["meta_app"]
        choices.queryset = apps
        if keeps_token:
            self.fields["access_token"].required = False
            self.fields["access_token"].help_text = "One is stored, encrypted. Leave this empty to keep it."
        if is_metas_own(settings.GRAPH_BASE_URLS["simulator"]):
            environments: Any = self.fields["environment"]
            environments.choices = [one for one in Environment.choices if one[0] != Environment.SIMULATOR]
        for name, field in self.fields.items():
            if self.is_bound and name in self.errors:
                field.widget.attrs["aria-invalid"] = "true"

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        if found.get("phone_number_id") and found.get("phone_number_id") == found.get("waba_id"):
            self.add_error("waba_id", SAME)
        return found

    def details(self) -> Details:
        return Details(**{name: self.cleaned_data[name] for name in self.fields})


class NameForm(forms.Form):
    name = forms.CharField(max_length=NAME_MAX)


class TokenForm(forms.Form):
    access_token = TokenField(label="New access token")
