"""Settings are changed while messages come and go: neither side ever waits for the other in a circle."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import connection as database
from django.db import transaction
from django.utils import timezone

from connections import meta_apps, proving
from connections.meta_apps import Described
from connections.models import ConnectionTest
from connections.proving import Examination
from tests import cast
from tests.cast import House
from tests.connections.locks import waits_for_a_lock
from workspaces import audit
from workspaces.clock import tick


def edit_the_app(house: House) -> None:
    app = house.connection.meta_app
    meta_apps.change(app, Described("Renamed", app.app_id, True, "another secret"), by=None, checked_at=None)


def keep_a_check(house: House) -> None:
    proving.keep(house.connection, Examination((), token_ends_at=timezone.now(), knows_token=True))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("act", [edit_the_app, keep_a_check])
def test_what_holds_the_clock_never_waits_for_somebody_in_the_settings(act: Callable[[House], None]):
    """Foreign keys are looked at as late as the commit; by then the settings wait for the clock, and hold rows."""
    house = cast.kopi_kita()
    outcomes: list[str] = []

    def acting() -> None:
        try:
            act(house)
            outcomes.append("done")
        finally:
            database.close()

    other = threading.Thread(target=acting)
    with transaction.atomic():
        tick([house.workspace.pk])
        other.start()
        while other.is_alive() and not waits_for_a_lock():
            pass
        ConnectionTest.objects.create(connection=house.connection, at=timezone.now(), is_good=True)
        audit.record(house.workspace.pk, None, audit.Action.WORKSPACE_CHANGED, "Kopi")
    other.join()
    assert outcomes == ["done"]
