"""A conversation never changes its environment: its connection's is fixed from its first conversation on."""

from django.db import migrations

# The lock waits for a drain that is about to open a conversation (it holds its numbers FOR KEY SHARE, see inbox/drain.py),
# and the look after it sees what that committed.
KEEP = """
CREATE FUNCTION inbox_keep_environment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM connections_connection WHERE id = OLD.id FOR UPDATE;
    IF EXISTS (SELECT 1 FROM inbox_conversation WHERE connection_id = OLD.id) THEN
        RAISE EXCEPTION 'connection % has conversations: its environment stays', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_conversation_keeps_its_environment';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER a_conversation_keeps_its_environment BEFORE UPDATE OF environment ON connections_connection
FOR EACH ROW WHEN (OLD.environment IS DISTINCT FROM NEW.environment) EXECUTE FUNCTION inbox_keep_environment();
"""
LET = """
DROP TRIGGER a_conversation_keeps_its_environment ON connections_connection;
DROP FUNCTION inbox_keep_environment();
"""


class Migration(migrations.Migration):
    dependencies = [("inbox", "0008_room_on_pages")]

    operations = [migrations.RunSQL(KEEP, LET)]
