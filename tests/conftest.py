"""What every test shares. The engines are started before this, by tests/engines.py."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.test import Client
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling

from tests import cast
from tests.cast import House
from tests.inbox.screens import signed_in
from webhooks import views
from workspaces.models import User

settings.register_profile(
    "gigaviz", deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
settings.load_profile("gigaviz")
django_settings.PASSWORD_HASHERS = ["tests.quick.QuickScrypt"]


class OneHouse(LoadScopeScheduling):  # type: ignore[misc]
    """Tests side by side, but those that run whole houses of programs on one process, so that there are never two."""

    HOUSES = ("tests/browser/", "tests/demo/", "tests/workers/")

    def _split_scope(self, nodeid: str) -> str:
        return "houses" if nodeid.startswith(self.HOUSES) else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> OneHouse:
    return OneHouse(config, log)


@pytest.fixture(scope="session", autouse=True)
def static_files() -> None:
    """Pages name their files by hash, so there have to be some."""
    call_command("collectstatic", verbosity=0, interactive=False)


@pytest.fixture(autouse=True)
def forget_doors() -> Iterator[None]:
    """What the door remembers of Meta apps for a few seconds does not outlive a test."""
    yield
    views._doors.clear()


@pytest.fixture
def house() -> House:
    return cast.kopi_kita()


@pytest.fixture
def alice(house: House) -> User:
    return cast.alice(house)


@pytest.fixture
def bob(house: House) -> User:
    return cast.bob(house)


@pytest.fixture
def browser(alice: User) -> Client:
    return signed_in(alice)


@pytest.fixture
def admin(bob: User) -> Client:
    return signed_in(bob)
