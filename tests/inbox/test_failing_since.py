"""Since which change a number fails: the newest one between its last success and its first failure, or none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox.failing_since import Calls, cause

START = datetime(2026, 3, 1, 14, 0, tzinfo=UTC)
minutes = st.integers(min_value=0, max_value=20)


def at(minute: int) -> datetime:
    return START + timedelta(minutes=minute)


@pytest.mark.parametrize(
    ("accepted", "refused", "failed", "changes", "expected"),
    [
        (1, None, 5, [3], 3),
        (1, None, 5, [2, 3], 3),
        (1, None, 5, [3, 2], 3),
        (None, None, 5, [3], 3),
        (1, None, 5, [], None),
        # Something was accepted after the change: it is not to blame.
        (4, None, 5, [3], None),
        # It was changed after it had failed.
        (1, None, 5, [6], None),
        # It had been failing before the change, which was perhaps to mend it.
        (1, 2, 5, [3], None),
        (None, 2, 5, [3], None),
        # Failing since the first change; the second mended nothing.
        (1, 4, 9, [3, 6], 3),
        # At the same moment nobody knows which came first.
        (3, None, 5, [3], None),
        (1, None, 5, [5], None),
        (1, 3, 5, [3], None),
    ],
)
def test_the_change_that_is_named(accepted, refused, failed, changes, expected):
    calls = Calls(at(failed), None if accepted is None else at(accepted), None if refused is None else at(refused))
    assert cause(calls, [(at(one), one) for one in changes]) == expected


@given(minutes, st.none() | minutes, st.none() | minutes, st.lists(minutes, unique=True))
def test_it_lies_after_every_success_and_before_every_failure_and_none_that_does_is_newer(failed, ok, refused, changes):
    calls = Calls(at(failed), None if ok is None else at(ok), None if refused is None else at(refused))
    named = cause(calls, [(at(one), one) for one in changes])
    fits = [one for one in changes if (ok is None or one > ok) and one < failed and (refused is None or one < refused)]
    assert named == (max(fits) if fits else None)


@given(st.permutations(range(8)))
def test_the_order_in_which_changes_are_told_does_not_matter(changes):
    assert cause(Calls(at(6), at(2)), [(at(one), one) for one in changes]) == 5
