"""Write every stored secret anew with the first of FIELD_KEYS."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from connections import rekeying


class Command(BaseCommand):
    help = (
        "Encrypt every stored secret with the first of FIELD_KEYS. May run while everything else does, be broken off "
        "and be repeated. Exit status 1: some rows hold what no key opens; they stay as they are."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        lost = 0
        for tally in rekeying.rekey():
            self.stdout.write(
                f"{tally.name}: {tally.written} written anew, {tally.current} under the first key already"
            )
            for row in tally.unreadable:
                self.stderr.write(f"{tally.name}: row {row} is opened by none of FIELD_KEYS, and stays as it is")
            lost += len(tally.unreadable)
        if lost:
            raise CommandError(
                f"{lost} could not be read. Put the key they were written with into FIELD_KEYS and repeat, or give "
                "those secrets again; keep every old key until then."
            )
        self.stdout.write("All of it is under the first of FIELD_KEYS: the others are needed by nothing stored here.")
