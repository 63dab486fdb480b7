"""Who is who follows from the set of what was seen, in whatever order it arrived."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from inbox.kinship import Link, Pair, kinship

START = datetime(2026, 11, 1, tzinfo=UTC)


def at(hour: int) -> datetime:
    return START + timedelta(hours=hour)


PHONE, OTHER_PHONE = ("phone", "6281100"), ("phone", "6281200")
A, B = ("bsuid", "ID.A"), ("bsuid", "ID.B")


def test_a_phone_and_a_bsuid_seen_together_are_one_person():
    kin = kinship([Pair("6281100", "ID.A", at(1))], [])
    assert kin.person(PHONE) == kin.person(A)


def test_what_a_phone_wrote_before_its_bsuid_was_known_is_the_same_persons():
    kin = kinship([Pair("6281100", "ID.A", at(5))], [])
    assert kin.person(PHONE, at(1)) == kin.person(A)


def test_a_second_bsuid_on_a_phone_is_a_new_owner_from_then_on():
    kin = kinship([Pair("6281100", "ID.A", at(1)), Pair("6281100", "ID.B", at(5))], [])
    assert kin.person(A) != kin.person(B)
    assert kin.person(PHONE, at(4)) == kin.person(A)
    assert kin.person(PHONE, at(5)) == kin.person(B)
    assert kin.is_shared("6281100")


def test_a_bsuid_that_meta_says_replaced_the_first_is_the_same_person():
    pairs = [Pair("6281100", "ID.A", at(1)), Pair("6281100", "ID.B", at(5))]
    kin = kinship(pairs, [Link(A, B, at(4))])
    assert kin.person(A) == kin.person(B) == kin.person(PHONE)
    assert not kin.is_shared("6281100")
    assert kin.retired == {A: at(4)}


def test_a_number_change_takes_the_person_along_and_retires_the_old_number():
    kin = kinship([Pair("6281100", "ID.A", at(1)), Pair("6281200", "ID.B", at(6))], [Link(PHONE, B, at(6))])
    assert kin.person(OTHER_PHONE) == kin.person(A) == kin.person(B)
    assert kin.retired == {PHONE: at(6)}


def test_whoever_had_the_new_number_before_is_somebody_else():
    kin = kinship([], [Link(PHONE, OTHER_PHONE, at(6))])
    assert kin.person(OTHER_PHONE, at(7)) == kin.person(PHONE)
    assert kin.person(OTHER_PHONE, at(5)) != kin.person(PHONE)


def test_an_old_number_seen_again_with_somebody_is_not_retired():
    pairs = [Pair("6281100", "ID.A", at(1)), Pair("6281100", "ID.C", at(9))]
    kin = kinship(pairs, [Link(PHONE, B, at(6))])
    assert PHONE not in kin.retired
    assert kin.person(PHONE) == ("bsuid", "ID.C")


nodes = st.sampled_from([PHONE, OTHER_PHONE, A, B, ("bsuid", "ID.C"), ("parent", "ID.ENT.X")])
pairs = st.builds(
    Pair, st.sampled_from(["6281100", "6281200"]), st.sampled_from(["ID.A", "ID.B", "ID.C"]), st.integers(0, 5).map(at)
)
links = st.builds(Link, nodes, nodes, st.integers(0, 5).map(at))


@given(st.lists(pairs, max_size=5), st.lists(links, max_size=4), st.randoms(use_true_random=False))
def test_order_and_repeats_of_what_was_seen_do_not_matter(seen, told, random):
    first = kinship(seen, told)
    shuffled, retold = seen + seen[:2], told + told[:2]
    random.shuffle(shuffled)
    random.shuffle(retold)
    second = kinship(shuffled, retold)
    for node in (PHONE, OTHER_PHONE, A, B):
        for moment in (at(0), at(3), None):
            assert first.person(node, moment) == second.person(node, moment)
    assert first.retired == second.retired
