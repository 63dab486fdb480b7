"""Say who can be sent messages in sandbox mode."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from connections import sandbox
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
        chosen: dict[str, list[sandbox.Identity]] = {"add": [], "remove": []}
        for act, people in chosen.items():
            for written in options[act]:
                identity = sandbox.normalise(written, workspace.country)
                if identity is None:
                    bad.append(written)
                else:
                    people.append(identity)
        sandbox.change_whitelist(workspace, add=chosen["add"], remove=chosen["remove"])
        for kind, value in sorted(sandbox.whitelisted(workspace.pk)):
            self.stdout.write(f"+{value}" if kind == "phone" else value)
        for written in bad:
            self.stderr.write(f"Not a phone number or a BSUID, left out: {written}")
        if bad:
            raise CommandError("The others were taken.")
