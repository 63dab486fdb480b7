"""What the audit trail never holds, as nothing is ever taken out of it: secrets, and people's numbers."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests import cast
from workspaces import audit
from workspaces.audit import MARKERS, Action, without_secrets
from workspaces.models import AuditEntry

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "name", ["token", "access_token", "App_Secret", "verify_token", "password", "totp", "recovery_codes", "FIELD_KEYS"]
)
def test_a_name_that_promises_a_secret_is_refused_and_nothing_is_written(name):
    workspace = cast.kopi_kita().workspace
    for values in ({"before": {name: "x"}}, {"after": {"app": [{name: "x"}]}}):
        with pytest.raises(ValueError, match="The audit trail holds no"):
            audit.record(workspace.pk, None, Action.APP_ADDED, "Kopi", **values)
    assert workspace.audit_entries.count() == 1


@pytest.mark.parametrize(
    "kept",
    [
        {"token_fingerprint": "a1b2c3d4"},
        {"access_token": True, "app_secret": None, "recovery_codes": 8},
        {"phone_number_id": "100000000000001", "waba_id": ["200000000000002"]},
        {"name": "Orders 2026", "expires_at": "2026-12-01T00:00:00+00:00"},
        {"added": 2, "removed": 0, "is_on": False, "was": None},
    ],
)
def test_what_tells_nothing_is_kept_as_it_is(kept):
    assert without_secrets(kept) == kept


@pytest.mark.parametrize(
    "secret",
    [
        "EAAGm0PX4ZCpsBAKZ" + "x" * 40,
        "gAAAAABrBY_7u8APiPjPc65M1fNDHWu9CA4PD7bGNGxILT0XgK0INt021oRFYm9FvEPnsLCDecK0c7XY8Q-Ezn3VbWonkFJNsQ==",
        "0123456789abcdef0123456789abcdef",
        "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
    ],
)
def test_a_secret_that_was_typed_into_another_field_is_taken_out(secret):
    workspace = cast.kopi_kita().workspace
    entry = audit.record(workspace.pk, None, Action.APP_ADDED, f"App {secret}", after={"name": ["so", secret]})
    entry.refresh_from_db()
    assert secret not in f"{entry.target}{entry.after}"
    assert entry.after["name"][0] == "so"


@pytest.mark.parametrize("number", ["+628110000001", "+62 811-0000-001", "628110000001", "(call) +1 (555) 010-0123"])
def test_of_a_phone_number_the_last_four_digits_stay(number):
    hidden = without_secrets(f"Orders {number}")
    assert hidden.endswith(f"[number …{''.join(filter(str.isdigit, number))[-4:]}]")
    assert "62811" not in hidden
    assert "555" not in hidden


def test_a_time_is_kept_as_iso_says_it():
    assert without_secrets({"until": datetime(2026, 12, 1, tzinfo=UTC)}) == {"until": "2026-12-01T00:00:00+00:00"}


@pytest.mark.parametrize("action", Action)
def test_every_action_fits_and_says_what_it_is_about_exactly_where_it_must(action):
    workspace = cast.kopi_kita().workspace
    must = MARKERS.get(action, "workspace") != "workspace"
    entry = audit.record(workspace.pk, None, action, "Kopi", about=7 if must else None)
    assert AuditEntry.objects.get(pk=entry.pk).action == action
    with pytest.raises(ValueError, match="it is about"):
        audit.record(workspace.pk, None, action, "Kopi", about=None if must else 7)


def test_only_a_change_marker_raises_the_clock_and_it_carries_the_version_it_raised():
    workspace = cast.kopi_kita().workspace
    audit.record(workspace.pk, None, Action.MEMBER_LEFT, "alice@example.com")
    workspace.clock.refresh_from_db()
    assert (workspace.clock.version, workspace.clock.marked_version) == (0, 0)
    entry = audit.record(workspace.pk, None, Action.TOKEN_REPLACED, "Kopi", about=7)
    workspace.clock.refresh_from_db()
    assert workspace.clock.version == workspace.clock.marked_version == entry.version == 1
    assert (entry.subject_kind, entry.subject_id) == ("connection", "7")
