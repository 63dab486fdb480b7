from django.db import migrations, models

# What was told with a status so far was told of that status.
KNOWN = """
UPDATE connections_messagetemplate
SET details_at = status_at, status_details = status_details || jsonb_build_object('of', status)
WHERE status_details <> '{}'
"""


class Migration(migrations.Migration):
    dependencies = [("connections", "0006_tests_of_a_revision")]
    operations = [
        migrations.AddField("messagetemplate", "details_at", models.DateTimeField(null=True)),
        migrations.RunSQL(KNOWN, migrations.RunSQL.noop),
    ]
