"""Meta apps, WhatsApp numbers and sandbox mode."""

from __future__ import annotations

import secrets

from django.db import models
from django.db.models import Q

from workspaces.models import User, Workspace

from .fields import EncryptedTextField
from .message_templates.models import MessageTemplate, TemplateAct, TemplateSync

__all__ = [
    "Connection",
    "Environment",
    "MessageTemplate",
    "MetaApp",
    "Sandbox",
    "TemplateAct",
    "TemplateSync",
    "WhitelistEntry",
]


def new_public_id() -> str:
    # Lower-case hex: a callback path with a plus sign or a capital has been mangled by proxies elsewhere.
    return secrets.token_hex(12)


class MetaApp(models.Model):
    """An app in Meta's dashboard: its secret signs the webhooks that arrive at /webhooks/meta/<public_id>/.

    A secret that was replaced stays good until `previous_secret_until` (see `app_secrets`). `checked_at` is when Graph
    took id and secret together; it is null while nobody knows. An app holds production and test numbers alike, so the
    only thing to know of its place is whether it is Meta's or the simulator's.
    """

    owner = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="meta_apps")
    name = models.CharField(max_length=120)
    app_id = models.CharField(max_length=32)
    is_simulated = models.BooleanField(default=False)
    app_secret = EncryptedTextField()
    previous_secret = EncryptedTextField(blank=True, default="")
    previous_secret_until = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True)
    verify_token = EncryptedTextField()
    verify_token_renewed_at = models.DateTimeField(null=True)
    public_id = models.CharField(max_length=32, unique=True, default=new_public_id, editable=False)
    handshake_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "app_id"], name="one_row_per_app_and_owner")]

    def __str__(self) -> str:
        return self.name


class AppShare(models.Model):
    """One app lent to one other workspace: offered by an owner of its own, and good once one of the other accepted.

    An offer names the other by its slug and nothing else, so that it looks the same whether such a workspace exists.
    """

    meta_app = models.ForeignKey(MetaApp, on_delete=models.CASCADE, related_name="shares")
    slug = models.SlugField()
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, null=True, related_name="borrowed_apps")
    offered_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["meta_app", "slug"], name="offered_once"),
            models.UniqueConstraint(fields=["meta_app", "workspace"], name="lent_once"),
            models.CheckConstraint(
                condition=Q(workspace__isnull=True, accepted_at__isnull=True)
                | Q(workspace__isnull=False, accepted_at__isnull=False),
                name="lent_to_whoever_accepted",
            ),
        ]

    def __str__(self) -> str:
        return f"app {self.meta_app_id} for {self.slug}"


class Environment(models.TextChoices):
    PRODUCTION = "production", "Production"
    TEST = "test", "Meta test number"
    SIMULATOR = "simulator", "Simulator"


class Connection(models.Model):
    """A WhatsApp number. Proven, it holds its Phone Number ID for itself; only a person pauses it.

    `revision` counts the changes of what Graph is asked about, so that an answer is never kept for other details than
    it was given for. When a token ends is what Meta said of it last; null where it never does, or is not known.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="connections")
    meta_app = models.ForeignKey(MetaApp, on_delete=models.PROTECT, related_name="connections")
    name = models.CharField(max_length=120)
    display_phone_number = models.CharField(max_length=32, blank=True)
    phone_number_id = models.CharField(max_length=32)
    waba_id = models.CharField(max_length=32)
    access_token = EncryptedTextField()
    environment = models.CharField(max_length=10, choices=Environment.choices)
    revision = models.IntegerField(default=0)
    token_ends_at = models.DateTimeField(null=True)
    data_access_ends_at = models.DateTimeField(null=True)
    proven_at = models.DateTimeField(null=True)
    paused_at = models.DateTimeField(null=True)
    paused_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["phone_number_id"], condition=Q(proven_at__isnull=False), name="a_proven_number_is_held_once"
            ),
            models.UniqueConstraint(fields=["workspace", "phone_number_id"], name="one_number_per_workspace"),
            models.CheckConstraint(condition=Q(environment__in=Environment.values), name="environment_is_known"),
        ]

    def __str__(self) -> str:
        return self.name


class ConnectionTest(models.Model):
    """What Graph answered when a connection was checked: `checks` as in checks.py. It changes nothing by itself.

    It says something of the details of its `revision` alone: with others by now, the number was not checked yet.
    """

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="tests")
    revision = models.IntegerField(default=0)
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    checks = models.JSONField(default=list)
    is_good = models.BooleanField()

    class Meta:
        indexes = [models.Index(fields=["connection", "-at"], name="connection_tests_by_time")]

    def __str__(self) -> str:
        return f"test of {self.connection_id}"


class NewToken(models.Model):
    """A token that is to replace a connection's own, which stays in use until this one is proven."""

    connection = models.OneToOneField(Connection, on_delete=models.CASCADE, related_name="new_token", primary_key=True)
    access_token = EncryptedTextField()
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    checks = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"new token of {self.connection_id}"


class Sandbox(models.Model):
    """Sandbox mode of a workspace. While it is on, only people on the whitelist can be sent anything."""

    workspace = models.OneToOneField(Workspace, on_delete=models.CASCADE, related_name="sandbox", primary_key=True)
    is_on = models.BooleanField(default=True)

    def __str__(self) -> str:
        return f"sandbox {'on' if self.is_on else 'off'}"


class WhitelistEntry(models.Model):
    """A person who may be sent messages in sandbox mode. `value`: digits of an E.164 number, or a BSUID."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="whitelist")
    kind = models.CharField(max_length=12, choices=[("phone", "Phone"), ("bsuid", "BSUID")])
    value = models.CharField(max_length=140)
    position = models.PositiveIntegerField(default=0, db_default=0, help_text="Its place in the list as written.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "kind", "value"], name="whitelisted_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
