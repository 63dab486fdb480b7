from django.db import migrations, models

PARTITIONS = """
SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'webhooks_webhookevent'::regclass ORDER BY 1
"""
INDEX = "(meta_app_id, received_at) WHERE state = 'waiting'"


def build(apps, schema_editor):
    """Day by day and concurrently, so that the door stays open; a day that was begun and not finished begins again."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(f"CREATE INDEX IF NOT EXISTS events_waiting_by_app ON ONLY webhooks_webhookevent {INDEX}")
        cursor.execute(PARTITIONS)
        for (day,) in cursor.fetchall():
            name = f"{day}_waiting_by_app"
            cursor.execute("SELECT 1 FROM pg_index WHERE indexrelid = to_regclass(%s) AND indisvalid", [name])
            if not cursor.fetchone():
                cursor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
                cursor.execute(f"CREATE INDEX CONCURRENTLY {name} ON {day} {INDEX}")
            cursor.execute(f"ALTER INDEX events_waiting_by_app ATTACH PARTITION {name}")


def drop(apps, schema_editor):
    schema_editor.execute("DROP INDEX events_waiting_by_app")


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('webhooks', '0001_initial'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(build, drop)],
            state_operations=[
                migrations.AddIndex(
                    model_name='webhookevent',
                    index=models.Index(condition=models.Q(('state', 'waiting')), fields=['meta_app', 'received_at'], name='events_waiting_by_app'),
                ),
            ],
        ),
    ]
