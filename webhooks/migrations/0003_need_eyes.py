from django.db import migrations, models

from ._daily import builder, dropper

NAME = "events_that_need_eyes"
build = builder(NAME, "need_eyes", "(meta_app_id, id) WHERE NOT (problem = '' AND orphans = '{}')")


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('webhooks', '0002_waiting_by_app'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(build, dropper(NAME))],
            state_operations=[
                migrations.AddIndex(
                    model_name='webhookevent',
                    index=models.Index(condition=models.Q(('orphans', []), ('problem', ''), _negated=True), fields=['meta_app', 'id'], name='events_that_need_eyes'),
                ),
            ],
        ),
    ]
