from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('inbox', '0009_conversations_keep_their_environment'),
    ]

    operations = [
        migrations.AddField(
            model_name='conversation',
            name='thinned',
            field=models.BigIntegerField(null=True),
        ),
    ]
