"""python -m contract --openapi FILE. Exit code 1 when a check fails. With --deviations, only lists those."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gigaviz.settings")

from simulator.running import running

from .answers import check_answers
from .description import Description, load
from .deviations import DEVIATIONS
from .recorder import recording
from .report import Report
from .requests import check_requests
from .selftest import check_misspellings
from .webhooks import check_webhooks


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="contract", description="Checks us and the simulator against Meta's OpenAPI file."
    )
    parser.add_argument("--openapi", type=Path, help="business-messaging-api_v23.0.yaml")
    parser.add_argument("--deviations", action="store_true", help="list where the live API differs from it, and end")
    options = parser.parse_args()
    if options.deviations:
        print("\n".join(f"{one}\n    {one.why}\n    Source: {one.source}." for one in DEVIATIONS))
        return 0
    if options.openapi is None or not options.openapi.is_file():
        parser.error("Meta's OpenAPI file is needed: download it from facebook/openapi and give it with --openapi.")
    return 0 if is_kept(options.openapi) else 1


def is_kept(openapi: Path) -> bool:
    """Prints a line for each check. True when nothing failed."""
    description, report = Description(load(openapi)), Report()
    report.line("file", "every deviation still is one", description.stale)
    check_requests(description, report)
    with recording() as recorder, running(numbers=[{"callback_url": f"{recorder.url}/webhooks/"}]) as sim:
        check_answers(description, report, sim)
        check_webhooks(report, sim, recorder)
    check_misspellings(report)
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
