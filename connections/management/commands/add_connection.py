"""Connect a WhatsApp number: non-interactive, for automation."""

from __future__ import annotations

import os
import secrets
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from connections.models import Connection, Environment, MetaApp
from connections.proving import prove
from workspaces.models import AuditEntry, Workspace


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

    def handle(self, *args: Any, **options: Any) -> None:
        workspace = Workspace.objects.filter(slug=options["workspace"]).first()
        if workspace is None:
            raise CommandError(f"There is no workspace at {options['workspace']}.")
        for name in ("app_id", "phone_number_id", "waba_id"):
            options[name] = options[name].strip()
            if not options[name].isdigit():
                raise CommandError(f"--{name.replace('_', '-')} is a number of Meta's, digits only.")
        app, connection = self._save(workspace, options)
        findings = prove(connection)
        for finding in findings:
            self.stdout.write(f"{'yes' if finding.is_good else 'NO '}  {finding.question} {finding.evidence}")
        self.stdout.write(f"Callback URL: {settings.PUBLIC_URL}/webhooks/meta/{app.public_id}/")
        self.stdout.write(f"Verify token: {app.verify_token}")
        if not all(finding.is_good for finding in findings):
            raise CommandError(
                "The number is saved as not ready: nothing is sent from it. Mend what says NO, and repeat."
            )

    @transaction.atomic
    def _save(self, workspace: Workspace, options: dict[str, Any]) -> tuple[MetaApp, Connection]:
        app_secret, access_token = _secret("APP_SECRET"), _secret("ACCESS_TOKEN")
        verify_token = os.environ.get("VERIFY_TOKEN") or secrets.token_urlsafe(24)
        app, is_new = MetaApp.objects.get_or_create(
            owner=workspace,
            app_id=options["app_id"],
            defaults={"name": f"App {options['app_id']}", "app_secret": app_secret, "verify_token": verify_token},
        )
        if not is_new:
            app.app_secret = app_secret
            app.save(update_fields=["app_secret"])
        connection, _ = Connection.objects.update_or_create(
            workspace=workspace,
            phone_number_id=options["phone_number_id"],
            defaults={
                "meta_app": app,
                "name": options["name"],
                "waba_id": options["waba_id"],
                "access_token": access_token,
                "environment": options["environment"],
            },
        )
        AuditEntry.objects.create(workspace=workspace, action="connection saved", target=connection.name)
        return app, connection


def _secret(name: str) -> str:
    value = os.environ.get(name) or sys.stdin.readline().strip()
    if not value:
        raise CommandError(f"{name} is missing: put it into the environment, or write it to standard input.")
    return value
