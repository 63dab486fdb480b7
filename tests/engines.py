"""The engines the suite runs on, started before Django reads its settings (`-p tests.engines` in pyproject.toml).

With DATABASE_URL and REDIS_URL set, those are used; else PostgreSQL and Valkey from wheels, in .run/test. Where tests
run side by side (pytest -n 2), each process has engines and folders of its own, and the one that hands them out none.
"""

from __future__ import annotations

import atexit
import os
import secrets
import sys
from pathlib import Path

from cryptography.fernet import Fernet

os.environ.setdefault("SECRET_KEY", secrets.token_urlsafe(50))
os.environ.setdefault("FIELD_KEYS", Fernet.generate_key().decode())
os.environ["EMAIL_URL"] = "memorymail://"
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
PROCESSES = [after for word, after in zip(sys.argv, sys.argv[1:], strict=False) if word in ("-n", "--numprocesses")]
ONLY_HANDS_OUT = not WORKER and PROCESSES[-1:] not in ([], ["0"])
FOLDER = Path(__file__).resolve().parent.parent / ".run" / (f"test-{WORKER}" if WORKER else "test")
for name in ("media", "static"):
    (FOLDER / name).mkdir(parents=True, exist_ok=True)
    os.environ[f"{name.upper()}_FOLDER"] = str(FOLDER / name)

if not ONLY_HANDS_OUT and ("DATABASE_URL" not in os.environ or "REDIS_URL" not in os.environ):
    from gigaviz import embedded

    running = embedded.start(FOLDER)
    atexit.register(running.stop)
    os.environ.setdefault("DATABASE_URL", running.database_url)
    os.environ.setdefault("REDIS_URL", running.redis_url)

database_url, redis_url = os.environ.get("DATABASE_URL", ""), os.environ.get("REDIS_URL", "")
