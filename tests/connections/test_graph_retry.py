"""When a machine may try again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connections.graph import client
from connections.graph.errors import (
    GraphError,
    NotSent,
    Refused,
    Throttled,
    TooBig,
    Unauthorised,
    Unconfirmed,
    Unusable,
)
from connections.graph.retry import retry_delay

from .wire import ACCOUNT, AYLA, Wire


def seconds(error: GraphError, attempts: int) -> float:
    delay = retry_delay(error, attempts)
    assert delay is not None
    return delay.total_seconds()


@pytest.mark.parametrize("kind", [Refused, Unauthorised, Unusable, TooBig, Unconfirmed])
def test_what_is_final_or_uncertain_is_never_repeated_by_a_machine(kind):
    assert [retry_delay(kind("No.", code=131056), attempts) for attempts in (0, 1, 5)] == [None] * 3


def test_the_limit_between_one_number_and_one_person_asks_for_powers_of_four():
    assert [seconds(Throttled("Wait.", code=131056), n) for n in range(1, 7)] == [1, 4, 16, 64, 256, 300]


@pytest.mark.parametrize(("code", "first"), [(130429, 2), (131057, 30), (4, 60), (80007, 60), (999123, 15), (None, 15)])
def test_other_limits_double_from_the_codes_own_start_to_five_minutes(code, first):
    error = Throttled("Wait.", code=code)
    assert [seconds(error, 1), seconds(error, 2), seconds(error, 1_000_000)] == [first, first * 2, 300]


def test_what_never_left_us_is_tried_again_soon_and_then_less_often():
    assert [seconds(NotSent("No road."), n) for n in (0, 1, 2, 3, 50)] == [1, 1, 2, 4, 300]


@pytest.mark.parametrize(("header", "expected"), [("90", 90), ("1", 15), ("999999999", 3600), ("soon", 15), ("-1", 15)])
def test_a_time_that_meta_names_is_kept_when_it_is_longer(monkeypatch, header, expected):
    wire = Wire(monkeypatch)
    wire.answer(429, b"slow down", retry_after=header)
    with pytest.raises(Throttled) as caught:
        client.send_text(ACCOUNT, AYLA, "Hello", "token.1")
    assert retry_delay(caught.value, 1) == timedelta(seconds=expected)
