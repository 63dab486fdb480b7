"""What the web server calls. Meta's door has a chain of its own: no session, no sign-in, no page headers."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any

from django.core.handlers.exception import convert_exception_to_response
from django.core.handlers.wsgi import WSGIHandler
from django.core.wsgi import get_wsgi_application

from gigaviz.starting import refuse_without_settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gigaviz.settings")

DOOR = "/webhooks/meta/"


class BareHandler(WSGIHandler):
    """Django without middleware: a webhook has no use for any, and they cost more than storing it does."""

    def load_middleware(self, is_async: bool = False) -> None:
        self._view_middleware: list[Any] = []
        self._template_response_middleware: list[Any] = []
        self._exception_middleware: list[Any] = []
        self._middleware_chain = convert_exception_to_response(self._get_response)  # type: ignore[attr-defined]


pages = get_wsgi_application()
refuse_without_settings()
door = BareHandler()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    handler = door if environ.get("PATH_INFO", "").startswith(DOOR) else pages
    return handler(environ, start_response)
