"""What every test shares. The engines are started before this, by tests/engines.py."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from hypothesis import HealthCheck, settings

from webhooks import views

settings.register_profile(
    "gigaviz", deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
settings.load_profile("gigaviz")
django_settings.PASSWORD_HASHERS = ["tests.quick.QuickScrypt"]


# What runs whole houses of programs stays on one process, so that there are never two houses at once.
HOUSES = {"browser", "demo", "workers"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HOUSES & set(item.path.relative_to(item.config.rootpath).parts):
            item.add_marker(pytest.mark.xdist_group("houses"))


@pytest.fixture(scope="session", autouse=True)
def static_files() -> None:
    """Pages name their files by hash, so there have to be some."""
    call_command("collectstatic", verbosity=0, interactive=False)


@pytest.fixture(autouse=True)
def forget_doors() -> Iterator[None]:
    """What the door remembers of Meta apps for a few seconds does not outlive a test."""
    yield
    views._doors.clear()
