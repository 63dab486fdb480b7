"""python -m bench [webhook|receipts|commits|poll|memory|plans …] [--smoke]: measure, and print a table in Markdown."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from .ground import Ground, ground
from .report import Figure, conditions, table

Measure = Callable[[Ground, bool], list[Figure]]


def _webhook(place: Ground, is_smoke: bool) -> list[Figure]:
    from . import webhook

    return webhook.measure(place, rounds=1 if is_smoke else 5, requests=200 if is_smoke else 4000)


def _receipts(place: Ground, is_smoke: bool) -> list[Figure]:
    from . import receipts

    return receipts.measure(place, rounds=1 if is_smoke else 5, receipts=600 if is_smoke else 12_000)


def _commits(place: Ground, is_smoke: bool) -> list[Figure]:
    from . import commits

    return commits.measure(place, rounds=1 if is_smoke else 5, seconds=0.3 if is_smoke else 3.0)


def _poll(place: Ground, is_smoke: bool) -> list[Figure]:
    from . import poll

    return poll.measure(place, rounds=1 if is_smoke else 5, requests=50 if is_smoke else 1500)


def _memory(place: Ground, is_smoke: bool) -> list[Figure]:
    from . import memory

    return memory.measure(place, seconds=2.0 if is_smoke else 30.0)


def _plans(place: Ground, is_smoke: bool) -> list[Figure]:
    """Not figures: a table of its own, printed where it is made."""
    from . import plans

    print(plans.show(place, people=2000 if is_smoke else 100_000, each=10), end="\n\n")
    return []


FIGURES: dict[str, Measure] = {
    "webhook": _webhook,
    "receipts": _receipts,
    "commits": _commits,
    "poll": _poll,
    "memory": _memory,
    "plans": _plans,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "figures", nargs="*", metavar="figure", help=f"of {', '.join(FIGURES)}; all where none is named"
    )
    parser.add_argument("--smoke", action="store_true", help="a few seconds of each, to see that everything works")
    given = parser.parse_args()
    if unknown := set(given.figures) - set(FIGURES):
        parser.error(f"there is no figure {', '.join(sorted(unknown))}")
    print(conditions())
    with ground() as place:
        figures: list[Figure] = []
        for name in given.figures or FIGURES:
            figures += FIGURES[name](place, given.smoke)
            place.programs.stop()  # nobody works on beside the next figure
        if figures:
            print(table(figures))
        print(conditions())
    return 0


if __name__ == "__main__":
    sys.exit(main())
