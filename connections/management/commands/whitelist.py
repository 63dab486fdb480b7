"""Say who can be sent messages in sandbox mode."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from connections import sandbox, whitelist
from workspaces.models import Workspace


class Command(BaseCommand):
    help = "Whitelist numbers (any format) or BSUIDs: manage.py whitelist --workspace kopi-kita --add 0811… --remove …"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--workspace", required=True, help="Its slug.")
        parser.add_argument("--add", nargs="*", default=[])
        parser.add_argument("--remove", nargs="*", default=[])

    def handle(self, *args: Any, **options: Any) -> None:
        workspace = Workspace.objects.filter(slug=options["workspace"]).first()
        if workspace is None:
            raise CommandError(f"There is no workspace at {options['workspace']}.")
        bad: list[str] = []
        chosen: dict[str, list[whitelist.Identity]] = {"add": [], "remove": []}
        for act, people in chosen.items():
            for written in options[act]:
                try:
                    people.append(whitelist.read(written, workspace.country))
                except whitelist.UnreadableError as error:
                    bad.append(f"Left out: {written}. {error}")
        try:
            sandbox.change_whitelist(workspace, add=chosen["add"], remove=chosen["remove"])
        except sandbox.WhitelistTooLongError as error:
            raise CommandError(str(error)) from error
        for entry in sandbox.listed(workspace.pk):
            self.stdout.write(whitelist.shown((entry.kind, entry.value)))
        for line in bad:
            self.stderr.write(line)
        if bad:
            raise CommandError("The others were taken.")
