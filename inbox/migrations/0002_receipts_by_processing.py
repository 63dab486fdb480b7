import django.contrib.postgres.operations
from django.db import migrations, models

# Concurrently, so that receipts are kept meanwhile. Begun again after an interruption, it drops what was half made.


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('inbox', '0001_initial'),
    ]

    operations = [
        django.contrib.postgres.operations.RemoveIndexConcurrently(
            model_name='receipt',
            name='receipts_unmatched',
        ),
        django.contrib.postgres.operations.AddIndexConcurrently(
            model_name='receipt',
            index=models.Index(condition=models.Q(('message__isnull', True)), fields=['processed_at'], name='receipts_unmatched'),
        ),
    ]
