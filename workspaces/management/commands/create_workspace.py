"""Make a workspace; sandbox mode is on in it until somebody switches it off."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from workspaces.creation import create_workspace
from workspaces.forms import WorkspaceForm, sentences


class Command(BaseCommand):
    help = "Make a workspace: manage.py create_workspace --name 'Kopi Kita' --slug kopi-kita --country ID"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", required=True)
        parser.add_argument("--slug", required=True, help="Part of its address: small letters, digits, hyphens.")
        parser.add_argument("--country", required=True, help="Two letters; how local phone numbers are read.")

    def handle(self, *args: Any, **options: Any) -> None:
        form = WorkspaceForm({name: options[name] for name in ("name", "slug", "country")})
        if not form.is_valid():
            raise CommandError(sentences(form))
        said = form.cleaned_data
        create_workspace(name=said["name"], slug=said["slug"], country=said["country"])
        self.stdout.write(f"Workspace {said['name']} is at /w/{said['slug']}/inbox/. Sandbox mode is on.")
