"""Connect a WhatsApp number: non-interactive, for automation."""

from __future__ import annotations

import json
import os
import secrets
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import IntegrityError, transaction
from django.utils import timezone

from connections import connecting, meta_apps, proving
from connections.fields import UndecryptableSecretError, readable
from connections.meta_apps import Described
from connections.models import Connection, Environment, MetaApp
from connections.number_forms import CLEAN_ID
from connections.proving import Examination, callback_url
from workspaces import audit
from workspaces.models import Workspace

NOT_READY, UNCHANGED = 3, 4  # exit statuses


class Command(BaseCommand):
    help = (
        "Connect a number. Secrets come from the environment (APP_SECRET, ACCESS_TOKEN, optionally VERIFY_TOKEN), "
        "or else from standard input, a line each in that order. Exit status: 0 the number is ready, 1 nothing was "
        "saved, 3 it is saved as not ready, 4 it works on as it was."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--workspace", required=True, help="Its slug.")
        parser.add_argument("--name", required=True, help="What members call the number.")
        parser.add_argument("--app-id", required=True)
        parser.add_argument("--app-name", help="What members call the Meta app; else it is called as the workspace.")
        parser.add_argument("--phone-number-id", required=True)
        parser.add_argument("--waba-id", required=True)
        parser.add_argument("--environment", required=True, choices=Environment.values)
        parser.add_argument(
            "--subscribe", action="store_true", help="Subscribe the app to the account's events, if it is not yet."
        )
        parser.add_argument(
            "--set-callback",
            action="store_true",
            help="Enter our callback for the app at Meta, if it has another or none. Meta calls it at once.",
        )
        parser.add_argument("--json", action="store_true", help="Say it all as one line of JSON, for programs.")

    def handle(self, *args: Any, **options: Any) -> None:
        workspace = Workspace.objects.filter(slug=options["workspace"]).first()
        if workspace is None:
            raise CommandError(f"There is no workspace at {options['workspace']}.")
        for name in ("app_id", "phone_number_id", "waba_id"):
            options[name] = CLEAN_ID.sub("", options[name])
            if not (options[name].isascii() and options[name].isdigit()):
                raise CommandError(f"--{name.replace('_', '-')} is a number of Meta's, digits only.")
        app, connection = self._described(workspace, options)
        works_already = connection.proven_at is not None
        if not works_already:
            self._save(app, connection, with_app=not _others_receive_by(app, connection))
        found = proving.mended(connection, subscription=options["subscribe"], callback=options["set_callback"])
        if found.is_good and works_already:
            self._save(app, connection, with_app=True, is_proven=True)
        elif found.is_good:
            _save_app(app, is_proven=True)
        if found.is_good or not works_already:
            found = proving.keep(connection, found, anew=True)
        self._tell(app, connection, found, as_json=options["json"])
        if not found.is_good and works_already:
            words = "Nothing was changed: the number works on as it was. Mend what says NO, and repeat."
            raise CommandError(words, returncode=UNCHANGED)
        if not found.is_good:
            words = "The number is saved as not ready: nothing is sent from it. Mend what says NO, and repeat."
            raise CommandError(words, returncode=NOT_READY)

    def _tell(self, app: MetaApp, connection: Connection, found: Examination, *, as_json: bool) -> None:
        if as_json:
            told = {
                "connection": connection.pk,
                "ready": found.is_good,
                "checks": [one.as_json() for one in found.checks],
                "callback_url": callback_url(app),
                "verify_token": app.verify_token,
            }
            self.stdout.write(json.dumps(told))
            return
        marks = {"good": "yes", "bad": "NO ", "not known": "?  "}
        for one in found.checks:
            self.stdout.write(f"{marks[one.verdict]}  {one.question} {one.evidence} {one.fix}".rstrip())
        self.stdout.write(f"Callback URL: {callback_url(app)}")
        self.stdout.write(f"Verify token: {app.verify_token}")

    def _described(self, workspace: Workspace, options: dict[str, Any]) -> tuple[MetaApp, Connection]:
        """The app and the number as the options describe them, not saved yet.

        Their stored secrets are not read: after FIELD_KEYS was lost, this is how they are given again.
        """
        known = MetaApp.objects.filter(owner=workspace, app_id=options["app_id"]).defer(*meta_apps.SECRETS)
        app = known.first() or MetaApp(
            owner=workspace,
            app_id=options["app_id"],
            name=options["app_name"] or workspace.name,
            is_simulated=options["environment"] == Environment.SIMULATOR,
        )
        app.app_secret, app.verify_token = _secret("APP_SECRET"), _verify_token(app)
        numbers = Connection.objects.filter(workspace=workspace, phone_number_id=options["phone_number_id"])
        connection = numbers.defer("access_token").first()
        connection = connection or Connection(workspace=workspace, phone_number_id=options["phone_number_id"])
        for name in ("name", "waba_id", "environment"):
            setattr(connection, name, options[name])
        connection.access_token = _secret("ACCESS_TOKEN")
        connection.meta_app = app
        return app, connection

    def _save(self, app: MetaApp, connection: Connection, *, with_app: bool, is_proven: bool = False) -> None:
        try:
            with transaction.atomic():
                if with_app:
                    _save_app(app, is_proven=is_proven)
                self._write(app, connection)
        except IntegrityError as error:
            raise CommandError(str(connecting.refusal(error))) from error

    def _write(self, app: MetaApp, connection: Connection) -> None:
        connection.meta_app = app  # which has an id by now
        if connection.pk:
            same = Connection.objects.filter(pk=connection.pk, revision=connection.revision)
            connection.revision += 1
            described = ("meta_app", "name", "waba_id", "environment", "access_token", "revision")
            if not same.update(**{name: getattr(connection, name) for name in described}):
                raise CommandError("Nothing was saved: somebody changed this number meanwhile. Look, and repeat.")
        else:
            connection.save()
        action, after = audit.Action.CONNECTION_SAVED, connecting.details_of(connection).told
        audit.record(connection.workspace_id, None, action, connection.name, after=after, about=connection.pk)


def _others_receive_by(app: MetaApp, connection: Connection) -> bool:
    """Whether another number receives by this app: its secret may then be replaced only by one that is proven (P11)."""
    proven = Connection.objects.filter(meta_app_id=app.pk, proven_at__isnull=False)
    return proven.exclude(pk=connection.pk).exists()


def _save_app(app: MetaApp, *, is_proven: bool) -> None:
    """A secret that is replaced stays good for a while, as on the app's page."""
    checked_at = timezone.now() if is_proven else None
    said = Described(app.name, app.app_id, app.is_simulated, app.app_secret)
    if not app.pk:
        app.pk = meta_apps.add(app.owner, said, by=None, checked_at=checked_at, verify_token=app.verify_token).pk
        app.refresh_from_db()
        return
    meta_apps.change(app, said, by=None, checked_at=checked_at)
    kept = MetaApp.objects.defer(*meta_apps.SECRETS).get(pk=app.pk)
    if readable(kept, "verify_token") != app.verify_token:
        MetaApp.objects.filter(pk=app.pk).update(verify_token=app.verify_token, verify_token_renewed_at=timezone.now())
        audit.record(app.owner_id, None, audit.Action.VERIFY_TOKEN_REPLACED, app.name)


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
