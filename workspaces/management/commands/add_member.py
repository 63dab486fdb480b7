"""Give a person a role in a workspace, making their account if they have none."""

from __future__ import annotations

import os
import sys
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from workspaces.forms import MemberForm, sentences
from workspaces.membership import give_role
from workspaces.models import Role, User, Workspace
from workspaces.refusal import RefusedError


class Command(BaseCommand):
    help = (
        "Add a member: manage.py add_member --workspace kopi-kita --email sari@example.com --name Sari --role agent. "
        "The password of a new account comes from the environment (GIGAVIZ_PASSWORD) or from standard input."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--workspace", required=True, help="Its slug.")
        parser.add_argument("--email", required=True)
        parser.add_argument("--name", required=True)
        parser.add_argument("--role", required=True, choices=Role.values)

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        workspace = Workspace.objects.filter(slug=options["workspace"]).first()
        if workspace is None:
            raise CommandError(f"There is no workspace at {options['workspace']}.")
        form = MemberForm({name: options[name] for name in ("email", "name", "role")})
        if not form.is_valid():
            raise CommandError(sentences(form))
        said = form.cleaned_data
        user = self._account(said["email"], said["name"])
        try:
            is_changed = give_role(workspace, user, said["role"])
        except RefusedError as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{user.name} is {said['role']} in {workspace.name}{'' if is_changed else ' already'}.")

    def _account(self, email: str, name: str) -> User:
        if user := User.objects.filter(email=email).first():
            return user
        password = os.environ.get("GIGAVIZ_PASSWORD") or sys.stdin.readline().rstrip("\n")
        try:
            validate_password(password, User(email=email, name=name))
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        return User.objects.create_user(email, password, name=name)
