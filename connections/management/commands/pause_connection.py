"""Pause a WhatsApp number, or resume it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from connections import pausing
from connections.models import Connection


class Command(BaseCommand):
    help = (
        "Send nothing from a number until it is resumed; it goes on receiving. "
        "manage.py pause_connection --workspace kopi-kita --connection PHONE_NUMBER_ID [--resume]"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--workspace", required=True, help="Its slug.")
        parser.add_argument("--connection", required=True, help="Its Phone Number ID.")
        parser.add_argument("--resume", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        numbers = Connection.objects.filter(workspace__slug=options["workspace"]).defer("access_token")
        connection = numbers.filter(phone_number_id=options["connection"].strip()).first()
        if connection is None:
            raise CommandError(f"{options['workspace']} has no number with the id {options['connection']}.")
        if options["resume"]:
            is_new = pausing.resume(connection)
            said = "is resumed: messages are sent from it again"
        else:
            is_new = pausing.pause(connection)
            said = "is paused: nothing is sent from it, and it goes on receiving"
        self.stdout.write(f"{connection.name} {said}{'' if is_new else ', as it was already'}.")
