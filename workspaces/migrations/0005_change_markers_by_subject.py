from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Apart, and without a transaction: the index is built while the trail is written."""

    atomic = False
    dependencies = [("workspaces", "0004_change_markers")]
    operations = [
        AddIndexConcurrently(
            "auditentry",
            models.Index(
                fields=["workspace", "subject_kind", "subject_id", "created_at"],
                condition=models.Q(version__isnull=False),
                name="audit_markers",
            ),
        ),
    ]
