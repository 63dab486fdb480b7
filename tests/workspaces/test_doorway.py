"""The first question of every page is asked in plain SQL; the answer is what the ORM would give."""

from __future__ import annotations

import pytest
from django.forms.models import model_to_dict

from tests import cast
from workspaces.clock import tick
from workspaces.doorway import PARTS, membership_of
from workspaces.models import Membership

pytestmark = pytest.mark.django_db


def test_the_membership_comes_with_its_workspace_its_clock_and_the_person_in_one_query(django_assert_num_queries):
    house = cast.kopi_kita()
    alice = cast.alice(house)
    cast.charlie()
    tick([house.workspace.pk])
    with django_assert_num_queries(1):
        found = membership_of(alice, "kopi-kita")
        assert found is not None
        parts = (found, found.workspace, found.workspace.clock)
        assert found.user is alice
    expected = Membership.objects.select_related("workspace__clock").get(user=alice)
    for part, same in zip(parts, (expected, expected.workspace, expected.workspace.clock), strict=True):
        assert part == same
        assert model_to_dict(part) == model_to_dict(same)


def test_somebody_elses_workspace_and_one_that_does_not_exist_are_both_none():
    cast.kopi_kita()
    charlie = cast.charlie()
    assert membership_of(charlie, "kopi-kita") is None
    assert membership_of(charlie, "no-such-place") is None


def test_no_field_that_is_read_so_needs_a_conversion_that_only_the_orm_would_do():
    fields = [field for model in PARTS for field in model._meta.concrete_fields]
    assert [field for field in fields if hasattr(field, "from_db_value")] == []
