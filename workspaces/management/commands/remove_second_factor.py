"""For somebody who has lost phone, key and recovery codes: take their second factors away, and end their sessions."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from workspaces import audit
from workspaces.models import User


class Command(BaseCommand):
    help = "Remove somebody's second factors, once you are sure who asks: manage.py remove_second_factor --email …"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--email", required=True)

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email=str(options["email"]).lower()).first()
        if user is None:
            raise CommandError(f"Nobody has an account with {options['email']}.")
        removed, _ = Authenticator.objects.filter(user=user).delete()
        if not removed:
            self.stdout.write(f"{user.name} has no second factor, so nothing was changed.")
            return
        for session in UserSession.objects.filter(user=user):
            session.end()
        for workspace in user.workspaces.order_by("pk"):
            audit.record(workspace.pk, None, audit.Action.SECOND_FACTOR_REMOVED, user.email)
        self.stdout.write(f"{user.name} signs in with the password alone, and sets a new second factor up then.")
