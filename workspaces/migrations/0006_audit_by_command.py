from django.db import migrations, models

GUARD = """
DROP TRIGGER audit_is_append_only ON workspaces_auditentry;
CREATE TRIGGER audit_is_append_only
    BEFORE UPDATE OF workspace_id, action, target, before, after, created_at, subject_kind, subject_id, version,
    by_command ON workspaces_auditentry FOR EACH ROW EXECUTE FUNCTION workspaces_refuse_rewriting();
"""
NO_GUARD = """
DROP TRIGGER audit_is_append_only ON workspaces_auditentry;
CREATE TRIGGER audit_is_append_only
    BEFORE UPDATE OF workspace_id, action, target, before, after, created_at, subject_kind, subject_id, version
    ON workspaces_auditentry FOR EACH ROW EXECUTE FUNCTION workspaces_refuse_rewriting();
"""


class Migration(migrations.Migration):
    dependencies = [("workspaces", "0005_change_markers_by_subject")]
    operations = [
        migrations.AddField(model_name="auditentry", name="by_command", field=models.BooleanField(null=True)),
        migrations.RunSQL(GUARD, NO_GUARD),
    ]
