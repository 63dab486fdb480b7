from django.db import migrations, models

# Columns with a constant default (or none) touch no row, and what is written once stays as it was written.
GUARD = """
DROP TRIGGER audit_is_append_only ON workspaces_auditentry;
CREATE TRIGGER audit_is_append_only
    BEFORE UPDATE OF workspace_id, action, target, before, after, created_at, subject_kind, subject_id, version
    ON workspaces_auditentry FOR EACH ROW EXECUTE FUNCTION workspaces_refuse_rewriting();
"""
NO_GUARD = """
DROP TRIGGER audit_is_append_only ON workspaces_auditentry;
CREATE TRIGGER audit_is_append_only
    BEFORE UPDATE OF workspace_id, action, target, before, after, created_at ON workspaces_auditentry
    FOR EACH ROW EXECUTE FUNCTION workspaces_refuse_rewriting();
"""


class Migration(migrations.Migration):
    dependencies = [("workspaces", "0003_audit_trail_is_kept")]
    operations = [
        migrations.AddField(
            model_name="auditentry",
            name="subject_kind",
            field=models.CharField(blank=True, db_default="", default="", max_length=12),
        ),
        migrations.AddField(
            model_name="auditentry",
            name="subject_id",
            field=models.CharField(blank=True, db_default="", default="", max_length=32),
        ),
        migrations.AddField(model_name="auditentry", name="version", field=models.BigIntegerField(null=True)),
        migrations.AddField(
            model_name="workspaceclock", name="marked_version", field=models.BigIntegerField(db_default=0, default=0)
        ),
        migrations.RunSQL(GUARD, NO_GUARD),
    ]
