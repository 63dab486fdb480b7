from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("connections", "0002_message_templates")]

    operations = [
        migrations.AddField(
            model_name="whitelistentry",
            name="position",
            field=models.PositiveIntegerField(default=0, db_default=0, help_text="Its place in the list as written."),
        ),
    ]
