"""Each failure, played by the simulator over real HTTP: which check finds it, with which evidence and which fix."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from connections import asking, checks, judging, proving
from connections.graph.errors import Unconfirmed
from connections.models import Connection, ConnectionTest
from tests import cast
from tests.connections.place import PHONE_NUMBER_ID, WABA_ID
from tests.simulator.callback import callback
from workspaces.audit_words import sentence_of
from workspaces.models import AuditEntry, WorkspaceClock

ALL = ["token", "scopes", "app", "secret", "number", "access", "subscribed", "callback", "environment", "free"]


def not_good(place) -> set[str]:
    return {key for key, verdict in place.verdicts().items() if verdict != "good"}


def bad(place) -> set[str]:
    return {key for key, verdict in place.verdicts().items() if verdict == "bad"}


def test_a_number_that_is_what_it_says_has_every_check_good_and_is_ready(place):
    number = place.connects()
    assert place.verdicts() == dict.fromkeys(ALL, "good")
    assert number.proven_at is not None
    assert number.display_phone_number == "+1 555-010-0000"
    assert (number.token_ends_at, number.data_access_ends_at) == (None, None)
    assert ConnectionTest.objects.get().by == place.bob


def test_a_token_meta_does_not_know_is_bad(place):
    place.connects(access_token="mistyped")
    assert place.found("token")["verdict"] == "bad"
    assert "new token" in place.found("token")["fix"]
    assert bad(place) == {"token"}, "what fails for that reason only is not held against anything else"
    assert place.number().proven_at is None


def test_an_expired_token_is_bad_and_says_since_when(place):
    place.sim.token("good-token", expires_at=int(time.time()) - 3600)
    place.connects()
    assert place.found("token")["evidence"].startswith("It expired on ")
    assert place.number().proven_at is None


@pytest.mark.parametrize(
    ("has", "lacks"),
    [
        ("whatsapp_business_messaging", "whatsapp_business_management"),
        ("whatsapp_business_management", "whatsapp_business_messaging"),
    ],
)
def test_a_token_that_lacks_a_permission_is_bad_and_names_it(place, has, lacks):
    place.sim.token("good-token", scopes=[has])
    place.connects()
    assert place.found("scopes")["verdict"] == "bad"
    assert place.found("scopes")["evidence"] == f"It lacks {lacks}."
    assert bad(place) == {"scopes"}
    assert place.number().proven_at is None


def test_a_token_of_another_app_is_bad_and_the_app_is_named(place):
    place.sim.add_number(id="100000000000050", app_id="600000000000050", access_token="theirs", waba_id=WABA_ID)
    place.connects(access_token="theirs")
    assert "app" in bad(place)
    assert "(app ID 600000000000050)" in place.found("app")["evidence"]
    assert "600000000000006" in place.found("app")["fix"]
    assert place.found("secret")["verdict"] == "good", "the app and its secret are not at fault"


def test_a_wrong_app_secret_is_bad_and_nothing_else_is(place):
    place.app.app_secret = "a slip of the hand"
    place.app.save()
    place.connects()
    assert bad(place) == {"secret"}


def test_a_number_of_another_account_is_bad(place):
    place.sim.add_number(id="100000000000050", waba_id="200000000000050", access_token="theirs")
    place.connects(phone_number_id="100000000000050")
    assert {"number", "access"} <= bad(place)
    assert "this is none of them" in place.found("number")["evidence"]
    assert place.number().proven_at is None


def test_an_account_that_the_token_has_no_access_to_is_bad(place):
    place.sim.token("good-token", waba_ids=["200000000000050"])
    place.connects()
    assert "access" in bad(place)
    assert "for other accounts only" in place.found("access")["evidence"]


def test_swapped_ids_are_recognised_and_one_click_swaps_them(place):
    number = place.connects(phone_number_id=WABA_ID, waba_id=PHONE_NUMBER_ID)
    assert place.found("number")["evidence"] == "Phone Number ID and WABA ID are swapped."
    assert bad(place) == {"number"}
    assert "the classic mistake" in place.page()
    assert "Swap them" in place.page()
    assert "The number is ready" in place.acts("swap/")
    number.refresh_from_db()
    assert (number.phone_number_id, number.waba_id) == (PHONE_NUMBER_ID, WABA_ID)
    assert number.proven_at is not None
    assert number.access_token == "good-token"


def test_an_app_that_is_not_subscribed_is_offered_to_be(place):
    place.graph("DELETE", f"{WABA_ID}/subscribed_apps")
    place.connects()
    assert bad(place) == {"subscribed"}
    assert place.graph("GET", f"{WABA_ID}/subscribed_apps").json()["data"] == [], "a question changes nothing at Meta"
    assert "The number is ready" in place.acts("subscription/")
    assert len(place.graph("GET", f"{WABA_ID}/subscribed_apps").json()["data"]) == 1
    assert AuditEntry.objects.filter(action="connection subscribed", actor=place.bob).count() == 1


def test_an_app_without_a_callback_is_told_and_our_callback_can_be_entered(place, settings):
    with callback() as door:
        door.verify_token = place.app.verify_token
        settings.PUBLIC_URL = door.url.partition("/webhooks/")[0]
        place.sim.set_callback("")
        place.connects()
        assert bad(place) == {"callback"}
        assert "they go nowhere" in place.found("callback")["evidence"]
        assert "The number is ready" in place.acts("callback/")
    assert place.sim.number()["callback_url"] == proving.callback_url(place.app)
    entry = AuditEntry.objects.get(action="connection changed")
    assert sentence_of(entry) == "Bob entered our callback at Meta for Orders"


def test_a_callback_that_does_not_shake_hands_changes_nothing_and_says_so(place, settings):
    settings.PUBLIC_URL = "http://127.0.0.1:9"
    place.sim.set_callback("")
    place.connects()
    assert "Nothing was changed at Meta." in place.acts("callback/")
    assert place.number().proven_at is None


def test_a_callback_of_the_number_alone_that_leads_elsewhere_is_bad_and_says_where(place):
    with callback() as elsewhere:
        override = {"override_callback_uri": elsewhere.url, "verify_token": elsewhere.verify_token}
        place.graph("POST", PHONE_NUMBER_ID, webhook_configuration=override)
        place.connects()
    assert bad(place) == {"callback"}
    assert "127.0.0.1" in place.found("callback")["evidence"]
    assert "set for this number alone" in place.found("callback")["evidence"]


def test_a_callback_of_the_account_alone_is_ended_by_subscribing_again(place):
    with callback() as elsewhere:
        override = {"override_callback_uri": elsewhere.url, "verify_token": elsewhere.verify_token}
        place.graph("POST", f"{WABA_ID}/subscribed_apps", **override)
        place.connects()
        assert "set for this business account alone" in place.found("callback")["evidence"]
        assert "The number is ready" in place.acts("subscription/")


@pytest.mark.parametrize(
    ("mode", "environment", "fits"),
    [
        ("LIVE", "production", True),
        ("LIVE", "test", False),
        ("SANDBOX", "test", True),
        ("SANDBOX", "production", False),
    ],
)
def test_a_live_number_is_production_and_one_of_metas_test_numbers_is_test(place, settings, mode, environment, fits):
    """With a double of Meta as the server of each environment, as GRAPH_BASE_URL_… allows."""
    settings.GRAPH_BASE_URLS = dict.fromkeys(settings.GRAPH_BASE_URLS, place.sim.url)
    type(place.app).objects.update(is_simulated=False)
    place.sim.add_number(id=PHONE_NUMBER_ID, account_mode=mode, waba_id=WABA_ID, access_token="good-token")
    number = place.connects(environment=environment)
    assert bad(place) == (set() if fits else {"environment"})
    assert (number.proven_at is not None) == fits


def test_a_simulated_number_needs_a_simulator():
    claim = judging.Claim("6", "App", "1", "2", "simulator", "", is_metas_server=True, is_simulated_app=True)
    nothing = Unconfirmed("Not asked.")
    found = judging.environment(claim, nothing)
    assert found.verdict == "bad"
    assert "GRAPH_BASE_URL_SIMULATOR" in found.fix
    assert judging.environment(replace(claim, is_metas_server=False), nothing).is_good


def test_an_app_of_meta_and_a_simulated_number_do_not_go_together(place):
    type(place.app).objects.update(is_simulated=False)
    place.connects()
    assert bad(place) == {"environment"}
    assert "not of the same place" in place.acts("callback/")
    assert place.sim.calls() == [], "the secret of Meta's app is not for the simulator to read"


def test_where_no_simulator_is_set_up_meta_is_not_asked_in_its_place(place, settings):
    settings.GRAPH_BASE_URLS = settings.GRAPH_BASE_URLS | {"simulator": ""}
    claim = judging.Claim("6", "App", "1", "2", "simulator", "", is_metas_server=True, is_simulated_app=True)
    assert [one.key for one in judging.misplaced(claim)] == ALL
    assert judging.misplaced(replace(claim, is_metas_server=False)) == []


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"expires_at": 0}, "It is valid and never expires."),
        ({}, "It is valid. Meta does not say until when."),
        ({"expires_at": "soon"}, "It is valid. Meta does not say until when."),
        ({"expires_at": False}, "It is valid. Meta does not say until when."),
    ],
)
def test_of_a_token_it_is_said_that_it_never_expires_only_where_meta_says_so(told, said):
    answers = judging.Answers({"is_valid": True, **told}, *[Unconfirmed("Not asked.")] * 5)
    assert judging.token(answers, timezone.now()).evidence == said


def test_a_number_connected_elsewhere_is_said_to_be_and_not_whose_it_is(place):
    other = cast.teh_tubruk()
    Connection.objects.filter(pk=other.connection.pk).update(phone_number_id=PHONE_NUMBER_ID)
    number = place.connects()
    assert bad(place) == {"free"}
    page = place.page()
    assert "connected elsewhere" in page
    assert "Teh Tubruk" not in page
    assert number.proven_at is None


def test_who_cannot_prove_the_rest_is_not_told_whether_a_number_is_connected(place):
    other = cast.teh_tubruk()
    Connection.objects.filter(pk=other.connection.pk).update(phone_number_id=PHONE_NUMBER_ID)
    place.connects(access_token="mistyped")
    assert place.found("free")["verdict"] == "not known"
    assert "connected elsewhere" not in place.page()


def test_a_number_that_is_not_proven_reserves_nothing(place):
    other = cast.teh_tubruk()
    unproven = {"phone_number_id": PHONE_NUMBER_ID, "proven_at": None}
    Connection.objects.filter(pk=other.connection.pk).update(**unproven)
    assert place.connects().proven_at is not None


def test_a_time_out_is_not_known_and_never_bad(place, in_a_hurry):
    place.sim.fault("slow", on="graph", seconds=5)
    place.connects()
    assert not bad(place)
    assert {"token", "number", "access", "subscribed", "callback"} <= not_good(place)
    assert place.number().proven_at is None


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "error", "code": 4},
        {"kind": "error", "code": 80007},
        {"kind": "html"},
        {"kind": "unreadable"},
        {"kind": "lost_answer"},
    ],
)
def test_what_meta_does_not_answer_plainly_is_not_known_either(place, fault):
    place.sim.fault(on="graph", **fault)
    place.connects()
    assert not bad(place)
    assert place.number().proven_at is None


def test_all_of_it_is_asked_at_once(place, monkeypatch):
    """Six calls of a second each: one after another they would not be over in time."""
    monkeypatch.setattr(asking, "PATIENCE", 5.0)
    place.sim.fault("slow", on="graph", seconds=1)
    assert place.connects().proven_at is not None


def test_a_later_check_that_fails_pauses_nothing_and_takes_no_proof_away(place):
    number = place.connects()
    ready_since = number.proven_at
    place.sim.token("good-token", scopes=[])
    said = place.acts("check/")
    assert "works on as it was" in said
    number.refresh_from_db()
    assert (number.proven_at, number.paused_at) == (ready_since, None)
    assert ConnectionTest.objects.count() == 2
    assert not ConnectionTest.objects.latest("pk").is_good
    listed = place.browser.get("/w/kopi-kita/settings/connections/").content.decode()
    assert "A check is not good" in listed
    assert "Ready" in listed


def test_an_answer_for_other_details_than_those_by_now_is_not_kept(place):
    number = place.connects(access_token="mistyped")
    found = proving.examine(number)
    Connection.objects.filter(pk=number.pk).update(revision=number.revision + 1)
    proving.keep(number, found)
    assert ConnectionTest.objects.count() == 1


def test_when_the_token_ends_is_kept_and_tells_open_pages(place):
    soon = timezone.now().replace(microsecond=0) + timedelta(days=9)
    place.connects()
    before = WorkspaceClock.objects.get(workspace=place.house.workspace).version
    place.sim.token("good-token", expires_at=int(soon.timestamp()), data_access_expires_at=int(soon.timestamp()) + 60)
    place.acts("check/")
    number = place.number()
    assert number.token_ends_at == soon
    assert number.data_access_ends_at == soon + timedelta(minutes=1)
    assert WorkspaceClock.objects.get(workspace=place.house.workspace).version > before


def test_the_older_checks_are_forgotten(place):
    number = place.connects()
    for _ in range(proving.KEPT_TESTS + 3):
        proving.keep(number, proving.Examination(()))
    assert number.tests.count() == proving.KEPT_TESTS


@pytest.mark.parametrize("fault", ["lost_answer", "unreadable"])
def test_a_change_at_meta_without_an_answer_is_not_said_to_have_failed(place, fault):
    place.connects()
    place.sim.fault(fault, on="graph", count=1)
    said = place.acts("subscription/")
    assert "whether it was changed at Meta is not known" in said
    assert "Nothing was changed" not in said


@pytest.mark.parametrize("act", ["subscription/", "callback/"])
def test_a_change_that_meta_refuses_is_said_to_have_changed_nothing(place, act):
    place.connects()
    place.sim.fault("error", on="graph", code=10, count=1)
    assert "Nothing was changed at Meta." in place.acts(act)


ODD = [5, "x", [], [5], {}, True, 1e400, "\x00", "\ud800", "http://[", [{"id": {}}], [[1]]]


@pytest.mark.parametrize("odd", ODD, ids=ascii)
def test_an_answer_of_any_form_is_judged(odd):
    """What Graph says is checked for its form where it is used, as nobody promises it."""
    claim = judging.Claim("1", "An app", "2", "3", "production", "https://inbox.example/x/", True, False)
    facts = {"is_valid": True, "scopes": list(judging.SCOPES), "app_id": "1", "expires_at": 0}
    scope = {"scope": judging.SCOPES[0], "target_ids": ["3"]}
    names = ("is_valid", "scopes", "granular_scopes", "app_id", "application", "expires_at")
    tokens = [{**facts, name: odd} for name in names]
    tokens += [{**facts, "granular_scopes": [{**scope, name: odd}]} for name in scope]
    numbers = [{name: odd} for name in ("account_mode", "webhook_configuration")]
    numbers += [{"webhook_configuration": {level: odd}} for level in judging.LEVELS]
    for told in tokens:
        for number in numbers:
            rows = [{"id": odd, "whatsapp_business_api_data": odd}]
            found = judging.judge(claim, judging.Answers(told, told, number, rows, rows, rows), timezone.now())
            assert [one.key for one in found] == ALL[:-1]


@pytest.mark.parametrize("odd", ["\x00", "\ud800"], ids=ascii)
def test_evidence_that_no_database_takes_is_kept_in_a_form_that_it_does(place, odd):
    number = place.connects()
    proving.keep(number, proving.Examination((checks.bad("app", f"It is of “{odd}”.", "Mend it."),)))
    assert place.found("app")["evidence"].startswith("It is of “")
    assert place.browser.get(place.at()).status_code == 200
