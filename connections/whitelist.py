"""What is written on a whitelist, line by line: numbers in any format and BSUIDs; the rest is told why not.

A number is read as one of the workspace's country. Where that country has no such number and it is one with a plus in
front, it is that: so do 00 and the bare digits of Meta's own ids say where they belong.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, ValidationResult

from .bsuid import BSUID

Identity = tuple[str, str]  # (kind, value)

# Sandbox mode is for trying things out; a list longer than this is read by nobody, and is on every page that shows it.
LONGEST = 1000
LONGEST_LINE = 300
BREAKS = re.compile(r"\r\n|\r|\n")
SEPARATED = re.compile(r"\d\s*[,;/|]\s*\+?\d")
NEITHER = "It is neither a phone number nor a BSUID."
TOO_SHORT = "It is too short for a phone number."
TOO_LONG = "It is too long for a phone number. One number to a line."
NO_COUNTRY = "No country's numbers begin like this."
# Two families of codes that share their numbers: why it cannot be parsed, and why it can belong to nobody.
UNPARSED = {
    NumberParseException.INVALID_COUNTRY_CODE: NO_COUNTRY,
    NumberParseException.TOO_SHORT_AFTER_IDD: TOO_SHORT,
    NumberParseException.TOO_SHORT_NSN: TOO_SHORT,
    NumberParseException.TOO_LONG: TOO_LONG,
}
IMPOSSIBLE = {
    ValidationResult.TOO_SHORT: TOO_SHORT,
    ValidationResult.TOO_LONG: TOO_LONG,
    ValidationResult.INVALID_LENGTH: "No number there has this many digits.",
    ValidationResult.INVALID_COUNTRY_CODE: NO_COUNTRY,
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: "It lacks its area code.",
}


class UnreadableError(Exception):
    """A line that is neither a phone number nor a BSUID; the message says why, for whoever wrote it."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line as written, counted from 1, and what it is: somebody, or the reason why it is nobody."""

    number: int
    written: str
    identity: Identity | None = None
    fault: str = ""
    repeats: int | None = None  # the line that has named them already


def read(written: str, country: str) -> Identity:
    """Whom this names, as (kind, value): the digits of an E.164 number, or a BSUID."""
    given = written.strip()
    if len(given) > LONGEST_LINE:
        raise UnreadableError(f"It is longer than {LONGEST_LINE} characters. One number or BSUID to a line.")
    if BSUID.fullmatch(given):
        return "bsuid", given
    if re.match(r"[A-Za-z]{2}\.", given):
        raise UnreadableError("It begins like a BSUID, and has something in it, or a length, that no BSUID has.")
    if SEPARATED.search(given):
        raise UnreadableError("It is more than one number. One number to a line.")
    if any(letter.isalpha() for letter in given):
        raise UnreadableError(f"{NEITHER} Write the number alone, without words.")
    return "phone", phonenumbers.format_number(_number(given, country), PhoneNumberFormat.E164).removeprefix("+")


def read_lines(text: str, country: str) -> list[Line]:
    """Every line that is not empty."""
    found: list[Line] = []
    first: dict[Identity, int] = {}
    for number, written in enumerate(BREAKS.split(text), start=1):
        if not written.strip():
            continue
        try:
            identity = read(written, country)
        except UnreadableError as error:
            found.append(Line(number, written, fault=str(error)))
        else:
            found.append(Line(number, written, identity, repeats=first.get(identity)))
            first.setdefault(identity, number)
    return found


def people(lines: Iterable[Line]) -> list[Identity]:
    """Whom the lines name: everybody once, in the order written."""
    return list(dict.fromkeys(line.identity for line in lines if line.identity is not None))


def shown(identity: Identity) -> str:
    """As it is written down for people: a number in its international format. Reading it gives the same again."""
    kind, value = identity
    if kind != "phone":
        return value
    try:
        number = phonenumbers.parse(f"+{value}")
    except NumberParseException:
        return f"+{value}"
    return phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)


def region(identity: Identity) -> str:
    """The two letters of the country of a number; empty for a BSUID, and where no country is known to give it out.

    Such a number is taken: numbering plans change sooner than what we know of them. It is pointed out.
    """
    kind, value = identity
    if kind != "phone":
        return ""
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(f"+{value}")) or ""
    except NumberParseException:
        return ""


def _number(given: str, country: str) -> PhoneNumber:
    number, fault = _parsed(given, country)
    if number is not None and phonenumbers.is_valid_number(number):
        return number
    digits = given.strip("+ ").removeprefix("00")
    abroad, _ = _parsed(f"+{digits}", country)
    if abroad is not None and phonenumbers.is_valid_number(abroad):
        return abroad
    if number is None:
        raise UnreadableError(fault)
    return number


def _parsed(given: str, country: str) -> tuple[PhoneNumber | None, str]:
    try:
        number = phonenumbers.parse(given, country)
    except NumberParseException as error:
        return None, UNPARSED.get(error.error_type, NEITHER)
    if number.extension:
        return None, "It has an extension, which no WhatsApp number has."
    reason = phonenumbers.is_possible_number_with_reason(number)
    return (number, "") if reason == ValidationResult.IS_POSSIBLE else (None, IMPOSSIBLE.get(reason, NEITHER))
