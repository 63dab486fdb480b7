"""Who belongs where: people, workspaces, roles, the audit trail, and each workspace's clock."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils import timezone


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in, by e-mail address. What they may do is a matter of their memberships."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def initials(self) -> str:
        words = (self.name or self.email).split()
        return "".join(word[0] for word in words[:2]).upper()


class Role(models.TextChoices):
    OWNER = "owner", "Owner"
    ADMIN = "admin", "Admin"
    OPS = "ops", "Ops"
    AGENT = "agent", "Agent"


class Workspace(models.Model):
    """One business. Everything a member sees hangs off the workspace they reached it through."""

    name = models.CharField(max_length=120)
    slug = models.SlugField(unique=True)
    country = models.CharField(max_length=2, default="ID", help_text="ISO 3166; how local phone numbers are read.")
    needs_second_factor = models.BooleanField(default=False, help_text="Nothing opens to a member who has none.")
    created_at = models.DateTimeField(auto_now_add=True)
    members = models.ManyToManyField(User, through="Membership", related_name="workspaces")

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role.choices)
    created_at = models.DateTimeField(auto_now_add=True)
    is_kept_out = False  # until they set up the second factor that the workspace asks for; see `doorway`

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "user"], name="one_membership_per_person"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="membership_role_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.workspace_id} as {self.role}"


class Invitation(models.Model):
    """Somebody asked to join, by e-mail. Open until it is accepted or withdrawn; its link works until it expires.

    The link's token is not kept, only its digest: whoever reads the database joins nothing. `not_sent` says why the
    last e-mail did not leave, where it did not.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField()
    role = models.CharField(max_length=10, choices=Role.choices)
    digest = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    not_sent = models.CharField(max_length=300, blank=True)
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "email"],
                condition=models.Q(accepted_at__isnull=True, withdrawn_at__isnull=True),
                name="one_open_invitation_per_address",
            ),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="invitation_role_is_known"),
        ]

    def __str__(self) -> str:
        return f"invitation {self.pk} to {self.workspace_id}"

    @property
    def is_expired(self) -> bool:
        return self.expires_at <= timezone.now()


class WorkspaceClock(models.Model):
    """The workspace's version: one row, raised by the last statement of each transaction that changes a screen.

    The row lock is held until commit, so versions follow commit order: whoever has seen N has seen all before N.
    `marked_version` is that of the newest change marker (workspaces/audit.py).
    """

    workspace = models.OneToOneField(Workspace, on_delete=models.CASCADE, related_name="clock", primary_key=True)
    version = models.BigIntegerField(default=0)
    marked_version = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(version__gte=0), name="clock_counts_up")]

    def __str__(self) -> str:
        return f"{self.workspace_id} at {self.version}"


class AuditEntry(models.Model):
    """What a person (or a command, then `actor` is null) changed: append-only. Written by workspaces/audit.py.

    A change marker has the workspace's `version` it raised, and names by kind and id what it is about, which may be
    of an app that this one knows nothing of. `by_command` tells a command from somebody whose account is gone.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="audit_entries")
    actor = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    action = models.CharField(max_length=60)
    target = models.CharField(max_length=200)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
    subject_kind = models.CharField(max_length=12, blank=True, default="", db_default="")
    subject_id = models.CharField(max_length=32, blank=True, default="", db_default="")
    version = models.BigIntegerField(null=True)
    by_command = models.BooleanField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "-created_at"], name="audit_by_time"),
            models.Index(fields=["workspace", "actor", "-created_at"], name="audit_by_actor"),
            models.Index(fields=["workspace", "action", "-created_at"], name="audit_by_action"),
            models.Index(
                fields=["workspace", "subject_kind", "subject_id", "created_at"],
                condition=models.Q(version__isnull=False),
                name="audit_markers",
            ),
            # For a poll, which asks for what is newer than a version.
            models.Index(
                fields=["workspace", "subject_kind", "subject_id", "version"],
                condition=models.Q(version__isnull=False),
                name="audit_markers_by_version",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.target}"
