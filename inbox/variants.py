"""Two ways of writing one mobile number: where a country added a digit, WhatsApp may know the number by the old one.

They suggest that two numbers are one person's, and decide nothing: the other number may be somebody else's. Pure.
"""

from __future__ import annotations

import re

# As written today, and as WhatsApp may have it: Brazil's ninth digit, Mexico's 1 and Argentina's 9 after the country.
FORMS = (
    (re.compile(r"(55\d\d)9(\d{8})"), re.compile(r"(55\d\d)([6-9]\d{7})"), "9"),
    (re.compile(r"(52)1(\d{10})"), re.compile(r"(52)(\d{10})"), "1"),
    (re.compile(r"(54)9(\d{10})"), re.compile(r"(54)(\d{10})"), "9"),
)


def variant_of(digits: str) -> str | None:
    """The other way of writing this number, without a plus; None where there is one way only."""
    for long, short, digit in FORMS:
        if found := long.fullmatch(digits):
            return found[1] + found[2]
        if found := short.fullmatch(digits):
            return f"{found[1]}{digit}{found[2]}"
    return None
