"""How an app stands at the door, of late: the newest signed event, and what was turned away."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Max, Sum
from django.utils import timezone

from connections.door import Refused, State

from . import refusals
from .models import Refusal, WebhookEvent

LOOKS_BACK = timedelta(days=7)


def of(meta_app_id: int) -> State:
    since = (timezone.now() - LOOKS_BACK).date()
    signed = WebhookEvent.objects.filter(meta_app_id=meta_app_id, day__gte=since)
    last = signed.order_by("-day", "-id").values_list("last_received_at", flat=True).first()
    turned_away = Refusal.objects.filter(meta_app_id=meta_app_id, day__gte=since)
    counted = turned_away.values("reason").annotate(total=Sum("count"), last=Max("last_at")).order_by("-last")
    refused = [Refused(one["reason"], refusals.sentence(one["reason"]), one["total"], one["last"]) for one in counted]
    return State(last, tuple(refused))
