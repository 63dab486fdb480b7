from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Apart, and without a transaction: the indexes are built while the trail is written."""

    atomic = False
    dependencies = [("workspaces", "0006_audit_by_command")]
    operations = [
        AddIndexConcurrently(
            "auditentry", models.Index(fields=["workspace", "actor", "-created_at"], name="audit_by_actor")
        ),
        AddIndexConcurrently(
            "auditentry", models.Index(fields=["workspace", "action", "-created_at"], name="audit_by_action")
        ),
    ]
