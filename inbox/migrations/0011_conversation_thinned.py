from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('inbox', '0010_attempts_by_outcome'),
    ]

    operations = [
        migrations.AddField(
            model_name='conversation',
            name='thinned',
            field=models.BigIntegerField(null=True),
        ),
    ]
