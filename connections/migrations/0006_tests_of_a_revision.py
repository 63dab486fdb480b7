from django.db import migrations, models

# What was found so far is about the details that stand, as no answer was ever kept for others.
KNOWN = """
UPDATE connections_connectiontest test SET revision = connection.revision
FROM connections_connection connection WHERE connection.id = test.connection_id
"""


class Migration(migrations.Migration):
    dependencies = [("connections", "0005_apps_are_lent_and_rotated")]
    operations = [
        migrations.AddField("connectiontest", "revision", models.IntegerField(default=0)),
        migrations.RunSQL(KNOWN, migrations.RunSQL.noop),
    ]
