import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("optouts", "0002_import_and_api"), ("workspaces", "0001_initial")]
    operations = [
        migrations.CreateModel(
            name="OwnWord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("plain", models.CharField(help_text="The word as it is compared; see keywords.normalise.", max_length=200)),
                ("written", models.CharField(max_length=100)),
                (
                    "meaning",
                    models.CharField(
                        choices=[
                            ("stop", "Opts out of all messages"),
                            ("marketing", "Opts out of marketing"),
                            ("start", "Opts in again"),
                            ("none", "Says nothing"),
                        ],
                        max_length=9,
                    ),
                ),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField(null=True)),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="opt_out_words",
                        to="workspaces.workspace",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("until__isnull", True)),
                        fields=("workspace", "plain"),
                        name="a_word_has_one_meaning_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("meaning__in", ["stop", "marketing", "start", "none"])),
                        name="meaning_is_known",
                    ),
                ],
            },
        ),
    ]
