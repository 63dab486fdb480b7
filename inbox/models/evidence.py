"""What proves a message's status: our calls, and Meta's receipts."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from connections.models import Connection

from .messages import Message


class SendAttempt(models.Model):
    """One Graph call, written with the claim and before the call: started and not finished is always ambiguous."""

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted", "Accepted"
        REFUSED = "refused", "Refused"
        NOT_SENT = "not_sent", "Not sent"
        UNCONFIRMED = "unconfirmed", "Unconfirmed"

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="attempts", db_index=False)
    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="+", db_index=False)
    number = models.IntegerField()
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=11, choices=Outcome.choices, null=True)
    http_status = models.IntegerField(null=True)
    code = models.IntegerField(null=True)
    subcode = models.IntegerField(null=True)
    title = models.TextField(blank=True)
    details = models.TextField(blank=True)
    fbtrace_id = models.CharField(max_length=120, blank=True)
    wamid = models.CharField(max_length=512, null=True)
    raw = models.TextField(blank=True)
    # The triple this attempt used, kept as it was.
    phone_number_id = models.CharField(max_length=32)
    recipient_kind = models.CharField(max_length=6)
    recipient = models.CharField(max_length=140)
    token_fingerprint = models.CharField(max_length=16)
    graph_version = models.CharField(max_length=8)
    worker = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["message", "number"], name="one_attempt_per_number"),
            models.UniqueConstraint(
                fields=["connection", "wamid"], condition=Q(wamid__isnull=False), name="one_attempt_per_wamid"
            ),
        ]
        # What a number last sent, and since when it is refused: asked wherever a failure is shown (inbox/causes.py).
        indexes = [
            models.Index(
                fields=["connection", "started_at"], condition=Q(wamid__isnull=False), name="attempts_accepted"
            ),
            models.Index(fields=["connection", "started_at"], condition=Q(outcome="refused"), name="attempts_refused"),
        ]

    def __str__(self) -> str:
        return f"attempt {self.number} of {self.message_id}"


class Receipt(models.Model):
    """A status event, kept even while no message matches: append-only. Unknown statuses are stored too.

    `attempt` is the number of the attempt it belongs to, 0 where the message has none (sent from the phone app).
    """

    # Without constraints: whoever writes a receipt holds locks on both rows (inbox/drain.py, inbox/receipts.py), where
    # a constraint would look each of them up again for every receipt, at the commit.
    connection = models.ForeignKey(
        Connection, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    message = models.ForeignKey(
        Message, on_delete=models.CASCADE, null=True, related_name="receipts", db_constraint=False
    )
    attempt = models.IntegerField(null=True)
    wamid = models.CharField(max_length=512)
    status = models.CharField(max_length=40)
    provider_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField()
    processed_at = models.DateTimeField()
    code = models.IntegerField(null=True)
    participant = models.CharField(max_length=140, null=True)
    callback_data = models.CharField(max_length=512, blank=True)
    errors = models.JSONField(default=list)
    raw = models.TextField(blank=True)
    event_day = models.DateField(null=True)
    event_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "wamid", "status", "provider_at", "code", "participant"],
                name="a_receipt_counts_once",
                nulls_distinct=False,
            )
        ]
        indexes = [
            models.Index(fields=["processed_at"], condition=Q(message__isnull=True), name="receipts_unmatched"),
        ]

    def __str__(self) -> str:
        return f"receipt {self.pk} {self.status}"


class Heartbeat(models.Model):
    """When a sweep last ran to its end, by name; without it, "nobody looked" and "nothing was found" look the same."""

    name = models.CharField(max_length=20, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} at {self.at}"
