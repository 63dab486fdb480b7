from django.db import migrations

# Only the actor may change: to nobody, when the account is deleted.
GUARD = """
CREATE FUNCTION workspaces_refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is append-only' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER audit_is_append_only
    BEFORE UPDATE OF workspace_id, action, target, before, after, created_at ON workspaces_auditentry
    FOR EACH ROW EXECUTE FUNCTION workspaces_refuse_rewriting();
"""
NO_GUARD = """
DROP TRIGGER audit_is_append_only ON workspaces_auditentry;
DROP FUNCTION workspaces_refuse_rewriting();
"""


class Migration(migrations.Migration):
    dependencies = [("workspaces", "0001_initial")]
    operations = [migrations.RunSQL(GUARD, NO_GUARD)]
