from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Apart, and without a transaction: the index is built while the trail is written."""

    atomic = False
    dependencies = [("workspaces", "0008_invitations_and_second_factor")]
    operations = [
        AddIndexConcurrently(
            "auditentry",
            models.Index(
                fields=["workspace", "subject_kind", "subject_id", "version"],
                condition=models.Q(version__isnull=False),
                name="audit_markers_by_version",
            ),
        ),
    ]
