"""The product's settings, with one more address: an empty signed-in view, the floor of every page."""

from __future__ import annotations

from gigaviz.settings import *  # noqa: F403

ROOT_URLCONF = "bench.urls"
