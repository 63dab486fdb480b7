"""A process that lacks what it needs refuses to start, with a sentence.

Management commands run Django's system checks; web servers and workers do not, so they ask here.
"""

from __future__ import annotations

from typing import Any

from celery.signals import beat_init, celeryd_init

from .checks import secrets_are_set, servers_are_named


def refuse_without_settings(**_: Any) -> None:
    """Exit with a sentence for each setting that is missing or makes no sense. Returns if all are there."""
    found = [*secrets_are_set(), *servers_are_named()]
    if found:
        lines = (f"{message.msg} {message.hint} ({message.id})" for message in found)
        raise SystemExit("\n".join(["Gigaviz does not start:", *lines]))


celeryd_init.connect(refuse_without_settings)
beat_init.connect(refuse_without_settings)
