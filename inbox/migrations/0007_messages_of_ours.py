import django.contrib.postgres.operations
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('inbox', '0006_receipts_without_constraints'),
    ]

    operations = [
        django.contrib.postgres.operations.AddIndexConcurrently(
            model_name='message',
            index=models.Index(
                fields=['conversation', '-placed_at', '-arrival', '-id'],
                condition=models.Q(direction='out'),
                name='messages_of_ours_in_order',
            ),
        ),
    ]
