"""Templates are listed from Meta over HTTP: all pages, every status, and never half a listing taken for a whole one."""

from __future__ import annotations

import pytest
from cryptography.fernet import Fernet
from django.utils import timezone

from connections import choice
from connections.graph import templates as graph
from connections.message_templates import calling, listing, sync, tasks
from connections.models import Connection, MessageTemplate, TemplateSync
from tests import cast
from tests.cast import House
from tests.inbox.meta import Meta
from workspaces.models import WorkspaceClock

pytestmark = pytest.mark.django_db


@pytest.fixture
def house(meta: Meta) -> House:
    return meta.house


@pytest.fixture
def sim(meta: Meta):
    return meta.sim


def synced(house: House) -> TemplateSync:
    run = sync.sync(house.workspace.pk, house.connection.waba_id)
    assert run is not None
    return run


def names(house: House) -> set[str]:
    return set(house.workspace.message_templates.present().values_list("name", flat=True))


def listings(sim) -> list[dict]:
    return [one for one in sim.calls() if one["method"] == "GET" and one["path"].endswith("/message_templates")]


def clock(house: House) -> int:
    return WorkspaceClock.objects.get(workspace=house.workspace).version


def test_every_page_and_every_status_is_listed_with_all_that_meta_tells(house, sim, monkeypatch):
    monkeypatch.setattr(graph, "PAGE_SIZE", 2)
    statuses = ["APPROVED", "PENDING", "REJECTED", "PAUSED", "DISABLED", "IN_APPEAL", "PENDING_DELETION"]
    for number, status in enumerate(statuses):
        sim.template(f"number_{number}", "Hi {{1}}, all well?", status=status, language="id", category="MARKETING")
    run = synced(house)
    assert (run.count, run.problem, run.ok_at) == (7, "", run.started_at)
    assert len(listings(sim)) == 4
    found = MessageTemplate.objects.order_by("name")
    assert [one.status for one in found] == statuses
    first = found[0]
    assert (first.language, first.category, first.quality) == ("id", "MARKETING", "UNKNOWN")
    assert (first.components, first.parameter_format) == (
        [{"type": "BODY", "text": "Hi {{1}}, all well?"}],
        "POSITIONAL",
    )
    assert first.synced_at == first.seen_at == run.started_at
    assert first.waba_id == house.connection.waba_id


def test_syncing_again_changes_nothing_but_the_age(house, sim):
    sim.template("greeting", "Hello there")
    synced(house)
    before = MessageTemplate.objects.get()
    synced(house)
    after = MessageTemplate.objects.get()
    assert (after.pk, after.changed_at) == (before.pk, before.changed_at)
    assert after.synced_at is not None
    assert before.synced_at is not None
    assert after.synced_at > before.synced_at


def test_a_template_that_is_not_listed_any_more_is_removed_and_comes_back_when_it_is(house, sim):
    sim.template("greeting", "Hello there")
    sim.template("farewell", "Good bye")
    synced(house)
    deleted = MessageTemplate.objects.get(name="greeting")
    graph.delete_template(choice.account(house.connection), "greeting")
    synced(house)
    assert names(house) == {"farewell"}
    deleted.refresh_from_db()
    assert deleted.removed_at is not None
    sim.template("greeting", "Hello again")  # of the same name, but another template
    synced(house)
    assert names(house) == {"farewell", "greeting"}
    assert MessageTemplate.objects.filter(name="greeting").count() == 2


@pytest.mark.parametrize("fault", ["error", "html", "unreadable", "lost_answer"])
def test_a_listing_that_is_cut_short_removes_nothing_and_says_why(house, sim, monkeypatch, fault):
    monkeypatch.setattr(graph, "PAGE_SIZE", 1)
    sim.template("greeting", "Hello there")
    sim.template("farewell", "Good bye")
    sim.template("thanks", "Thank you")
    whole = synced(house)
    graph.delete_template(choice.account(house.connection), "farewell")
    sim.fault(fault, on="graph", skip=1, count=1)  # the second page
    run = synced(house)
    assert run.problem
    assert run.next_step
    assert run.ok_at == whole.ok_at
    assert names(house) == {"greeting", "farewell", "thanks"}
    again = synced(house)
    assert (again.problem, again.next_step) == ("", "")
    assert names(house) == {"greeting", "thanks"}


def test_a_cursor_that_meta_has_forgotten_begins_the_list_anew(house, sim, monkeypatch):
    monkeypatch.setattr(graph, "PAGE_SIZE", 1)
    sim.template("greeting", "Hello there")
    sim.template("farewell", "Good bye")
    sim.fault("error", on="graph", code=131059, skip=1, count=1)
    assert synced(house).problem == ""
    assert names(house) == {"greeting", "farewell"}
    assert len(listings(sim)) == 4


def test_two_numbers_of_an_account_are_listed_once_and_by_the_token_that_works(house, sim):
    sim.template("greeting", "Hello there")
    Connection.objects.filter(pk=house.connection.pk).update(paused_at=timezone.now())
    second(house, access_token="a-token-that-was-revoked", proven_at=timezone.now())
    assert sync.due(timezone.now()) == [(house.workspace.pk, house.connection.waba_id)]
    assert synced(house).problem == ""
    assert names(house) == {"greeting"}
    assert sync.due(timezone.now()) == []


def second(house: House, **facts) -> Connection:
    return Connection.objects.create(
        workspace=house.workspace,
        meta_app=house.connection.meta_app,
        name="Second",
        phone_number_id="100000000000003",
        waba_id=house.connection.waba_id,
        environment="simulator",
        **facts,
    )


def test_an_account_is_due_at_once_when_a_number_is_proven_then_every_few_hours_and_sooner_after_a_failure(house, sim):
    now = timezone.now()
    pair = (house.workspace.pk, house.connection.waba_id)
    Connection.objects.update(proven_at=None)
    assert sync.due(now) == []
    Connection.objects.update(proven_at=now)
    assert sync.due(now) == [pair]
    assert synced(house).problem == ""
    now = timezone.now()
    assert sync.due(now) == []
    assert sync.due(now + sync.EVERY) == [pair]
    other = second(house, access_token="simulator", proven_at=now)
    assert sync.due(now) == [pair]
    other.delete()
    TemplateSync.objects.update(problem="Meta refused it.")
    assert sync.due(now) == []
    assert sync.due(now + sync.AFTER_A_FAILURE) == [pair]
    TemplateSync.objects.update(problem="", wanted_at=now)
    assert sync.due(now) == []
    assert sync.due(now + sync.WANTED_AT_MOST_EVERY) == [pair]


def test_while_an_account_is_being_listed_nobody_else_lists_it_until_that_run_must_be_dead(house, sim):
    sim.template("greeting", "Hello there")
    now = timezone.now()
    TemplateSync.objects.create(workspace=house.workspace, waba_id=house.connection.waba_id, started_at=now)
    assert sync.due(now) == []
    assert sync.sync(house.workspace.pk, house.connection.waba_id) is None
    assert listings(sim) == []
    TemplateSync.objects.update(started_at=now - sync.LONGEST_RUN)
    assert synced(house).count == 1


def test_the_task_lists_what_is_due_and_only_that(house, sim):
    sim.template("greeting", "Hello there")
    pair = (house.workspace.pk, house.connection.waba_id)
    tasks.sync_templates(*pair)
    tasks.sync_templates(*pair)
    assert len(listings(sim)) == 1
    assert names(house) == {"greeting"}


def test_a_token_that_meta_refuses_is_said_with_what_to_do(house, sim):
    Connection.objects.filter(pk=house.connection.pk).update(access_token="EAAplanted")
    run = synced(house)
    assert "access token" in run.problem
    assert "token" in run.next_step
    assert "EAAplanted" not in run.problem + run.next_step


def test_an_account_without_a_proven_number_says_so(house, sim):
    Connection.objects.update(proven_at=None)
    run = synced(house)
    assert (run.problem, run.next_step) == (calling.NoNumber().reason, sync.CONNECT)


def test_a_token_that_cannot_be_decrypted_is_a_sentence_and_no_crash(house, sim, settings):
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    assert "cannot be decrypted" in synced(house).problem


def test_a_sync_raises_the_clock_of_its_workspace_alone(house, sim):
    other = cast.teh_tubruk()
    before = (clock(house), clock(other))
    synced(house)
    assert (clock(house), clock(other)) == (before[0] + 1, before[1])


def test_rows_of_a_listing_that_make_no_sense_are_kept_as_far_as_they_can_be():
    now = timezone.now()
    assert listing.told_of({"name": "no_id"}, now) is None
    odd = {"id": 4, "name": ["x"], "status": "DREAMING", "quality_score": "GREEN", "components": [1, {"type": "B\0DY"}]}
    told = listing.told_of(odd, now)
    assert told is not None
    assert (told.template_id, told.name, told.language) == ("4", "", "")
    assert told.groups["status"]["status"] == "DREAMING"
    assert told.groups["quality"] == {"quality": "GREEN"}
    assert told.groups["components"]["components"] == [{"type": "B\ufffdDY"}]
    assert "category" not in told.groups
