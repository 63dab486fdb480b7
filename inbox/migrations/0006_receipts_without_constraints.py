import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('inbox', '0005_formerconversation'),
    ]

    operations = [
        migrations.AlterField(
            model_name='receipt',
            name='connection',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='connections.connection'),
        ),
        migrations.AlterField(
            model_name='receipt',
            name='message',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='receipts', to='inbox.message'),
        ),
    ]
