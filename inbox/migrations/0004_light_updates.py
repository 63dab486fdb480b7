import django.contrib.postgres.operations
from django.db import migrations

# A receipt changes the version and the word of a message and the version of its conversation. While no index holds
# these, and a page has room for the new row, no index is written (a HOT update). Takes effect page by page.
ROOM = {
    'inbox_message': 85,
    'inbox_conversation': 85,
}


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('inbox', '0003_heartbeat'),
    ]

    operations = [
        django.contrib.postgres.operations.RemoveIndexConcurrently(
            model_name='message',
            name='messages_by_version',
        ),
        django.contrib.postgres.operations.RemoveIndexConcurrently(
            model_name='message',
            name='messages_owed',
        ),
        *(
            migrations.RunSQL(
                f'ALTER TABLE {table} SET (fillfactor = {percent})', f'ALTER TABLE {table} RESET (fillfactor)'
            )
            for table, percent in ROOM.items()
        ),
    ]
