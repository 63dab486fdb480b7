"""What is written on a whitelist: numbers in any format and BSUIDs, and a reason for everything else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connections import whitelist
from connections.models import WhitelistEntry
from connections.whitelist import LONGEST_LINE, UnreadableError, read, read_lines, region, shown

WRITTEN = [
    ("+62 811-0000-001", "ID", ("phone", "628110000001")),
    ("0811 0000 001", "ID", ("phone", "628110000001")),
    ("+62 (0)811 0000 001", "ID", ("phone", "628110000001")),
    ("0170 1234567", "DE", ("phone", "491701234567")),
    ("(555) 010-0123 ", "US", ("phone", "15550100123")),
    ("+4915112345678", "ID", ("phone", "4915112345678")),
    ("٠٨١١٠٠٠٠٠٠١", "ID", ("phone", "628110000001")),
    ("ID.1001", "ID", ("bsuid", "ID.1001")),
    ("TR.9f00000000000000a130", "ID", ("bsuid", "TR.9f00000000000000a130")),
    ("US.ENT.42", "ID", ("bsuid", "US.ENT.42")),
    ("id.1001", "ID", ("bsuid", "id.1001")),
    ("ID.ab_c-d", "ID", ("bsuid", "ID.ab_c-d")),
]


@pytest.mark.parametrize(("written", "country", "identity"), WRITTEN)
def test_numbers_and_ids_are_taken_in_any_format(written, country, identity):
    assert read(written, country) == identity


@pytest.mark.parametrize("written", ["4915112345678", "00 49 151 12345678", "0049-151-12345678"])
def test_what_no_number_here_can_be_is_read_with_a_plus_in_front(written):
    assert read(written, "ID") == ("phone", "4915112345678")
    assert region(("phone", "4915112345678")) == "DE"


def test_meta_s_own_digits_are_read_as_what_they_are():
    assert read("628110000001", "ID") == read("628110000001", "US") == ("phone", "628110000001")


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("Dewi", "neither a phone number nor a BSUID"),
        ("0811 0000 001 Dewi", "without words"),
        ("0811-0000-001 ext. 5", "without words"),
        ("0811-0000-001#5", "extension"),
        ("12", "too short"),
        ("+62 811", "too short"),
        ("0811-0000-001 0811-0000-002", "too long"),
        ("0811-0000-001, 0811-0000-002", "more than one number"),
        ("0811-0000-001;+62811", "more than one number"),
        ("+999 12345678", "No country"),
        ("ID.", "begins like a BSUID"),
        ("ID.x y", "begins like a BSUID"),
        ("ID.１２", "begins like a BSUID"),
        ("ID." + "9" * 200, "begins like a BSUID"),
        ("0" * 301, "longer than 300 characters"),
        ("?", "neither a phone number nor a BSUID"),
    ],
)
def test_anything_else_is_refused_with_its_reason(written, reason):
    with pytest.raises(UnreadableError, match=reason):
        read(written, "ID")


def test_letters_at_the_end_are_never_read_as_digits_of_a_number():
    """As on a telephone's keys: “Dewi” would be 3394, and the number somebody else's."""
    with pytest.raises(UnreadableError):
        read("0811 0000 001 Dewi", "ID")


def test_lines_are_counted_as_they_stand_and_empty_ones_are_nobody():
    lines = read_lines("0811-0000-001\r\n\r\n  Dewi\nID.7\r+62 811 0000 001\n", "ID")
    assert [line.number for line in lines] == [1, 3, 4, 5]
    assert [bool(line.fault) for line in lines] == [False, True, False, False]
    assert [line.repeats for line in lines] == [None, None, None, 1]
    assert lines[1].written == "  Dewi"
    assert whitelist.people(lines) == [("phone", "628110000001"), ("bsuid", "ID.7")]


@pytest.mark.parametrize("identity", sorted({identity for _, _, identity in WRITTEN}))
def test_what_is_shown_reads_as_the_same_again_in_any_country(identity):
    for country in ("ID", "US", "DE"):
        assert read(shown(identity), country) == identity


@given(st.text(max_size=LONGEST_LINE) | st.text("+0123456789 -().#\n", max_size=40))
def test_whatever_is_written_is_read_or_refused_and_fits_what_it_is_kept_in(written):
    for line in read_lines(written, "ID"):
        assert bool(line.fault) == (line.identity is None)
        if line.identity is not None:
            WhitelistEntry(kind=line.identity[0], value=line.identity[1]).clean_fields(exclude=["workspace"])
            assert read(shown(line.identity), "ID") == line.identity


def test_a_number_that_no_country_is_known_to_give_out_is_taken_and_has_no_region():
    assert region(read("(555) 010-0123", "US")) == ""
    assert (region(("bsuid", "ID.7")), region(("phone", "628110000001"))) == ("", "ID")
