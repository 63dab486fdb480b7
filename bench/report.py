"""Rounds in turn, medians, and the table."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Figure:
    """One line of the table. `target` is a ratio to the floor where there is a floor, else a greatest value."""

    what: str
    ours: float
    unit: str
    floor: float | None = None
    target: float | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        return self.ours / self.floor if self.floor else None

    @property
    def is_met(self) -> bool | None:
        """None where nothing was promised."""
        if self.target is None:
            return None
        return self.ours <= self.target if self.ratio is None else self.ratio >= self.target

    def cells(self) -> list[str]:
        target = "" if self.target is None else f"≤ {self.target:g}" if self.ratio is None else f"≥ {self.target:g}"
        return [
            self.what,
            "" if self.floor is None else f"{self.floor:,.0f} {self.unit}",
            f"{self.ours:,.0f} {self.unit}",
            "" if self.ratio is None else f"{self.ratio:.2f}",
            target,
            {True: "yes", False: "**no**", None: ""}[self.is_met],
            self.note,
        ]


def interleave(rounds: int, measures: Mapping[str, Callable[[], float]]) -> dict[str, float]:
    """Measure in turn, round after round, so that whatever else the machine does meets all alike; the medians."""
    found: dict[str, list[float]] = {name: [] for name in measures}
    for _ in range(rounds):
        for name, measure in measures.items():
            found[name].append(measure())
    return {name: median(values) for name, values in found.items()}


def table(figures: Iterable[Figure]) -> str:
    """Markdown."""
    head = ["what", "floor", "ours", "ratio", "target", "met", "note"]
    lines = [head, ["---"] * len(head), *(figure.cells() for figure in figures)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def conditions() -> str:
    """What the machine was doing; figures taken on a busy one are worth less."""
    one, five, _ = os.getloadavg()
    return f"{os.cpu_count()} cores, load average {one:.2f} (1 min) {five:.2f} (5 min)"
