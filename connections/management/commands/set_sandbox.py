"""Switch sandbox mode of a workspace."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from connections import sandbox
from workspaces.models import Workspace


class Command(BaseCommand):
    help = "Switch sandbox mode: manage.py set_sandbox --workspace kopi-kita off"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--workspace", required=True, help="Its slug.")
        parser.add_argument("state", choices=["on", "off"])

    def handle(self, *args: Any, **options: Any) -> None:
        workspace = Workspace.objects.filter(slug=options["workspace"]).first()
        if workspace is None:
            raise CommandError(f"There is no workspace at {options['workspace']}.")
        on = options["state"] == "on"
        sandbox.switch(workspace, on=on)
        said = sandbox.sentence(on=on, count=len(sandbox.whitelisted(workspace.pk)))
        self.stdout.write(f"{workspace.name}: {said}")
