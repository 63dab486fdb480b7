"""python -m contract --openapi FILE. Exit code 1 when a check fails."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gigaviz.settings")

from .description import Description, load
from .report import Report
from .requests import check_requests
from .selftest import check_misspellings


def main() -> int:
    options = argparse.ArgumentParser(
        prog="contract", description="Checks us and the simulator against Meta's OpenAPI file."
    )
    options.add_argument("--openapi", type=Path, required=True, help="business-messaging-api_v23.0.yaml")
    document = load(options.parse_args().openapi)
    description, report = Description(document), Report()
    report.line("file", "every deviation still is one", description.stale)
    check_requests(description, report)
    check_misspellings(report)
    return 0 if report.end() else 1


if __name__ == "__main__":
    sys.exit(main())
