"""Run a Python program on the embedded engines: `python -m gigaviz.with_engines manage.py check`."""

from __future__ import annotations

import os
import runpy
import secrets
import sys
from pathlib import Path

from cryptography.fernet import Fernet

from gigaviz import embedded


def main() -> None:
    if len(sys.argv) < 2:
        sys.exit("Say which program to run: python -m gigaviz.with_engines manage.py check")
    os.environ.setdefault("SECRET_KEY", secrets.token_urlsafe(50))
    os.environ.setdefault("FIELD_KEYS", Fernet.generate_key().decode())
    with embedded.engines(Path(__file__).resolve().parent.parent / ".run" / "test") as running:
        os.environ["DATABASE_URL"] = running.database_url
        os.environ["REDIS_URL"] = running.redis_url
        sys.argv = sys.argv[1:]
        runpy.run_path(sys.argv[0], run_name="__main__")


if __name__ == "__main__":
    main()
