"""A template as it stands, the state of its account's sync, and what people here did to templates."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import F, Q

from workspaces.models import User, Workspace


class TemplateQuerySet(models.QuerySet["MessageTemplate"]):
    def present(self) -> TemplateQuerySet:
        """Those that Meta still has, as far as we were told."""
        return self.filter(Q(gone_at=None) | Q(gone_at__lte=F("seen_at")))

    def gone(self) -> TemplateQuerySet:
        return self.filter(gone_at__gt=F("seen_at"))


class MessageTemplate(models.Model):
    """One template in one language. Each `…_at` says when the columns before it were told: see `evidence`.

    Words of Meta's are kept as sent, also those we do not know. `synced_at` is null while only webhooks told of it.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="message_templates")
    waba_id = models.CharField(max_length=32)
    template_id = models.CharField(max_length=40)
    name = models.CharField(max_length=512, blank=True)
    language = models.CharField(max_length=60, blank=True)

    status = models.CharField(max_length=60, blank=True)
    rejected_reason = models.CharField(max_length=60, blank=True)
    status_at = models.DateTimeField(null=True)
    # Meta's own words: reason, recommendation, title, …; and `of` which status. Only webhooks tell of them, so a
    # listing of the same status takes none of them away.
    status_details = models.JSONField(default=dict)
    details_at = models.DateTimeField(null=True)

    quality = models.CharField(max_length=60, blank=True)
    quality_at = models.DateTimeField(null=True)

    category = models.CharField(max_length=60, blank=True)
    previous_category = models.CharField(max_length=60, blank=True)
    correct_category = models.CharField(max_length=60, blank=True)  # what Meta is going to make of it
    correct_category_from = models.DateTimeField(null=True)
    category_at = models.DateTimeField(null=True)

    components: Any = models.JSONField(default=list)
    parameter_format = models.CharField(max_length=20, blank=True)
    components_at = models.DateTimeField(null=True)
    # The texts alone, as a webhook told of a change: shown where they are newer than the components.
    told_texts = models.JSONField(default=dict)
    told_texts_at = models.DateTimeField(null=True)

    seen_at = models.DateTimeField()  # when it was last told of as something that is there
    gone_at = models.DateTimeField(null=True)  # when it was last told to be gone, or left out of a whole listing
    synced_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField(null=True)  # our clock: when what is shown last changed

    objects = TemplateQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "waba_id", "template_id"], name="one_row_per_template")
        ]
        indexes = [models.Index(fields=["workspace", "name", "language"], name="templates_by_name")]

    def __str__(self) -> str:
        return f"{self.name} ({self.language})"

    @property
    def is_gone(self) -> bool:
        return self.gone_at is not None and self.gone_at > self.seen_at

    @property
    def removed_at(self) -> datetime | None:
        return self.gone_at if self.is_gone else None


class TemplateSync(models.Model):
    """An account's listing: the last run, the last whole one, and whether another is wanted.

    `ok_at` is when the last whole listing began: what it shows is at least that fresh.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="template_syncs")
    waba_id = models.CharField(max_length=32)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    ok_at = models.DateTimeField(null=True)
    count = models.IntegerField(default=0)
    problem = models.TextField(blank=True, default="")
    next_step = models.TextField(blank=True, default="")
    wanted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "waba_id"], name="one_sync_per_account")]

    def __str__(self) -> str:
        return f"templates of {self.waba_id}"


class TemplateAct(models.Model):
    """Something a person did to a template: written before Meta is asked, so a form posted twice acts once.

    An act without outcome is on its way, or its process died; what became of it only a sync can tell.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="template_acts")
    waba_id = models.CharField(max_length=32)
    actor = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    form_token = models.UUIDField()
    kind = models.CharField(max_length=10, choices=[("create", "Create"), ("edit", "Edit"), ("delete", "Delete")])
    name = models.CharField(max_length=512)
    language = models.CharField(max_length=60, blank=True)  # "" for every language
    template_id = models.CharField(max_length=40, blank=True)
    status_before = models.CharField(max_length=60, blank=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=20, blank=True)  # accepted, refused, not sent, unconfirmed
    code = models.BigIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "form_token"], name="one_template_act_per_form")]
        indexes = [models.Index(fields=["workspace", "waba_id", "name", "started_at"], name="template_acts_by_name")]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"
