from django.db import migrations

# A message and its conversation change a few times soon after they were written: accepted, sent, delivered, read. With
# room left on the page, such a change need not touch ten indexes. Only pages that are filled from now on leave it.
ROOM = """
ALTER TABLE inbox_message SET (fillfactor = 80);
ALTER TABLE inbox_conversation SET (fillfactor = 80);
"""
NO_ROOM = """
ALTER TABLE inbox_message RESET (fillfactor);
ALTER TABLE inbox_conversation RESET (fillfactor);
"""


class Migration(migrations.Migration):

    dependencies = [
        ('inbox', '0007_messages_of_ours'),
    ]

    operations = [migrations.RunSQL(ROOM, NO_ROOM)]
