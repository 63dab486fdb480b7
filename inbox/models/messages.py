"""Messages, in and out, and the files that came with them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from connections.models import Connection, Environment
from workspaces.models import User, Workspace

from ..delivery import Word, Work
from .conversations import Conversation
from .people import Identity

WORD_CHOICES = [(word.value, word.label) for word in Word]
WORK_CHOICES = [
    (Work.NONE.value, "Nothing"),
    (Work.WAITING.value, "Waiting for its turn"),
    (Work.CLAIMED.value, "A worker is sending it"),
    (Work.DONE.value, "Done"),
    (Work.CANCELLED.value, "Cancelled"),
]


class Message(models.Model):
    """One message. `placed_at` is set once; `arrival` and `version` are the workspace's clock (first, last change).

    Three clocks: `provider_at` (Meta's), `received_at` (stored by us), `processed_at` (applied). `raw` is the exact
    JSON, in ASCII. `word` is the headline of inbox/delivery.py, cached; null on what customers wrote.
    """

    class Direction(models.TextChoices):
        IN = "in", "From the customer"
        OUT = "out", "To the customer"

    class Source(models.TextChoices):
        LIVE = "live", "Live"
        HISTORY = "history", "From the phone's history"
        ECHO = "echo", "Sent from the phone app"
        OURS = "ours", "Written here"

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="messages", db_index=False)
    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="messages", db_index=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.PROTECT, related_name="messages", db_index=False)
    identity = models.ForeignKey(Identity, on_delete=models.PROTECT, null=True, related_name="messages")
    environment = models.CharField(max_length=10, choices=Environment.choices)
    direction = models.CharField(max_length=3, choices=Direction.choices)
    source = models.CharField(max_length=7, choices=Source.choices)
    wamid = models.CharField(max_length=512, null=True)
    kind = models.CharField(max_length=60, blank=True)
    text = models.TextField(blank=True)
    details = models.JSONField(default=dict)
    raw = models.TextField(blank=True)
    context_wamid = models.CharField(max_length=512, blank=True)
    group_id = models.CharField(max_length=140, blank=True)
    placed_at = models.DateTimeField()
    provider_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField()
    processed_at = models.DateTimeField()
    arrival = models.BigIntegerField(default=0)
    version = models.BigIntegerField(default=0)
    event_day = models.DateField(null=True)
    event_id = models.BigIntegerField(null=True)

    # Outgoing: who wrote it, and what is known of it.
    author = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    token = models.CharField(max_length=32, null=True, unique=True)
    form_token = models.UUIDField(null=True)
    resend_of = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="resent_as")
    word = models.SmallIntegerField(choices=WORD_CHOICES, null=True)
    attempt = models.IntegerField(default=0)
    accepted_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    played_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    problem = models.JSONField(default=dict)

    # Work state, apart from what is known.
    work = models.CharField(max_length=9, choices=WORK_CHOICES, blank=True, default="")
    due_at = models.DateTimeField(null=True)
    claimed_at = models.DateTimeField(null=True)
    claimed_by = models.CharField(max_length=120, blank=True)
    deadline = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "wamid"], condition=Q(wamid__isnull=False), name="one_message_per_wamid"
            ),
            models.UniqueConstraint(
                fields=["workspace", "form_token"], condition=Q(form_token__isnull=False), name="one_message_per_form"
            ),
            models.UniqueConstraint(
                fields=["conversation"], condition=Q(work="claimed"), name="one_message_in_flight_per_conversation"
            ),
            models.CheckConstraint(
                condition=Q(direction="in", word__isnull=True) | Q(direction="out", word__isnull=False),
                name="only_outgoing_messages_have_a_word",
            ),
        ]
        # None holds what a receipt changes (version, word, times), so that no index is written for one.
        indexes = [
            models.Index(fields=["conversation", "-placed_at", "-arrival", "-id"], name="messages_in_order"),
            models.Index(
                fields=["conversation", "-placed_at", "-arrival", "-id"],
                condition=Q(direction="out"),
                name="messages_of_ours_in_order",
            ),
            models.Index(
                fields=["conversation", "arrival"], condition=Q(direction="in", source="live"), name="messages_unread"
            ),
            models.Index(fields=["due_at", "id"], condition=Q(work="waiting"), name="messages_due"),
            models.Index(
                fields=["conversation", "id"], condition=Q(work__in=["waiting", "claimed"]), name="messages_at_work"
            ),
            models.Index(fields=["claimed_at"], condition=Q(work="claimed"), name="messages_claimed"),
        ]

    def __str__(self) -> str:
        return f"message {self.pk}"

    @property
    def is_outgoing(self) -> bool:
        return self.direction == self.Direction.OUT


class Media(models.Model):
    """A customer's file: fetched by a job of its own, so that a lost file never loses the message."""

    class State(models.TextChoices):
        PENDING = "pending", "Being fetched"
        STORED = "stored", "Stored"
        FAILED = "failed", "Failed"

    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="media", primary_key=True)
    media_id = models.CharField(max_length=64)
    mime_type = models.CharField(max_length=120, blank=True)
    sha256 = models.CharField(max_length=88, blank=True)
    filename = models.CharField(max_length=255, blank=True)
    is_voice = models.BooleanField(default=False)
    state = models.CharField(max_length=7, choices=State.choices, default=State.PENDING)
    reason = models.CharField(max_length=300, blank=True)
    tries = models.IntegerField(default=0)
    due_at = models.DateTimeField(null=True)
    stored_as = models.CharField(max_length=100, blank=True)
    sniffed_type = models.CharField(max_length=120, blank=True)
    size = models.BigIntegerField(null=True)

    class Meta:
        indexes = [models.Index(fields=["due_at"], condition=Q(state="pending"), name="media_due")]

    def __str__(self) -> str:
        return f"media of {self.pk}"
