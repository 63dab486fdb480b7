"""The raw log of what Meta sent, byte for byte, and the count of what we refused."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from connections.models import MetaApp


class WebhookEvent(models.Model):
    """One signed body. The table is partitioned by `day` (UTC), so a row's key in the database is (day, id).

    A verbatim repeat on the same day raises `times_received`; on another day it is stored again and changes nothing
    when applied. `orphans` lists the Phone Number IDs in it that no connection of this Meta app claims yet.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        APPLIED = "applied", "Applied"
        SET_ASIDE = "set_aside", "Set aside"

    id = models.BigAutoField(primary_key=True)
    day = models.DateField()
    meta_app = models.ForeignKey(MetaApp, on_delete=models.CASCADE, related_name="events", db_index=False)
    digest = models.BinaryField(max_length=32)
    body = models.BinaryField()
    received_at = models.DateTimeField()
    last_received_at = models.DateTimeField()
    times_received = models.IntegerField(default=1)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    attempts = models.IntegerField(default=0)
    problem = models.TextField(blank=True, default="")
    orphans = ArrayField(models.CharField(max_length=64), default=list)
    applied_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["day", "meta_app", "digest"], name="one_event_per_body_and_day")]
        indexes = [
            models.Index(fields=["received_at", "id"], condition=models.Q(state="waiting"), name="events_waiting"),
            # Whose events wait is asked by every poll, and no workspace should pay for another's backlog.
            models.Index(
                fields=["meta_app", "received_at"], condition=models.Q(state="waiting"), name="events_waiting_by_app"
            ),
            models.Index(fields=["meta_app", "id"], condition=~models.Q(orphans=[]), name="events_orphaned"),
            models.Index(
                fields=["meta_app", "id"],
                condition=~models.Q(problem="", orphans=[]),
                name="events_that_need_eyes",
            ),
        ]

    def __str__(self) -> str:
        return f"event {self.pk} {self.state}"


class Refusal(models.Model):
    """How often a POST or a handshake for this app was refused on a day (UTC), by reason. Bodies are not kept."""

    meta_app = models.ForeignKey(MetaApp, on_delete=models.CASCADE, related_name="refusals")
    day = models.DateField()
    reason = models.CharField(max_length=20)
    count = models.IntegerField(default=1)
    last_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["meta_app", "day", "reason"], name="one_count_per_reason")]

    def __str__(self) -> str:
        return f"{self.count} × {self.reason}"
