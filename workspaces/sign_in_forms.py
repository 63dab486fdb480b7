"""django-allauth's forms with the house's labels: in sentence case, and none said twice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from allauth.account import forms as account
from allauth.mfa.totp import forms as totp
from django import forms

PASSWORDS = {"oldpassword": "Old password", "password1": "New password", "password2": "New password again"}


class Relabelled(forms.Form):
    """A placeholder would say what the label says, and go away while one types."""

    labels: Mapping[str, str] = PASSWORDS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.label = self.labels.get(name, field.label)
            field.widget.attrs.pop("placeholder", None)


class SignInForm(Relabelled, account.LoginForm):  # type: ignore[misc]
    pass


class PasswordAgainForm(Relabelled, account.ReauthenticateForm):  # type: ignore[misc]
    pass


class PasswordChangeForm(Relabelled, account.ChangePasswordForm):  # type: ignore[misc]
    pass


class PasswordResetForm(Relabelled, account.ResetPasswordForm):  # type: ignore[misc]
    pass


class NewPasswordForm(Relabelled, account.ResetPasswordKeyForm):  # type: ignore[misc]
    pass


class AuthenticatorAppForm(Relabelled, totp.ActivateTOTPForm):  # type: ignore[misc]
    labels = {"code": "Code from the app"}
