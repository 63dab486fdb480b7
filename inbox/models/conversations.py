"""Conversations, what was done to them, and who has seen how far."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from connections.models import Connection
from workspaces.models import User, Workspace

from .people import Contact, Identity


class Conversation(models.Model):
    """One person on one number. Open, assigned or closed; the acts say who made it so.

    `last_at` is the greatest `placed_at` of its messages. `last_inbound_*` and `reply_to` belong to the customer's
    newest message that opens the session window, by (provider time, wamid). `version` is the workspace's clock at
    its last change on screen, `thinned` the one at which messages left it for somebody else's (null: never; 0 until
    it is stamped): whoever has seen less may show what is not here any more.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="conversations")
    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="conversations")
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="conversations")
    owner = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)
    last_at = models.DateTimeField(null=True)
    last_inbound_at = models.DateTimeField(null=True)
    last_inbound_wamid = models.CharField(max_length=512, blank=True)
    reply_to = models.ForeignKey(Identity, on_delete=models.PROTECT, null=True, related_name="+")
    reply_to_at = models.DateTimeField(null=True)
    reply_to_wamid = models.CharField(max_length=512, blank=True)
    version = models.BigIntegerField(default=0)
    thinned = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "contact"], name="one_conversation_per_person")]
        indexes = [
            models.Index(F("workspace"), F("last_at").desc(nulls_last=True), F("id").desc(), name="conv_all"),
            models.Index(
                F("workspace"),
                F("last_at").desc(nulls_last=True),
                F("id").desc(),
                condition=Q(closed_at__isnull=True),
                name="conv_open",
            ),
            models.Index(
                F("workspace"),
                F("owner"),
                F("last_at").desc(nulls_last=True),
                F("id").desc(),
                condition=Q(closed_at__isnull=True),
                name="conv_by_owner",
            ),
            models.Index(
                F("workspace"),
                F("last_at").desc(nulls_last=True),
                F("id").desc(),
                condition=Q(closed_at__isnull=False),
                name="conv_closed",
            ),
        ]

    def __str__(self) -> str:
        return f"conversation {self.pk}"

    @property
    def state(self) -> str:
        if self.closed_at:
            return "closed"
        return "assigned" if self.owner_id else "open"


class FormerConversation(models.Model):
    """A conversation that went into another one, when its person turned out to be the other's: where it is now."""

    former_id = models.BigIntegerField(primary_key=True)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="formers")

    def __str__(self) -> str:
        return f"conversation {self.former_id}, now {self.conversation_id}"


class Act(models.Model):
    """Something done to a conversation, by a member or by an event (then `actor` is null and `wamid` names it)."""

    class Kind(models.TextChoices):
        ASSIGNED = "assigned", "Assigned"
        RELEASED = "released", "Released"
        CLOSED = "closed", "Closed"
        REOPENED = "reopened", "Reopened"
        NUMBER_CHANGED = "number_changed", "Number changed"
        NUMBER_MOVED = "number_moved", "Number has a new owner"
        MERGED = "merged", "Merged"

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="acts")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    actor = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    owner = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    wamid = models.CharField(max_length=512, blank=True)
    detail = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()
    version = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "kind", "wamid"], condition=~Q(wamid=""), name="an_event_acts_once"
            )
        ]
        indexes = [models.Index(fields=["conversation", "version"], name="acts_by_version")]

    def __str__(self) -> str:
        return f"{self.kind} {self.conversation_id}"


class Seen(models.Model):
    """How far a member has seen a conversation: the workspace's clock. Unread is derived from it."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="seen_by")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    version = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["conversation", "user"], name="seen_is_one_row")]

    def __str__(self) -> str:
        return f"seen {self.conversation_id} by {self.user_id}"
