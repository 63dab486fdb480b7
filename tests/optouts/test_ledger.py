"""The consent ledger: the current answer is a function of what was said, whatever the order it was heard in."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optouts import ledger
from optouts.ledger import NewConsent, decide, record, standing
from optouts.models import ConsentEvent
from tests import cast
from workspaces.models import AuditEntry, WorkspaceClock

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
PHONE, BSUID = ("phone", "628110000001"), ("bsuid", "ID.1001")


def event(pk: int, direction: str, minute: int, scope: str = "all", lifts: int | None = None) -> ConsentEvent:
    return ConsentEvent(
        pk=pk,
        direction=direction,
        scope=scope,
        provider_at=NOON + timedelta(minutes=minute),
        evidence=f"wamid.{pk}",
        source="person" if lifts else "words",
        lifts_id=lifts,
    )


def answer(*events: ConsentEvent) -> tuple[int | None, int | None]:
    """The ids of the opt-outs in force: of everything, and of marketing."""
    found = decide(events)
    return getattr(found.everything, "pk", None), getattr(found.marketing, "pk", None)


def test_who_said_nothing_is_not_opted_out():
    assert answer() == (None, None)


def test_stop_stops_and_start_reopens():
    stop, start = event(1, "out", 0), event(2, "in", 5)
    assert answer(stop) == (1, 1)
    assert answer(stop, start) == (None, None)
    assert answer(stop, start, event(3, "out", 9)) == (3, 3)


def test_a_start_from_before_the_stop_does_not_reopen():
    assert answer(event(1, "out", 5), event(2, "in", 0)) == (1, 1)


def test_at_the_same_second_the_opt_out_wins():
    assert answer(event(1, "out", 5), event(2, "in", 5)) == (1, 1)


def test_a_lift_counts_as_later_than_what_it_names_and_covers_what_was_said_before():
    earlier, named = event(1, "out", 0), event(2, "out", 5)
    lift = event(3, "in", 60, lifts=2)
    assert answer(earlier, named, lift) == (None, None)


def test_a_lift_does_not_cover_a_stop_from_after_the_one_it_names_even_if_it_was_made_later():
    named, unseen = event(1, "out", 0), event(2, "out", 5)
    assert answer(named, unseen, event(3, "in", 60, lifts=1)) == (2, 2)


def test_a_stop_after_a_lift_stops_again():
    assert answer(event(1, "out", 0), event(2, "in", 5, lifts=1), event(3, "out", 9)) == (3, 3)


def test_a_lift_of_an_event_that_is_not_this_persons_lifts_nothing():
    assert answer(event(1, "out", 0), event(2, "in", 5, lifts=99)) == (1, 1)


def test_stopping_marketing_stops_nothing_else():
    assert answer(event(1, "out", 0, "marketing")) == (None, 1)


def test_resuming_marketing_does_not_undo_a_stop():
    assert answer(event(1, "out", 0), event(2, "in", 5, "marketing")) == (1, 1)


def test_a_start_reopens_marketing_too():
    assert answer(event(1, "out", 0, "marketing"), event(2, "in", 5)) == (None, None)


EVENTS = st.lists(
    st.builds(
        lambda direction, minute, scope, lifts: (direction, minute, scope, lifts),
        st.sampled_from(["out", "in"]),
        st.integers(0, 4),
        st.sampled_from(["all", "marketing"]),
        st.integers(1, 6) | st.none(),
    ),
    max_size=6,
).map(
    lambda drawn: [
        event(pk, direction, minute, scope, lifts if direction == "in" else None)
        for pk, (direction, minute, scope, lifts) in enumerate(drawn, 1)
    ]
)


@given(EVENTS, st.randoms())
def test_neither_order_nor_repetition_changes_the_answer(events: list[ConsentEvent], random):
    shuffled = [*events, *events[: len(events) // 2]]
    random.shuffle(shuffled)
    assert answer(*shuffled) == answer(*events)


@given(EVENTS)
def test_who_is_opted_out_of_everything_is_opted_out_of_marketing(events: list[ConsentEvent]):
    everything, marketing = answer(*events)
    assert everything is None or marketing is not None


@given(EVENTS)
def test_a_stop_later_than_all_else_always_stops(events: list[ConsentEvent]):
    assert answer(*events, event(99, "out", 100)) == (99, 99)


@given(EVENTS)
def test_a_start_later_than_all_else_always_reopens(events: list[ConsentEvent]):
    assert answer(*events, event(99, "in", 100)) == (None, None)


def test_every_order_of_the_same_five_events_gives_one_answer():
    events = [
        event(1, "out", 0),
        event(2, "in", 3),
        event(3, "out", 5),
        event(4, "in", 60, lifts=3),
        event(5, "out", 9, "marketing"),
    ]
    assert {answer(*order) for order in itertools.permutations(events)} == {(None, 5)}


# --- stored


def said(direction: str, minute: int, who: tuple[str, str] = PHONE, evidence: str = "", quote: str = "") -> NewConsent:
    at = NOON + timedelta(minutes=minute)
    return NewConsent(*who, "all", direction, "words", quote, evidence or f"wamid.{minute}", at)


@pytest.fixture
def house(db: None):
    return cast.kopi_kita()


def is_out(house, *people: tuple[str, str]) -> bool:
    return standing(house.workspace.pk, people).everything is not None


def test_what_is_heard_twice_is_recorded_once(house):
    ids = record(house.workspace.pk, [said("out", 0)])
    assert len(ids) == 1
    assert record(house.workspace.pk, [said("out", 0), said("out", 1)]) != []
    assert ConsentEvent.objects.count() == 2
    assert record(house.workspace.pk, []) == []


def test_an_answer_follows_a_person_through_all_identities_and_no_further(house):
    record(house.workspace.pk, [said("out", 0, BSUID)])
    assert is_out(house, PHONE, BSUID)
    assert not is_out(house, PHONE)
    assert not is_out(house, ("phone", "ID.1001"))
    assert not is_out(house)


def test_a_start_under_one_identity_answers_a_stop_under_another(house):
    record(house.workspace.pk, [said("out", 0, BSUID), said("in", 5, PHONE)])
    assert not is_out(house, PHONE, BSUID)


def test_another_workspace_hears_nothing_of_it(house):
    record(house.workspace.pk, [said("out", 0)])
    assert not is_out(cast.teh_tubruk(), PHONE)


def test_many_people_are_asked_about_with_one_query(house, django_assert_num_queries):
    record(house.workspace.pk, [said("out", 0), said("out", 0, BSUID, "wamid.b"), said("in", 9, BSUID, "wamid.c")])
    people: dict[int, set[tuple[str, str]]] = {1: {PHONE}, 2: {BSUID}, 3: {("phone", "1")}, 4: set()}
    with django_assert_num_queries(1):
        assert ledger.opted_out(house.workspace.pk, people) == {1}


def test_an_admins_lift_names_the_event_is_audited_and_reaches_the_open_pages(house):
    (stop,) = record(house.workspace.pk, [said("out", 0)])
    bob, before = cast.bob(house), version(house)
    ledger.lift(ConsentEvent.objects.get(pk=stop), bob, "They asked for it on the phone")
    assert not is_out(house, PHONE)
    lift = ConsentEvent.objects.get(lifts_id=stop)
    assert (lift.source, lift.actor, lift.quote) == ("person", bob, "They asked for it on the phone")
    assert (lift.kind, lift.value, lift.scope) == (*PHONE, "all")
    assert AuditEntry.objects.filter(action="opt-out lifted", actor=bob).count() == 1
    assert version(house) == before + 1


def test_lifting_twice_is_lifting_once(house):
    (stop,) = record(house.workspace.pk, [said("out", 0)])
    bob = cast.bob(house)
    for _ in range(2):
        ledger.lift(ConsentEvent.objects.get(pk=stop), bob, "Asked")
    assert ConsentEvent.objects.count() == 2
    assert AuditEntry.objects.filter(action="opt-out lifted").count() == 1


def test_what_a_member_records_is_audited_once_and_reaches_the_open_pages(house):
    alice, before = cast.alice(house), version(house)
    given = NewConsent(*PHONE, "marketing", "out", "person", "Said so in the shop", "added 1", NOON)
    assert ledger.opt_out(house.workspace.pk, given, alice)
    assert not ledger.opt_out(house.workspace.pk, given, alice)
    kept = ConsentEvent.objects.get()
    assert (kept.source, kept.actor, kept.quote, kept.scope) == ("person", alice, "Said so in the shop", "marketing")
    entry = AuditEntry.objects.get(action="opt-out added")
    assert (entry.actor, entry.target, entry.after) == (alice, f"consent event {kept.pk}", {"scope": "marketing"})
    assert version(house) == before + 1


@pytest.mark.parametrize("wrong", [{"direction": "in"}, {"source": "words"}])
def test_a_member_records_nothing_in_a_customers_name(house, wrong):
    given = NewConsent(*PHONE, "all", "out", "person", "", "added 1", NOON)
    with pytest.raises(ValueError, match="A member records opt-outs"):
        ledger.opt_out(house.workspace.pk, replace(given, **wrong), cast.alice(house))


SAYINGS = st.lists(
    st.builds(
        lambda who, scope, direction, source, evidence, minute: NewConsent(
            who[0], who[1], scope, direction, source, "", evidence, NOON + timedelta(minutes=minute)
        ),
        st.sampled_from([PHONE, BSUID]),
        st.sampled_from(["all", "marketing"]),
        st.sampled_from(["out", "in"]),
        st.sampled_from(["words", "button", "preference", "refusal", "import", "api"]),
        st.sampled_from(["a", "b", "c"]),
        st.integers(0, 3),
    ),
    max_size=7,
    # One saying is the same whenever it is told, but for a time that Meta did not give.
    unique_by=lambda one: (one.kind, one.value, one.source, one.evidence, one.direction),
)


@given(SAYINGS, st.randoms(), st.integers(0, 6), st.integers(1, 4))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_order_it_is_stored_in_however_often_and_cut_into_whatever_batches_the_answer_is_one(
    house, sayings, random, lifted, batch
):
    """A member lifts one of the opt-outs once it is there; what arrives before or after that changes nothing."""
    repeated = [*sayings, *(replace(one, provider_at=one.provider_at + timedelta(hours=1)) for one in sayings)]
    shuffled = list(repeated)
    random.shuffle(shuffled)
    outs = [one for one in sayings if one.direction == "out"]
    target = outs[lifted % len(outs)] if outs else None
    assert stored(house, repeated, target, len(repeated) or 1) == stored(house, shuffled, target, batch)


def stored(house, sayings: list[NewConsent], target: NewConsent | None, batch: int) -> list[tuple[str, ...] | None]:
    """The answer by natural keys, after all of this in this order; nothing of it stays."""
    with transaction.atomic():
        for first in range(0, len(sayings), batch):
            record(house.workspace.pk, sayings[first : first + batch])
            lift_once(house, target)
        found = standing(house.workspace.pk, [PHONE, BSUID])
        transaction.set_rollback(True)
    answers = (found.everything, found.marketing)
    return [(one.kind, one.source, one.evidence, one.scope) if one else None for one in answers]


def lift_once(house, target: NewConsent | None) -> None:
    kept = (
        target
        and ConsentEvent.objects.filter(
            kind=target.kind, value=target.value, source=target.source, evidence=target.evidence, direction="out"
        ).first()
    )
    if kept:
        now = NOON + timedelta(days=1)
        said = NewConsent(kept.kind, kept.value, kept.scope, "in", "person", "", "lift", now, lifts_id=kept.pk)
        record(house.workspace.pk, [said])


def test_only_an_opt_out_can_be_lifted(house):
    (start,) = record(house.workspace.pk, [said("in", 0)])
    with pytest.raises(ValueError, match="Only an opt-out"):
        ledger.lift(ConsentEvent.objects.get(pk=start), cast.bob(house), "Why not")


def test_the_database_takes_no_opt_in_by_a_person_that_lifts_nothing(house):
    bare = NewConsent(*PHONE, "all", "in", "person", "", "by hand", NOON)
    with pytest.raises(Exception, match="a_lift_names_what_it_lifts"):
        record(house.workspace.pk, [bare])


def version(house) -> int:
    return WorkspaceClock.objects.get(workspace=house.workspace).version
