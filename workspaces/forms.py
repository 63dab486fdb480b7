"""What somebody says when they make a workspace or a member; the rules of who may are elsewhere."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from phonenumbers import SUPPORTED_REGIONS

from .access import Ability, may
from .models import Membership, Role, User, Workspace

OWNERS = Ability.MANAGE_OWNERS


class CountryField(forms.CharField):
    """Two letters of a country that has phone numbers."""

    def clean(self, value: Any) -> str:
        country = str(super().clean(value)).upper()
        if country not in SUPPORTED_REGIONS:
            raise forms.ValidationError("It must be the two letters of a country that has phone numbers, like ID.")
        return country


class WorkspaceForm(forms.Form):
    name = forms.CharField(max_length=Workspace._meta.get_field("name").max_length)
    slug = forms.RegexField(
        r"\A[a-z0-9]+(-[a-z0-9]+)*\Z",
        max_length=Workspace._meta.get_field("slug").max_length,
        error_messages={"invalid": "It may have small letters, digits and hyphens only."},
    )

    country = CountryField()

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


class RoleForm(forms.Form):
    """Roles that somebody may give: owners by owners only."""

    role = forms.ChoiceField(label="Role", choices=[])

    def __init__(self, *args: Any, by: Membership, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["role"] = forms.ChoiceField(label="Role", choices=roles_given_by(by), initial=Role.AGENT)


def roles_given_by(membership: Membership) -> list[tuple[str, str]]:
    return [(role.value, role.label) for role in reversed(Role) if role != Role.OWNER or may(membership, OWNERS)]


class InvitationForm(RoleForm):
    email = forms.EmailField(
        label="Email",
        max_length=User._meta.get_field("email").max_length,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    field_order = ["email", "role"]

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()


class NewAccountForm(forms.Form):
    """A name and a password, by somebody who has no account yet. `address` is theirs, where the form does not ask."""

    address = ""
    name = forms.CharField(
        label="Your name",
        max_length=User._meta.get_field("name").max_length,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    password = forms.CharField(
        label="Password",
        strip=False,
        max_length=1000,
        help_text="At least ten characters.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if password := said.get("password"):
            try:
                validate_password(password, User(email=said.get("email", self.address), name=said.get("name", "")))
            except ValidationError as error:
                self.add_error("password", error)
        return said


class FirstOwnerForm(NewAccountForm):
    workspace = forms.CharField(
        label="Workspace",
        max_length=Workspace._meta.get_field("name").max_length,
        help_text="The name of your business.",
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    country = CountryField(
        label="Country",
        help_text="Two letters, like ID: how phone numbers without a country code are read.",
        widget=forms.TextInput(attrs={"autocomplete": "country", "autocapitalize": "characters"}),
    )
    email = forms.EmailField(
        label="Email",
        max_length=User._meta.get_field("email").max_length,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    field_order = ["workspace", "country", "name", "email", "password"]


def sentences(form: forms.BaseForm) -> str:
    """What is wrong, for somebody at a command line."""
    wrong: dict[str, Any] = dict(form.errors)
    return " ".join(f"{field}: {' '.join(errors)}" for field, errors in wrong.items())
