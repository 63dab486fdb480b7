"""Which secrets of an app are good: its own, and for seven days the one before it.

The promise (P11): replacing a secret never makes us refuse what Meta signs. Meta may sign with the old one for a while
yet, and the new one may be a slip of the hand: so a secret that Graph never confirmed does not push out one that may
still be in use.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from .fields import readable
from .models import MetaApp

OLD_STAYS = timedelta(days=7)
COLUMNS = ["app_secret", "previous_secret", "previous_secret_until", "checked_at"]


def good(app: MetaApp, now: datetime) -> tuple[str, ...]:
    """Every secret that may sign at this moment. Raises UndecryptableSecretError when the app's own cannot be read."""
    old = readable(app, "previous_secret") if is_old_good(app, now) else None
    return (app.app_secret, old) if old else (app.app_secret,)


def is_old_good(app: MetaApp, now: datetime) -> bool:
    return app.previous_secret_until is not None and app.previous_secret_until > now


def replace(app: MetaApp, secret: str, *, checked_at: datetime | None) -> bool:
    """Give `app` this secret, to be saved with COLUMNS. False when it has it already.

    Lock the row first: two who replace at once would each keep the other's.
    """
    now = timezone.now()
    current = readable(app, "app_secret")
    old = readable(app, "previous_secret") if is_old_good(app, now) else None
    if secret == current:
        return False
    may_be_in_use = app.checked_at is not None or not old or old == secret
    if current and may_be_in_use:
        app.previous_secret, app.previous_secret_until = current, now + OLD_STAYS
    elif not old:
        app.previous_secret, app.previous_secret_until = "", None
    app.app_secret, app.checked_at = secret, checked_at
    return True


def forget_old() -> int:
    """Take away old secrets whose days are over. Returns how many."""
    over = MetaApp.objects.filter(previous_secret_until__lte=timezone.now())
    return over.update(previous_secret="", previous_secret_until=None)
