"""The consent ledger: what people said about being written to, in the order they said it."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q

from workspaces.models import User, Workspace


class ConsentEvent(models.Model):
    """Somebody opted out or in: append-only.

    Kept by identity (kind, value) rather than by contact, so that it survives the contact and follows the person
    through each of their identities. A lift by a person names the event it lifts and counts as later than it.
    """

    class Scope(models.TextChoices):
        ALL = "all", "All messages"
        MARKETING = "marketing", "Marketing"

    class Direction(models.TextChoices):
        OUT = "out", "Opted out"
        IN = "in", "Opted in"

    class Source(models.TextChoices):
        WORDS = "words", "The customer's words"
        BUTTON = "button", "A button"
        PREFERENCE = "preference", "WhatsApp preferences"
        REFUSAL = "refusal", "Meta's refusal 131050"
        PERSON = "person", "A member"
        IMPORT = "import", "An import"
        API = "api", "The API"

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="consent_events")
    kind = models.CharField(max_length=12)
    value = models.CharField(max_length=140)
    scope = models.CharField(max_length=10, choices=Scope.choices)
    direction = models.CharField(max_length=3, choices=Direction.choices)
    source = models.CharField(max_length=10, choices=Source.choices)
    quote = models.TextField(blank=True)
    evidence = models.CharField(max_length=512, help_text="The wamid, or what else makes this event itself.")
    actor = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    lifts = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="lifted_by")
    provider_at = models.DateTimeField()
    recorded_at = models.DateTimeField(auto_now_add=True)
    event_day = models.DateField(null=True)
    event_id = models.BigIntegerField(null=True)
    raw = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "kind", "value", "source", "evidence", "direction"], name="consent_recorded_once"
            ),
            models.CheckConstraint(
                condition=~Q(source="person", direction="in") | Q(lifts__isnull=False),
                name="a_lift_names_what_it_lifts",
            ),
        ]
        indexes = [
            # What the guard asks before every message: all that was said by somebody's identities.
            models.Index(fields=["workspace", "value"], name="consent_by_value"),
            models.Index(
                fields=["workspace", "-provider_at", "-id"], condition=Q(direction="out"), name="opt_outs_by_time"
            ),
            GinIndex(OpClass("value", "gin_trgm_ops"), name="consent_by_part"),
        ]

    def __str__(self) -> str:
        return f"{self.direction} of {self.scope}"


class OwnWord(models.Model):
    """A word that a workspace wants to count, or not to count, from `since` until before `until` (null: still).

    Kept when it is taken back: what a message said follows from the words of its own time, however often it is applied.
    """

    class Meaning(models.TextChoices):
        STOP = "stop", "Opts out of all messages"
        MARKETING = "marketing", "Opts out of marketing"
        START = "start", "Opts in again"
        NONE = "none", "Says nothing"

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="opt_out_words")
    plain = models.CharField(max_length=200, help_text="The word as it is compared; see keywords.normalise.")
    written = models.CharField(max_length=100)
    meaning = models.CharField(max_length=9, choices=Meaning.choices)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "plain"], condition=Q(until__isnull=True), name="a_word_has_one_meaning_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(meaning__in=["stop", "marketing", "start", "none"]), name="meaning_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.meaning} in {self.workspace_id}"
