"""One line per check, and the count at the end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

Judge = Callable[[Any], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Sample:
    """A value that a judge found right, kept so that the self-test can spoil it."""

    what: str
    value: Any
    judge: Judge


@dataclass(slots=True)
class Report:
    passed: int = 0
    failed: int = 0
    samples: list[Sample] = field(default_factory=list)

    def line(self, kind: str, what: str, faults: Sequence[str]) -> None:
        if faults:
            self.failed += 1
        else:
            self.passed += 1
        print(f"{'FAIL' if faults else 'ok  '} {kind:<9} {what}")
        for fault in faults:
            print(f"       {fault}")

    def judge(self, kind: str, what: str, value: Any, judge: Judge) -> None:
        """Prints a line for a value, and keeps it for the self-test when there is nothing wrong with it."""
        faults = judge(value)
        self.line(kind, what, faults)
        if not faults:
            self.samples.append(Sample(f"{kind} {what}", value, judge))

    def end(self) -> bool:
        """Prints the count. True when nothing failed."""
        print(f"{self.passed} passed, {self.failed} failed")
        return not self.failed
