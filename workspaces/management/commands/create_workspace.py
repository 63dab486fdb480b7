"""Make a workspace; sandbox mode is on in it until somebody switches it off."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_slug

from workspaces.creation import create_workspace
from workspaces.models import Workspace


class Command(BaseCommand):
    help = "Make a workspace: manage.py create_workspace --name 'Kopi Kita' --slug kopi-kita --country ID"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", required=True)
        parser.add_argument("--slug", required=True, help="Part of its address: small letters, digits, hyphens.")
        parser.add_argument("--country", required=True, help="Two letters; how local phone numbers are read.")

    def handle(self, *args: Any, **options: Any) -> None:
        slug, country = options["slug"], options["country"].upper()
        try:
            validate_slug(slug)
        except ValidationError as error:
            raise CommandError("The slug may have letters, digits and hyphens only.") from error
        if len(country) != 2 or not country.isalpha():
            raise CommandError("The country is two letters, for example ID.")
        if Workspace.objects.filter(slug=slug).exists():
            raise CommandError(f"There is a workspace at {slug} already.")
        create_workspace(name=options["name"], slug=slug, country=country)
        self.stdout.write(f"Workspace {options['name']} is at /w/{slug}/inbox/. Sandbox mode is on.")
