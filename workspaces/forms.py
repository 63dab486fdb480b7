"""What somebody says when they make a workspace or a member; the rules of who may are elsewhere."""

from __future__ import annotations

from typing import Any

from django import forms
from phonenumbers import SUPPORTED_REGIONS

from .models import Role, User, Workspace


class WorkspaceForm(forms.Form):
    name = forms.CharField(max_length=Workspace._meta.get_field("name").max_length)
    slug = forms.RegexField(
        r"\A[a-z0-9]+(-[a-z0-9]+)*\Z",
        max_length=Workspace._meta.get_field("slug").max_length,
        error_messages={"invalid": "It may have small letters, digits and hyphens only."},
    )

    country = forms.CharField()

    def clean_country(self) -> str:
        country = str(self.cleaned_data["country"]).upper()
        if country not in SUPPORTED_REGIONS:
            raise forms.ValidationError("It must be the two letters of a country that has phone numbers, like ID.")
        return country

    def clean_slug(self) -> str:
        slug = str(self.cleaned_data["slug"])
        if Workspace.objects.filter(slug=slug).exists():
            raise forms.ValidationError(f"There is a workspace at {slug} already.")
        return slug


class MemberForm(forms.Form):
    email = forms.EmailField(max_length=User._meta.get_field("email").max_length)
    name = forms.CharField(max_length=User._meta.get_field("name").max_length)
    role = forms.ChoiceField(choices=Role.choices)

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()


def sentences(form: forms.BaseForm) -> str:
    """What is wrong, for somebody at a command line."""
    wrong: dict[str, Any] = dict(form.errors)
    return " ".join(f"{field}: {' '.join(errors)}" for field, errors in wrong.items())
