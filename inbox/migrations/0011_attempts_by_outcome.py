from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Without a transaction: the indexes are built while messages are sent."""

    atomic = False
    dependencies = [("inbox", "0010_conversation_thinned")]
    operations = [
        AddIndexConcurrently(
            "sendattempt",
            models.Index(
                fields=["connection", "started_at"],
                condition=models.Q(wamid__isnull=False),
                name="attempts_accepted",
            ),
        ),
        AddIndexConcurrently(
            "sendattempt",
            models.Index(
                fields=["connection", "started_at"],
                condition=models.Q(outcome="refused"),
                name="attempts_refused",
            ),
        ),
    ]
