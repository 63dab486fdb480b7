"""Proves that the check can fail: every key of every body it passed is misspelt, one at a time, and must be noticed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from .report import Report

MISSPELLING = "x"


def check_misspellings(report: Report) -> None:
    for sample in list(report.samples):
        spoilt = list(misspelt(sample.value))
        unseen = [f"{place} can be misspelt" for place, value in spoilt if not sample.judge(value)]
        report.line("self-test", f"{len(spoilt)} misspelt keys, one by one, in {sample.what}", unseen)
    planted = {sample.what.split()[0] for sample in report.samples if any(misspelt(sample.value))}
    missing = {"request", "answer", "webhook"} - planted
    report.line("self-test", "requests, answers and webhooks were spoilt", [f"no {kind}" for kind in sorted(missing)])


def misspelt(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Copies of a value, each with one key changed, and where."""
    if isinstance(value, dict):
        for name in re.findall(r"\w+", value.get("fields", "") if isinstance(value.get("fields"), str) else ""):
            yield (
                f"{place}/fields/{name}",
                {**value, "fields": re.sub(rf"\b{name}\b", name + MISSPELLING, value["fields"])},
            )
        for key, inner in value.items():
            here = f"{place}/{key}"
            yield here, {(name + MISSPELLING if name == key else name): one for name, one in value.items()}
            for where, changed in misspelt(inner, here):
                yield where, {**value, key: changed}
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            for where, changed in misspelt(inner, f"{place}/{index}"):
                yield where, [*value[:index], changed, *value[index + 1 :]]
