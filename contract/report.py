"""One line per check, and the count at the end."""

from __future__ import annotations

from collections.abc import Sequence


class Report:
    def __init__(self) -> None:
        self.passed = 0
        self.failed = 0

    def line(self, kind: str, what: str, faults: Sequence[str]) -> None:
        if faults:
            self.failed += 1
        else:
            self.passed += 1
        print(f"{'FAIL' if faults else 'ok  '} {kind:<9} {what}")
        for fault in faults:
            print(f"       {fault}")

    def end(self) -> bool:
        """Prints the count. True when nothing failed."""
        print(f"{self.passed} passed, {self.failed} failed")
        return not self.failed
