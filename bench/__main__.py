"""python -m bench [webhook|receipts|commits|poll|memory …] [--smoke]: measure, and print a table in Markdown."""

from __future__ import annotations

import argparse
import sys

from .ground import ground
from .report import Figure, conditions, table


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "figures", nargs="*", choices=["webhook"], default="webhook", help="which to measure; all where none is named"
    )
    parser.add_argument("--smoke", action="store_true", help="a few seconds of each, to see that everything works")
    given = parser.parse_args()
    figures: list[Figure] = []
    print(conditions())
    with ground() as place:
        from . import webhook

        figures += webhook.measure(place, rounds=1 if given.smoke else 5, requests=200 if given.smoke else 4000)
    print(table(figures))
    print(conditions())
    return 0


if __name__ == "__main__":
    sys.exit(main())
