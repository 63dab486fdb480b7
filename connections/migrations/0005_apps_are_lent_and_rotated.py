import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

import connections.fields

# Ending a share takes its row first, so that a number which arrives meanwhile either is seen or finds no share.
GUARD = """
CREATE FUNCTION connections_require_an_app_at_hand() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM connections_metaapp WHERE id = NEW.meta_app_id AND owner_id = NEW.workspace_id;
    IF FOUND THEN
        RETURN NEW;
    END IF;
    PERFORM 1 FROM connections_appshare
        WHERE meta_app_id = NEW.meta_app_id AND workspace_id = NEW.workspace_id FOR KEY SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the Meta app is neither of this workspace nor lent to it'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'app_is_own_or_lent';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER app_is_own_or_lent BEFORE INSERT OR UPDATE OF workspace_id, meta_app_id ON connections_connection
    FOR EACH ROW EXECUTE FUNCTION connections_require_an_app_at_hand();
"""
NO_GUARD = """
DROP TRIGGER app_is_own_or_lent ON connections_connection;
DROP FUNCTION connections_require_an_app_at_hand();
"""
# What earlier versions knew only by the numbers: where an app is, and that its secret was proven with one of them.
KNOWN = """
UPDATE connections_metaapp app SET
    is_simulated = COALESCE((SELECT bool_and(environment = 'simulator')
                             FROM connections_connection WHERE meta_app_id = app.id), false),
    checked_at = (SELECT max(proven_at) FROM connections_connection WHERE meta_app_id = app.id)
"""


class Migration(migrations.Migration):
    dependencies = [("connections", "0004_connection_tests")]
    operations = [
        migrations.AddField("metaapp", "is_simulated", models.BooleanField(default=False)),
        migrations.AddField(
            "metaapp", "previous_secret", connections.fields.EncryptedTextField(blank=True, default="")
        ),
        migrations.AddField("metaapp", "previous_secret_until", models.DateTimeField(null=True)),
        migrations.AddField("metaapp", "checked_at", models.DateTimeField(null=True)),
        migrations.AddField("metaapp", "verify_token_renewed_at", models.DateTimeField(null=True)),
        migrations.CreateModel(
            name="AppShare",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("slug", models.SlugField()),
                ("offered_at", models.DateTimeField()),
                ("accepted_at", models.DateTimeField(null=True)),
                (
                    "meta_app",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="shares", to="connections.metaapp"
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="borrowed_apps",
                        to="workspaces.workspace",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=["meta_app", "slug"], name="offered_once"),
                    models.UniqueConstraint(fields=["meta_app", "workspace"], name="lent_once"),
                    models.CheckConstraint(
                        condition=Q(workspace__isnull=True, accepted_at__isnull=True)
                        | Q(workspace__isnull=False, accepted_at__isnull=False),
                        name="lent_to_whoever_accepted",
                    ),
                ],
            },
        ),
        migrations.RunSQL(KNOWN, migrations.RunSQL.noop),
        migrations.RunSQL(GUARD, NO_GUARD),
    ]
