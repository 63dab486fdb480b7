from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Without a transaction: the indexes are built while messages arrive."""

    atomic = False
    dependencies = [("optouts", "0001_initial")]
    operations = [
        migrations.AlterField(
            "consentevent",
            "source",
            models.CharField(
                choices=[
                    ("words", "The customer's words"),
                    ("button", "A button"),
                    ("preference", "WhatsApp preferences"),
                    ("refusal", "Meta's refusal 131050"),
                    ("person", "A member"),
                    ("import", "An import"),
                    ("api", "The API"),
                ],
                max_length=10,
            ),
        ),
        AddIndexConcurrently("consentevent", models.Index(fields=["workspace", "value"], name="consent_by_value")),
        AddIndexConcurrently(
            "consentevent",
            models.Index(
                fields=["workspace", "-provider_at", "-id"],
                condition=models.Q(direction="out"),
                name="opt_outs_by_time",
            ),
        ),
        # The inbox uses it too: whoever goes back leaves it.
        migrations.RunSQL("CREATE EXTENSION IF NOT EXISTS pg_trgm", migrations.RunSQL.noop),
        AddIndexConcurrently("consentevent", GinIndex(OpClass("value", "gin_trgm_ops"), name="consent_by_part")),
    ]
