"""The least that a Django view needs."""

from __future__ import annotations

SECRET_KEY = "a bench has no secrets"
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "bench.floors.django_view"
MIDDLEWARE: list[str] = []
USE_TZ = True
LOGGING_CONFIG = None
