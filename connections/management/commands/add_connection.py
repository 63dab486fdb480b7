"""Connect a WhatsApp number: non-interactive, for automation."""

from __future__ import annotations

import os
import secrets
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from connections.fields import UndecryptableSecretError
from connections.models import Connection, Environment, MetaApp
from connections.proving import callback_url, prove
from workspaces import audit
from workspaces.models import Workspace


class Command(BaseCommand):
    help = (
        "Connect a number. Secrets come from the environment (APP_SECRET, ACCESS_TOKEN, optionally VERIFY_TOKEN), "
        "or else from standard input, a line each in that order."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--workspace", required=True, help="Its slug.")
        parser.add_argument("--name", required=True, help="What members call the number.")
        parser.add_argument("--app-id", required=True)
        parser.add_argument("--phone-number-id", required=True)
        parser.add_argument("--waba-id", required=True)
        parser.add_argument("--environment", required=True, choices=Environment.values)
        parser.add_argument(
            "--subscribe", action="store_true", help="Subscribe the app to the account's events, if it is not yet."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        workspace = Workspace.objects.filter(slug=options["workspace"]).first()
        if workspace is None:
            raise CommandError(f"There is no workspace at {options['workspace']}.")
        for name in ("app_id", "phone_number_id", "waba_id"):
            options[name] = options[name].strip()
            if not options[name].isdigit():
                raise CommandError(f"--{name.replace('_', '-')} is a number of Meta's, digits only.")
        app, connection = self._described(workspace, options)
        works_already = connection.proven_at is not None
        if not works_already:
            self._save(app, connection, with_app=not _others_receive_by(app, connection))
        findings = prove(connection, subscribe=options["subscribe"])
        is_good = all(finding.is_good for finding in findings)
        for finding in findings:
            self.stdout.write(f"{'yes' if finding.is_good else 'NO '}  {finding.question} {finding.evidence}")
        if works_already and not is_good:
            raise CommandError("Nothing was changed: the number works on as it was. Mend what says NO, and repeat.")
        if works_already:
            self._save(app, connection, with_app=True)
        elif is_good:
            _save_app(app)
        self.stdout.write(f"Callback URL: {callback_url(app)}")
        self.stdout.write(f"Verify token: {app.verify_token}")
        if not is_good:
            raise CommandError(
                "The number is saved as not ready: nothing is sent from it. Mend what says NO, and repeat."
            )

    def _described(self, workspace: Workspace, options: dict[str, Any]) -> tuple[MetaApp, Connection]:
        """The app and the number as the options describe them, not saved yet.

        Their stored secrets are not read: after FIELD_KEYS was lost, this is how they are given again.
        """
        known = MetaApp.objects.filter(owner=workspace, app_id=options["app_id"]).defer("app_secret", "verify_token")
        app = known.first() or MetaApp(owner=workspace, app_id=options["app_id"], name=f"App {options['app_id']}")
        app.app_secret, app.verify_token = _secret("APP_SECRET"), _verify_token(app)
        numbers = Connection.objects.filter(workspace=workspace, phone_number_id=options["phone_number_id"])
        connection = numbers.defer("access_token").first()
        connection = connection or Connection(workspace=workspace, phone_number_id=options["phone_number_id"])
        for name in ("name", "waba_id", "environment"):
            setattr(connection, name, options[name])
        connection.access_token = _secret("ACCESS_TOKEN")
        connection.meta_app = app
        return app, connection

    @transaction.atomic
    def _save(self, app: MetaApp, connection: Connection, *, with_app: bool) -> None:
        if with_app:
            _save_app(app)
        connection.meta_app = app  # which has an id by now
        described = ["meta_app", "name", "waba_id", "environment", "access_token"]
        connection.save(update_fields=described if connection.pk else None)
        audit.record(connection.workspace_id, None, audit.Action.CONNECTION_SAVED, connection.name, about=connection.pk)


def _others_receive_by(app: MetaApp, connection: Connection) -> bool:
    """Whether another number receives by this app: its secret may then be replaced only by one that is proven (P11)."""
    proven = Connection.objects.filter(meta_app_id=app.pk, proven_at__isnull=False)
    return proven.exclude(pk=connection.pk).exists()


def _save_app(app: MetaApp) -> None:
    app.save(update_fields=["app_secret", "verify_token"] if app.pk else None)


def _secret(name: str) -> str:
    value = os.environ.get(name) or sys.stdin.readline().strip()
    if not value:
        raise CommandError(f"{name} is missing: put it into the environment, or write it to standard input.")
    return value


def _verify_token(app: MetaApp) -> str:
    """The app's own, which Meta's dashboard knows; a new one for a new app, or where its own cannot be read."""
    try:
        kept = app.verify_token
    except UndecryptableSecretError:
        kept = ""
    return kept or os.environ.get("VERIFY_TOKEN") or secrets.token_urlsafe(24)
