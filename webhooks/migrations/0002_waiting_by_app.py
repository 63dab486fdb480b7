from django.db import migrations, models

from ._daily import builder, dropper

NAME = "events_waiting_by_app"
build = builder(NAME, "waiting_by_app", "(meta_app_id, received_at) WHERE state = 'waiting'")


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('webhooks', '0001_initial'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(build, dropper(NAME))],
            state_operations=[
                migrations.AddIndex(
                    model_name='webhookevent',
                    index=models.Index(condition=models.Q(('state', 'waiting')), fields=['meta_app', 'received_at'], name='events_waiting_by_app'),
                ),
            ],
        ),
    ]
