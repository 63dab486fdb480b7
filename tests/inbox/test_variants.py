"""Two ways of writing one mobile number, and no third."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox.variants import variant_of


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("5511987654321", "551187654321"),
        ("5215512345678", "525512345678"),
        ("5491123456789", "541123456789"),
    ],
)
def test_each_is_the_others_variant(one, other):
    assert variant_of(one) == other
    assert variant_of(other) == one


@pytest.mark.parametrize("digits", ["628110000001", "551133334444", "15550100000", "55", ""])
def test_a_number_with_one_form_has_no_variant(digits):
    assert variant_of(digits) is None


@given(st.from_regex(r"(55|52|54)\d{9,11}", fullmatch=True))
def test_the_variant_of_a_variant_is_the_number_itself(digits):
    other = variant_of(digits)
    assert other is None or variant_of(other) == digits
