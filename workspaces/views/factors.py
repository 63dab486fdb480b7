"""Pages of django-allauth that show recovery codes, for when none of FIELD_KEYS opens those that are kept."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.mfa.base import views as base
from allauth.mfa.recovery_codes import views as codes
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template.response import SimpleTemplateResponse

View = Callable[..., HttpResponseBase]


def in_words(view: View) -> View:
    """What cannot be read is said on the page, with the way out of it: making new codes reads none."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            response = view(request, *args, **kwargs)
            return response.render() if isinstance(response, SimpleTemplateResponse) else response
        except ValidationError:
            return render(request, "mfa/unreadable.html", status=503)

    return wrapped


index = in_words(base.index)
view_recovery_codes = in_words(codes.view_recovery_codes)
generate_recovery_codes = in_words(codes.generate_recovery_codes)
download_recovery_codes = in_words(codes.download_recovery_codes)
