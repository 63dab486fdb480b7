from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('inbox', '0001_initial'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='receipt',
            name='receipts_unmatched',
        ),
        migrations.AddIndex(
            model_name='receipt',
            index=models.Index(condition=models.Q(('message__isnull', True)), fields=['processed_at'], name='receipts_unmatched'),
        ),
    ]
