"""A message's word follows from the set of its evidence, in whatever order and however often it arrives (P3)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import combinations, permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox.delivery import OUTCOME_WORDS, RECEIPT_WORDS, Attempt, Receipt, Word, Work, standing

START = datetime(2026, 11, 20, 8, tzinfo=UTC)


def at(minute: int) -> datetime:
    return START + timedelta(minutes=minute)


def told(status: str, minute: int = 5, attempt: int = 1) -> Receipt:
    return Receipt(status, at(minute), attempt)


ACCEPTED = Attempt(1, "accepted", at(1))
STATUSES = ("sent", "delivered", "read", "played", "failed", "held")
EVIDENCE = (
    *(told(status, minute) for minute, status in enumerate(STATUSES, 2)),
    told("sent", 1),
    told("failed", 9),
    Attempt(1, "accepted", at(1)),
    Attempt(1, None),
)


def said_of(evidence, work: Work = Work.DONE):
    attempts = [one for one in evidence if isinstance(one, Attempt)]
    return standing(attempts, [one for one in evidence if isinstance(one, Receipt)], work)


def test_every_order_of_every_set_of_evidence_says_the_same():
    for size in range(1, 5):
        for chosen in combinations(EVIDENCE, size):
            assert len({said_of(order) for order in permutations(chosen)}) == 1, chosen


def test_every_repetition_of_evidence_says_the_same():
    for size in range(1, 5):
        for sequence in product(EVIDENCE, repeat=size):
            assert said_of(sequence) == said_of(set(sequence)), sequence


def test_another_receipt_never_takes_a_word_back():
    receipts = [one for one in EVIDENCE if isinstance(one, Receipt)]
    for size in range(4):
        for known in combinations(receipts, size):
            for one in receipts:
                assert said_of([ACCEPTED, *known, one]).word >= said_of([ACCEPTED, *known]).word


@given(
    st.lists(st.builds(told, st.sampled_from(STATUSES), st.integers(0, 9), st.integers(1, 3)), max_size=8),
    st.lists(st.builds(Attempt, st.integers(1, 3), st.sampled_from([*OUTCOME_WORDS]), st.just(at(1))), max_size=4),
    st.sampled_from(Work),
    st.randoms(use_true_random=False),
)
def test_any_mixture_of_attempts_and_receipts_says_the_same_in_any_order(receipts, attempts, work, random):
    first = standing(attempts, receipts, work)
    attempts, receipts = attempts * 2, receipts + receipts[:3]
    random.shuffle(attempts)
    random.shuffle(receipts)
    assert standing(attempts, receipts, work) == first


@pytest.mark.parametrize(("outcome", "word"), OUTCOME_WORDS.items())
def test_without_receipts_the_newest_attempt_decides(outcome, word):
    assert standing([Attempt(1, "refused", at(1)), Attempt(2, outcome, at(2))], []).word == word


@pytest.mark.parametrize(("status", "word"), RECEIPT_WORDS.items())
def test_a_receipt_says_more_than_the_answer(status, word):
    assert standing([ACCEPTED], [told(status)]).word == word


@pytest.mark.parametrize(("status", "word"), RECEIPT_WORDS.items())
def test_a_receipt_settles_what_nobody_knew(status, word):
    assert standing([Attempt(1, "unconfirmed", at(1))], [told(status)]).word == word


def test_that_the_person_has_it_beats_that_they_have_not_and_both_stay():
    found = standing([ACCEPTED], [told("delivered", 3), told("failed", 4)])
    assert (found.word, found.delivered_at, found.failed_at) == (Word.DELIVERED, at(3), at(4))


def test_a_failure_after_sent_is_a_failure():
    assert standing([ACCEPTED], [told("failed", 3), told("sent", 4)]).word == Word.FAILED


def test_the_earliest_time_of_each_step_counts():
    found = standing([ACCEPTED], [told("read", 8), told("read", 6), told("sent", 7)])
    assert (found.read_at, found.sent_at, found.delivered_at) == (at(6), at(7), None)


def test_delivered_by_an_earlier_attempt_counts_and_sent_or_failed_by_one_does_not():
    tried = [Attempt(1, "unconfirmed", at(1)), Attempt(2, "accepted", at(4))]
    assert standing(tried, [told("sent"), told("failed")]).word == Word.ACCEPTED
    assert standing(tried, [told("delivered")]).word == Word.DELIVERED


def test_the_reported_failure_of_an_earlier_attempt_keeps_its_time():
    tried = [Attempt(1, "unconfirmed", at(1)), Attempt(2, "accepted", at(4))]
    found = standing(tried, [told("failed", 3), told("delivered", 5, attempt=2)])
    assert (found.word, found.failed_at) == (Word.DELIVERED, at(3))


def test_being_asked_to_wait_is_no_failure_once_the_next_try_was_made():
    tried = [Attempt(1, "refused", at(1)), Attempt(2, "accepted", at(4))]
    assert standing(tried, []).failed_at is None


def test_a_status_that_nobody_knows_says_nothing():
    assert standing([ACCEPTED], [told("held_for_quality_assessment")]) == standing([ACCEPTED], [])


def test_a_receipt_without_a_time_counts():
    found = standing([ACCEPTED], [Receipt("read", None, 1)])
    assert (found.word, found.read_at) == (Word.READ, None)


def test_a_planned_try_reads_sending_and_its_refusal_is_no_failure_yet():
    found = standing([Attempt(1, "refused", at(1))], [], Work.WAITING)
    assert (found.word, found.failed_at) == (Word.SENDING, None)


@pytest.mark.parametrize(
    ("work", "word"),
    [(Work.WAITING, Word.QUEUED), (Work.DONE, Word.NOT_SENT), (Work.CANCELLED, Word.CANCELLED)],
)
def test_what_was_never_tried_never_left(work, word):
    assert standing([], [], work).word == word


def test_a_message_sent_elsewhere_keeps_its_word_until_a_receipt_says_more():
    assert standing([], [], Work.NONE, Word.SENT).word == Word.SENT
    assert standing([], [told("read", attempt=0)], Work.NONE, Word.SENT).word == Word.READ


def test_the_ranks_are_those_of_the_algebra():
    order = "queued sending unconfirmed accepted sent failed delivered read played".upper().split()
    assert [Word[name] for name in order] == sorted(Word[name] for name in order)
