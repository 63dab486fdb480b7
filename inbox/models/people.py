"""People, and the ways Meta names them."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper

from workspaces.models import Workspace


class Contact(models.Model):
    """A person. Name and username are those with the greatest (provider time, wamid), never the last to arrive."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="contacts")
    name = models.CharField(max_length=200, blank=True)
    name_at = models.DateTimeField(null=True)
    name_wamid = models.CharField(max_length=512, blank=True)
    username = models.CharField(max_length=120, blank=True)
    username_at = models.DateTimeField(null=True)
    username_wamid = models.CharField(max_length=512, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            GinIndex(OpClass(Upper("name"), "gin_trgm_ops"), name="contacts_by_name"),
            GinIndex(OpClass(Upper("username"), "gin_trgm_ops"), name="contacts_by_username"),
        ]

    def __str__(self) -> str:
        return f"contact {self.pk}"


class Identity(models.Model):
    """One way to name a person: a phone (digits), a BSUID, or a parent BSUID.

    `contact` is who holds it now; it is null only inside the transaction that first sees it. `is_shared` marks a
    phone that two people have held, one after the other: then the time of a message decides whose it is.
    """

    class Kind(models.TextChoices):
        PHONE = "phone", "Phone"
        BSUID = "bsuid", "Business-scoped user id"
        PARENT = "parent", "Parent BSUID"

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="identities")
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, null=True, related_name="identities")
    kind = models.CharField(max_length=6, choices=Kind.choices)
    value = models.CharField(max_length=140)
    is_shared = models.BooleanField(default=False)
    retired_at = models.DateTimeField(null=True, help_text="When Meta said that the person has left it.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "kind", "value"], name="an_identity_is_one_row"),
            models.CheckConstraint(condition=Q(kind__in=["phone", "bsuid", "parent"]), name="identity_kind_is_known"),
        ]
        indexes = [GinIndex(OpClass("value", "gin_trgm_ops"), name="identities_by_part")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Sighting(models.Model):
    """A phone and a BSUID seen together, and when first (provider time). Whose a phone was when follows from these."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    phone = models.CharField(max_length=140)
    bsuid = models.CharField(max_length=140)
    first_at = models.DateTimeField()
    wamid = models.CharField(max_length=512)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "phone", "bsuid"], name="one_row_per_pair_seen")]
        indexes = [models.Index(fields=["workspace", "bsuid"], name="sightings_by_bsuid")]

    def __str__(self) -> str:
        return f"sighting {self.pk}"


class IdentityLink(models.Model):
    """Meta's word that two identities are one person: a number or a BSUID was replaced, or a parent BSUID named."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    from_kind = models.CharField(max_length=6)
    from_value = models.CharField(max_length=140)
    to_kind = models.CharField(max_length=6)
    to_value = models.CharField(max_length=140)
    replaces = models.BooleanField(default=True)
    at = models.DateTimeField()
    wamid = models.CharField(max_length=512)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "from_kind", "from_value", "to_kind", "to_value"], name="one_row_per_link"
            )
        ]
        indexes = [models.Index(fields=["workspace", "to_kind", "to_value"], name="links_by_target")]

    def __str__(self) -> str:
        return f"link {self.pk}"
