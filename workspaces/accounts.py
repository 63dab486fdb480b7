"""How accounts come to be: by invitation (or the first by `founding`); nobody signs up by themselves."""

from __future__ import annotations

from functools import cache
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as allauth_context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.contrib.sites.shortcuts import get_current_site
from django.http import HttpRequest

from . import letters
from .models import User


class ClosedSignup(DefaultAccountAdapter):  # type: ignore[misc]
    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": "This address and this password do not belong together. Check both."
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Only an address with an account is written to: neither how long that takes nor its failure may show."""
        request = allauth_context.request
        said = {"request": request, "email": email, "current_site": get_current_site(request), **context}
        letters.send_later(self.render_mail(template_prefix, email, said))


TOKEN = "gAAAAA"  # noqa: S105 - how every text of Fernet's begins


class SecondFactors(DefaultMFAAdapter):  # type: ignore[misc]
    """What an authenticator app and recovery codes are made from is encrypted at rest, as other secrets are."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "This code is not right, or was used already.",
        "unreadable": "It cannot be checked here: FIELD_KEYS lacks a key. Tell whoever runs this host.",
    }

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:  # noqa: A002 - allauth's name
        count = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return f"Passkey {count + 1}"

    def encrypt(self, text: str) -> str:
        return _fernet(tuple(settings.FIELD_KEYS)).encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        if not encrypted_text.startswith(TOKEN):
            return encrypted_text  # kept before they were encrypted
        try:
            return _fernet(tuple(settings.FIELD_KEYS)).decrypt(encrypted_text.encode()).decode()
        except InvalidToken as error:
            raise self.validation_error("unreadable") from error


@cache
def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])
