from django.db import migrations

# A line goes only with its workspace, so whether it may is known at the end of the transaction; a line names who did
# it, or nobody once that account is deleted, and never somebody else.
GUARD = """
CREATE FUNCTION workspaces_refuse_removal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM workspaces_workspace WHERE id = OLD.workspace_id) THEN
        RAISE EXCEPTION 'the audit trail is append-only' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER audit_is_kept AFTER DELETE ON workspaces_auditentry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION workspaces_refuse_removal();

CREATE FUNCTION workspaces_refuse_emptying() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM workspaces_workspace) THEN
        RAISE EXCEPTION 'the audit trail is append-only' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER audit_is_not_emptied AFTER TRUNCATE ON workspaces_auditentry
    FOR EACH STATEMENT EXECUTE FUNCTION workspaces_refuse_emptying();

CREATE TRIGGER audit_keeps_its_actor BEFORE UPDATE OF id, actor_id ON workspaces_auditentry FOR EACH ROW
    WHEN (NEW.id <> OLD.id OR NEW.actor_id IS NOT NULL AND NEW.actor_id IS DISTINCT FROM OLD.actor_id)
    EXECUTE FUNCTION workspaces_refuse_rewriting();
"""
NO_GUARD = """
DROP TRIGGER audit_keeps_its_actor ON workspaces_auditentry;
DROP TRIGGER audit_is_not_emptied ON workspaces_auditentry;
DROP FUNCTION workspaces_refuse_emptying();
DROP TRIGGER audit_is_kept ON workspaces_auditentry;
DROP FUNCTION workspaces_refuse_removal();
"""


class Migration(migrations.Migration):
    dependencies = [("workspaces", "0002_audit_trail_is_never_rewritten")]
    operations = [migrations.RunSQL(GUARD, NO_GUARD)]
