"""What somebody says of a Meta app. The form knows shapes only; whether it is true is for Graph to say."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.functional import cached_property

from workspaces.models import Workspace

from .graph.account import TOKEN
from .meta_apps import Described
from .models import MetaApp

TYPED_SECRET = {"class": "input", "autocomplete": "new-password", "spellcheck": "false"}
PLACES = [("meta", "Meta"), ("simulator", "The simulator")]
NUMBER = MetaApp._meta.get_field("app_id").max_length or 0


class DigitsField(forms.CharField):
    """An id of Meta's, with the spaces and line breaks that came along when it was copied taken out."""

    def __init__(self, **options: Any) -> None:
        widget = forms.TextInput(attrs={"class": "input", "inputmode": "numeric", "autocomplete": "off"})
        super().__init__(widget=widget, **options)

    def to_python(self, value: Any) -> str:
        return re.sub(r"\s", "", str(super().to_python(value)))

    def validate(self, value: str) -> None:
        super().validate(value)
        if value and not (value.isascii() and value.isdigit()):
            odd = next(one for one in value if not (one.isascii() and one.isdigit()))
            raise forms.ValidationError(f"{self.label} is a number of Meta's, digits only; this has “{odd}” in it.")
        if len(value) > NUMBER:
            raise forms.ValidationError(f"{self.label} has at most {NUMBER} digits; this has {len(value)}.")


class AppForm(forms.Form):
    """Bind it with the app it is about, or None for a new one."""

    name = forms.CharField(
        max_length=MetaApp._meta.get_field("name").max_length,
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"}),
        help_text="What members call it here.",
    )
    app_id = DigitsField(label="App ID", help_text="In Meta's dashboard, at the top of each page of the app.")
    app_secret = forms.CharField(
        label="App secret",
        required=False,
        widget=forms.PasswordInput(attrs=TYPED_SECRET),
        help_text="In Meta's dashboard: App settings, Basic, App secret, Show.",
    )
    place = forms.ChoiceField(
        label="Where the app is",
        choices=PLACES,
        widget=forms.Select(attrs={"class": "input"}),
        help_text="Meta for production and test numbers alike.",
    )

    def __init__(self, data: Any = None, *, workspace: Workspace, app: MetaApp | None = None) -> None:
        initial = {"place": "meta"}
        if app is not None:
            initial = {"name": app.name, "app_id": app.app_id, "place": "simulator" if app.is_simulated else "meta"}
        super().__init__(data, initial=initial)
        self.workspace, self.app = workspace, app
        self.may_save_unchecked = False  # once Graph was asked and gave no answer
        if app is not None:
            self.fields["app_secret"].help_text = "Kept, and never shown. Type a new one to replace it."

    def clean_app_id(self) -> str:
        app_id = str(self.cleaned_data["app_id"])
        others = self.workspace.meta_apps.filter(app_id=app_id)
        if (others.exclude(pk=self.app.pk) if self.app else others).exists():
            raise forms.ValidationError("This workspace has an app with this ID already.")
        return app_id

    def clean_app_secret(self) -> str:
        secret = str(self.cleaned_data["app_secret"])
        if not secret and self.app is None:
            raise forms.ValidationError("Enter the app secret: it is what tells Meta's events from anybody's.")
        if secret and not TOKEN.fullmatch(secret):
            raise forms.ValidationError("It has a space or a letter that no app secret has. Copy it again.")
        if secret and secret == re.sub(r"\s", "", str(self.data.get("app_id", ""))):
            raise forms.ValidationError("This is the app ID. The secret is under App settings, Basic.")
        return secret

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        is_moved = self.app is not None and said.get("place", "") != self.initial["place"]
        if is_moved and not self.data.get("app_secret"):
            self.add_error("app_secret", "Enter the secret: the one that is kept is not sent to another place.")
        return said

    @cached_property
    def described(self) -> Described:
        said = self.cleaned_data
        return Described(said["name"], said["app_id"], said["place"] == "simulator", said["app_secret"])

    @property
    def has_lost_a_secret(self) -> bool:
        """Whether a secret was typed that no page will give back."""
        return self.is_bound and bool(self.data.get("app_secret"))
