"""The code of an authenticator app: each lets somebody in once.

Ours are good for a minute and a half, as clocks differ; allauth remembers a code that was used for half a minute only.
"""

from __future__ import annotations

import re
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from django.core.cache import cache

from .sign_in_forms import Relabelled

MEMORY_SECONDS = 120


class _Once:
    user: Any

    def clean_code(self) -> str:
        code = str(super().clean_code())  # type: ignore[misc]
        written = re.sub(r"[^0-9A-Z]", "", code.upper())  # however it was spaced
        if not cache.add(f"second-factor:{self.user.pk}:{written}", "used", MEMORY_SECONDS):
            raise get_adapter().validation_error("incorrect_code")
        return code


class CodeForm(_Once, Relabelled, AuthenticateForm):  # type: ignore[misc]
    pass


class CodeAgainForm(_Once, Relabelled, ReauthenticateForm):  # type: ignore[misc]
    pass
