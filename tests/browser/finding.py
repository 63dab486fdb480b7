"""Which Chromium the browser tests use."""

from __future__ import annotations

import os
import shutil

USUAL = ("chromium", "chromium-browser", "google-chrome")


def find_chromium() -> str | None:
    """The program that CHROMIUM names, else the first usual one on the path. Nothing stands in for one asked for."""
    asked = os.environ.get("CHROMIUM")
    return next(filter(None, map(shutil.which, [asked] if asked else USUAL)), None)
