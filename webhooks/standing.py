"""How an app stands at the door, of late: the newest signed event, and what was turned away."""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import Max, QuerySet, Sum
from django.utils import timezone

from connections.door import Refused, State

from . import refusals
from .models import Refusal, WebhookEvent

LOOKS_BACK = timedelta(days=7)


def of(meta_app_id: int) -> State:
    signed = WebhookEvent.objects.filter(meta_app_id=meta_app_id, day__gte=first_day())
    last = signed.order_by("-day", "-id").values_list("last_received_at", flat=True).first()
    return State(last, tuple(turned_away(Refusal.objects.filter(meta_app_id=meta_app_id))))


def turned_away(refusals_of: QuerySet[Refusal]) -> list[Refused]:
    """What the door turned away in the last seven days, by reason, of these refusals."""
    recent = refusals_of.filter(day__gte=first_day())
    counted = recent.values("reason").annotate(total=Sum("count"), last=Max("last_at")).order_by("-last")
    return [Refused(one["reason"], refusals.sentence(one["reason"]), one["total"], one["last"]) for one in counted]


def first_day() -> date:
    """From when on all that is said of the door's late days counts."""
    return (timezone.now() - LOOKS_BACK).date()
