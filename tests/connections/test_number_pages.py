"""A number's pages: connecting one, correcting it, checking it, renaming, pausing, taking it away. And who may."""

from __future__ import annotations

import pytest
from cryptography.fernet import Fernet
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from connections import asking, connecting, sharing
from connections.models import AppShare, Connection, ConnectionTest, NewToken
from tests import cast
from tests.connections.place import NUMBERS, PHONE_NUMBER_ID, WABA_ID
from tests.inbox.screens import hear, signed_in
from workspaces.models import AuditEntry, Role, WorkspaceClock

pytestmark = pytest.mark.django_db

POSTS = [
    "details/",
    "name/",
    "check/",
    "swap/",
    "subscription/",
    "callback/",
    "pause/",
    "resumption/",
    "removal/",
    "token/",
    "token/check/",
    "token/removal/",
]


def addresses(house) -> list[str]:
    number = f"{NUMBERS}{house.connection.pk}/"
    return [f"{NUMBERS}new/", number, *(number + path for path in POSTS)]


def ask(browser: Client, address: str):
    """Ask with the method that the address takes."""
    response = browser.get(address)
    return browser.post(address) if response.status_code == 405 else response


# --- who may


@pytest.mark.parametrize("role", [Role.OPS, Role.AGENT])
def test_who_may_not_change_connections_is_refused_everywhere(house, role):
    browser = signed_in(cast.person(house.workspace, "Dana", role))
    assert {address: ask(browser, address).status_code for address in addresses(house)} == dict.fromkeys(
        addresses(house), 403
    )


@pytest.mark.parametrize("role", [Role.OWNER, Role.ADMIN])
def test_owners_and_admins_may(house, role):
    browser = signed_in(cast.person(house.workspace, "Dana", role))
    number = f"{NUMBERS}{house.connection.pk}/"
    assert browser.get(number).status_code == 200
    assert browser.get(f"{NUMBERS}new/").status_code == 200
    assert browser.post(number + "pause/").status_code == 302
    house.connection.refresh_from_db()
    assert house.connection.paused_at is not None


def test_to_an_outsider_and_a_stranger_there_is_nothing(house):
    outsider = signed_in(cast.charlie())
    for address in addresses(house):
        assert ask(outsider, address).status_code == 404, address
        assert ask(Client(), address).headers["Location"].startswith("/accounts/login/?next="), address


def test_another_workspaces_number_is_not_found_in_ones_own(house):
    other = cast.teh_tubruk()
    browser = signed_in(cast.bob(house))
    for path in ["", *POSTS]:
        assert ask(browser, f"{NUMBERS}{other.connection.pk}/{path}").status_code == 404, path
    other.connection.refresh_from_db()
    assert other.connection.paused_at is None


def test_what_acts_refuses_to_be_read_and_the_page_to_be_posted_to(house):
    browser = signed_in(cast.bob(house))
    number = f"{NUMBERS}{house.connection.pk}/"
    assert {path: browser.get(number + path).status_code for path in POSTS} == dict.fromkeys(POSTS, 405)
    assert browser.post(number).status_code == 405
    assert browser.put(f"{NUMBERS}new/").status_code == 405


# --- connecting


def test_a_number_is_connected_and_listed_as_ready(place):
    said = place.browser.post(f"{NUMBERS}new/", place.fields(), follow=True).content.decode()
    assert "The number is ready" in said
    assert "+1 555-010-0000" in said
    listed = place.browser.get("/w/kopi-kita/settings/connections/").content.decode()
    assert "Ready" in listed
    assert "Orders" in listed
    saved = AuditEntry.objects.filter(actor=place.bob).order_by("pk").values_list("action", flat=True)
    assert list(saved) == ["connection saved", "connection proven"]


def test_ids_may_be_pasted_with_spaces_and_the_token_with_a_line_break(place):
    number = place.connects(
        phone_number_id=" 100000 000000\u00a0001\u200b", waba_id="200000000000002\n", access_token="good-\ntoken "
    )
    assert (number.phone_number_id, number.waba_id, number.access_token) == (PHONE_NUMBER_ID, WABA_ID, "good-token")
    assert number.proven_at is not None


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": ""}, "This field is required"),
        ({"name": "x" * 121}, "at most 120 characters"),
        ({"phone_number_id": "+62 811 1000"}, "looks like the phone number itself"),
        ({"phone_number_id": "1000a"}, "digits only"),
        ({"phone_number_id": "1" * 33}, "at most 32 digits"),
        ({"waba_id": ""}, "This field is required"),
        ({"waba_id": PHONE_NUMBER_ID}, "The two ids are the same"),
        ({"access_token": ""}, "This field is required"),
        ({"access_token": "schlüssel"}, "characters that no token can hold"),
        ({"environment": "moon"}, "Select a valid choice"),
        ({"meta_app": "0"}, "Select a valid choice"),
    ],
)
def test_bad_input_is_told_at_its_field_and_what_was_typed_is_kept(place, wrong, said):
    given = place.fields(name="Orders of Bandung") | {"access_token": "planted-token"} | wrong
    response = place.browser.post(f"{NUMBERS}new/", given)
    page = response.content.decode()
    assert response.status_code == 422
    assert said in page
    assert "planted-token" not in page
    if "access_token" not in wrong:
        assert "Type the access token once more" in page
    if "name" not in wrong:
        assert "Orders of Bandung" in page
    assert not Connection.objects.exists()


def test_the_app_of_another_workspace_cannot_be_chosen_until_it_is_lent(place):
    other = cast.teh_tubruk()
    theirs = str(other.connection.meta_app_id)
    response = place.browser.post(f"{NUMBERS}new/", place.fields(meta_app=theirs))
    assert response.status_code == 422
    assert "Teh Tubruk" not in place.browser.get(f"{NUMBERS}new/").content.decode()
    owner = cast.person(other.workspace, "Olga", Role.OWNER)
    share = sharing.offer(other.connection.meta_app, "kopi-kita", by=owner)
    sharing.accept(place.house.workspace, share.pk, by=place.bob)
    assert place.connects(meta_app=theirs).meta_app_id == other.connection.meta_app_id
    page = place.page()
    assert "shared by Teh Tubruk" in page
    assert "/callback/" not in page, "only its owner sets an app's callback"
    assert "The app belongs to Teh Tubruk" in place.acts("callback/")


def test_an_app_that_is_offered_to_several_is_one_to_choose(place):
    for slug in ("teh-tubruk", "susu-segar"):
        AppShare.objects.create(meta_app=place.app, slug=slug, offered_at=timezone.now())
    page = place.browser.get(f"{NUMBERS}new/").content.decode()
    assert page.count(f'<option value="{place.app.pk}"') == 1
    assert place.connects().meta_app == place.app


def test_an_app_that_is_taken_back_meanwhile_is_refused(place):
    other = cast.teh_tubruk()
    details = connecting.Details("Orders", other.connection.meta_app, PHONE_NUMBER_ID, WABA_ID, "simulator", "t")
    with pytest.raises(connecting.NotConnectedError, match="no longer at hand"):
        connecting.add(place.house.workspace, details)
    assert not place.house.workspace.connections.exists()


def test_the_same_number_twice_in_a_workspace_is_refused_at_its_field(place):
    place.connects()
    response = place.browser.post(f"{NUMBERS}new/", place.fields(name="Again"))
    assert response.status_code == 422
    assert "has a number with this Phone Number ID already" in response.content.decode()
    assert Connection.objects.count() == 1


def test_a_time_out_while_saving_keeps_all_that_was_typed_and_says_what_is_not_known(place, in_a_hurry):
    place.sim.fault("slow", on="graph", seconds=5)
    response = place.browser.post(f"{NUMBERS}new/", place.fields(name="Orders of Bandung"), follow=True)
    page = response.content.decode()
    assert "Meta did not answer everything" in page
    assert "Not known." in page
    assert "Not ready." in page
    for typed in ("Orders of Bandung", PHONE_NUMBER_ID, WABA_ID):
        assert f'value="{typed}"' in page
    place.sim.clear_faults()
    assert place.number().access_token == "good-token"


def test_once_meta_answers_again_one_click_makes_it_ready(place, in_a_hurry, monkeypatch):
    place.sim.fault("slow", on="graph", seconds=2)
    place.connects()
    place.sim.clear_faults()
    monkeypatch.undo()
    assert "The number is ready" in place.acts("check/")


def test_what_is_not_ready_says_so_everywhere(place):
    place.connects(access_token="mistyped")
    assert "Not ready" in place.browser.get("/w/kopi-kita/settings/connections/").content.decode()
    page = place.page()
    assert "Nothing is sent from this number" in page
    assert 'data-verdict="bad"' in page


def test_a_number_that_is_not_ready_is_corrected_and_keeps_its_token_where_none_is_typed(place):
    number = place.connects(waba_id="200000000000077")
    assert number.proven_at is None
    given = place.fields(access_token="")
    said = place.browser.post(place.at("details/"), given, follow=True).content.decode()
    assert "The number is ready" in said
    number.refresh_from_db()
    assert (number.waba_id, number.access_token) == (WABA_ID, "good-token")
    entry = AuditEntry.objects.get(action="connection changed")
    assert (entry.before, entry.after) == ({"waba_id": "200000000000077"}, {"waba_id": WABA_ID})


def test_a_token_that_is_kept_is_not_sent_to_the_server_of_another_environment(place, settings):
    settings.GRAPH_BASE_URLS = settings.GRAPH_BASE_URLS | {"production": "http://127.0.0.1:9"}
    place.app.is_simulated = False
    place.app.save()
    number = place.connects(environment="production", access_token="a real token")
    asked = len(place.sim.calls())
    response = place.browser.post(place.at("details/"), place.fields(access_token=""))
    assert response.status_code == 422
    assert "the one that is stored is of another environment" in response.content.decode()
    assert len(place.sim.calls()) == asked
    number.refresh_from_db()
    assert number.environment == "production"
    assert place.browser.post(place.at("details/"), place.fields(access_token="good-token")).status_code == 302


def test_bad_corrections_are_told_at_their_field_and_change_nothing(place):
    place.connects(access_token="mistyped")
    response = place.browser.post(place.at("details/"), place.fields(waba_id="abc", access_token="planted-token"))
    page = response.content.decode()
    assert response.status_code == 422
    assert "digits only" in page
    assert 'value="abc"' in page
    assert "planted-token" not in page
    assert place.number().waba_id == WABA_ID


def test_the_details_of_a_ready_number_cannot_be_changed_by_a_page_from_before(place):
    place.connects()
    response = place.browser.post(place.at("details/"), place.fields(environment="production"))
    assert response.status_code == 422
    assert "proven meanwhile" in response.content.decode()
    assert place.number().environment == "simulator"


def test_swapping_a_ready_number_is_refused(place):
    place.connects()
    assert "Nothing was changed" in place.acts("swap/")
    assert place.number().phone_number_id == PHONE_NUMBER_ID


# --- the rest of its life


def test_a_number_is_renamed_audited_and_seen_by_open_pages(place):
    place.connects()
    before = WorkspaceClock.objects.get(workspace=place.house.workspace).version
    assert "It is called Bandung now." in place.acts("name/", name="Bandung")
    entry = AuditEntry.objects.get(action="connection changed")
    assert (entry.actor, entry.before, entry.after) == (place.bob, {"name": "Orders"}, {"name": "Bandung"})
    assert WorkspaceClock.objects.get(workspace=place.house.workspace).version > before
    assert place.browser.post(place.at("name/"), {"name": ""}).status_code == 422
    assert place.number().name == "Bandung"


def test_pausing_says_who_and_since_when_and_resuming_ends_it(place):
    place.connects()
    assert "Orders is paused" in place.acts("pause/")
    assert "was paused already" in place.acts("pause/")
    page = place.page()
    assert "<strong>Paused</strong> by Bob since" in page
    assert "Paused" in place.browser.get("/w/kopi-kita/settings/connections/").content.decode()
    assert "Orders is resumed" in place.acts("resumption/")
    assert "was not paused any more" in place.acts("resumption/")
    assert place.number().paused_at is None


def test_a_number_that_was_never_ready_is_taken_away_and_a_ready_one_stays(place):
    place.connects(access_token="mistyped")
    assert "is taken away" in place.acts("removal/")
    assert not Connection.objects.exists()
    place.connects()
    assert "stays" in place.acts("removal/")
    assert Connection.objects.exists()


def test_a_number_whose_token_cannot_be_read_is_taken_away_like_another(place, settings):
    place.connects(access_token="mistyped")
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    assert "is taken away" in place.acts("removal/")
    assert not Connection.objects.exists()


def test_a_check_of_a_paused_number_does_not_say_that_it_is_ready(place):
    place.connects()
    place.acts("pause/")
    said = place.acts("check/")
    assert "Every check is good. The number stays paused" in said
    assert "The number is ready" not in said


def test_what_was_asked_about_details_that_changed_meanwhile_makes_nothing_ready(place, monkeypatch):
    number = place.connects(access_token="mistyped")
    Connection.objects.update(access_token="good-token")
    ask = asking.ask

    def while_another_admin_saves(*asked):
        Connection.objects.update(revision=number.revision + 1)
        return ask(*asked)

    monkeypatch.setattr(asking, "ask", while_another_admin_saves)
    said = place.acts("check/")
    assert "Nothing was proven" in said
    assert "The number is ready" not in said


def test_a_page_whose_secrets_cannot_be_read_is_there_and_says_so(place, settings):
    place.connects()
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    assert place.browser.get(place.at()).status_code == 200
    assert "cannot be decrypted" in place.acts("check/")
    assert place.number_without_token().proven_at is not None


def test_no_secret_is_in_a_page_the_audit_trail_or_what_is_kept_of_checks(place, caplog):
    caplog.set_level("DEBUG")
    place.app.app_secret = "planted-secret-9"
    place.app.save()
    place.connects(access_token="planted-token-9")
    place.acts("token/", access_token="planted-token-8")
    kept = [
        place.page(),
        str(list(AuditEntry.objects.values())),
        str(list(ConnectionTest.objects.values())),
        str(list(NewToken.objects.values("checks"))),
        caplog.text,
    ]
    for text in kept:
        assert "planted" not in text


# --- the firewall between environments


def test_a_number_with_conversations_keeps_its_environment_whoever_writes(house):
    hear(house)
    with pytest.raises(IntegrityError, match="its environment stays"), transaction.atomic():
        Connection.objects.filter(pk=house.connection.pk).update(environment="production")
    Connection.objects.filter(pk=house.connection.pk).update(proven_at=None)
    details = connecting.details_of(house.connection)
    moved = connecting.Details(details.name, details.meta_app, PHONE_NUMBER_ID, WABA_ID, "production", "a-token")
    with pytest.raises(connecting.NotConnectedError, match="a conversation cannot change its environment"):
        connecting.correct(house.connection, moved)
    house.connection.refresh_from_db()
    assert house.connection.environment == "simulator"


def test_a_number_without_conversations_may_still_change_it(house):
    assert Connection.objects.update(environment="test") == 1
    assert Connection.objects.update(name="Renamed") == 1


def test_a_check_of_earlier_details_is_not_shown_as_if_it_were_of_these(place):
    """Whoever corrected them may have been cut off before they were checked."""
    number = place.connects(access_token="mistyped")
    assert "Not checked yet" not in place.page()
    Connection.objects.filter(pk=number.pk).update(revision=number.revision + 1)
    assert "Not checked yet" in place.page()
    place.acts("check/")
    assert "Not checked yet" not in place.page()
