"""The pages of a workspace's Meta apps: added, proven against Graph, set up in Meta's dashboard, changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from django.test import Client
from django.utils import timezone

from connections.models import MetaApp
from simulator.client import Simulator
from simulator.running import running
from tests import cast
from tests.inbox.screens import signed_in
from webhooks import log
from workspaces.models import AuditEntry, Role

pytestmark = pytest.mark.django_db

NUMBER = {"access_token": "good-token", "app_secret": "good-secret", "app_id": "600000000000006"}
NEW = "/w/kopi-kita/settings/connections/apps/new/"
GOOD = {"name": "Orders", "app_id": "600000000000006", "app_secret": "good-secret", "place": "simulator"}
OFF_LINE = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with running(numbers=[NUMBER]) as sim:
        yield sim


@pytest.fixture
def house(simulator: Simulator, settings):
    simulator.clear_faults()
    settings.GRAPH_BASE_URLS = settings.GRAPH_BASE_URLS | {"simulator": simulator.url, "production": OFF_LINE}
    return cast.kopi_kita()


@pytest.fixture
def bob(house) -> Client:
    return signed_in(cast.bob(house))


@pytest.fixture
def app(house, bob) -> MetaApp:
    """An app that Graph took."""
    assert bob.post(NEW, GOOD).status_code == 302
    return MetaApp.objects.get(app_id="600000000000006")


def at(app: MetaApp, path: str = "") -> str:
    return f"/w/kopi-kita/settings/connections/apps/{app.pk}/{path}"


def said(response) -> str:
    text: str = response.content.decode()
    return text.replace("&#x27;", "'")


# --- Added


def test_an_app_that_graph_takes_is_saved_as_checked_and_its_page_says_what_to_paste_where(app, bob):
    page = said(bob.get(at(app)))
    assert app.checked_at is not None
    assert f"/webhooks/meta/{app.public_id}/</code>" in page
    assert f"{app.verify_token}</code>" in page
    for field in ("messages", "user_id_update", "message_template_components_update", "account_update"):
        assert f"<dt>{field}</dt>" in page
    assert "not seen yet" in page
    assert "taken by Meta" in page


def test_an_empty_form_is_offered_to_admins(bob):
    response = bob.get(NEW)
    assert response.status_code == 200
    assert "App secret, Show" in said(response)


def test_what_was_added_is_audited_without_its_secrets(app):
    entry = AuditEntry.objects.get(action="app added")
    assert (str(entry.actor), entry.after["app_id"]) == ("Bob", "600000000000006")
    assert "good-secret" not in str((entry.before, entry.after, entry.target))


def test_an_id_copied_with_spaces_and_line_breaks_is_cleaned(house, bob):
    assert bob.post(NEW, GOOD | {"app_id": " 6000 0000\u00a0000 0006\r\n"}).status_code == 302
    assert MetaApp.objects.filter(app_id="600000000000006").exists()


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"app_id": "6000x"}, "digits only; this has “x” in it"),
        ({"app_id": "٦٠٠"}, "digits only"),
        ({"app_id": "1" * 40}, "at most 32 digits; this has 40"),
        ({"app_id": ""}, "This field is required"),
        ({"name": ""}, "This field is required"),
        ({"name": "n" * 121}, "at most 120 characters"),
        ({"app_secret": ""}, "Enter the app secret"),
        ({"app_secret": "two words"}, "Copy it again"),
        ({"app_secret": "600000000000006"}, "This is the app ID"),
        ({"app_secret": "nul\x00"}, "Null characters are not allowed"),
        ({"place": "elsewhere"}, "Select a valid choice"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_is_kept(house, bob, wrong, reason):
    response = bob.post(NEW, GOOD | wrong)
    assert response.status_code == 422
    page = said(response)
    assert reason in page
    assert f'value="{(GOOD | wrong)["name"]}"' in page or not wrong.get("name", "x")
    assert "good-secret" not in page
    assert MetaApp.objects.count() == 1


def test_the_same_app_twice_in_a_workspace_is_refused_with_the_reason(app, bob):
    response = bob.post(NEW, GOOD)
    assert response.status_code == 422
    assert "has an app with this ID already" in said(response)


def test_another_workspace_may_have_the_same_app(app):
    other = cast.teh_tubruk()
    browser = signed_in(cast.person(other.workspace, "Tia", Role.ADMIN))
    assert browser.post(NEW.replace("kopi-kita", "teh-tubruk"), GOOD).status_code == 302


@pytest.mark.parametrize("wrong", [{"app_secret": "bad-secret"}, {"app_id": "600000000000007"}])
def test_what_graph_refuses_is_not_saved_and_the_secret_must_be_typed_again(house, bob, wrong):
    response = bob.post(NEW, GOOD | wrong)
    assert response.status_code == 422
    page = said(response)
    assert "Meta does not take this app ID and this secret together" in page
    assert "Type the app secret once more" in page
    assert "bad-secret" not in page
    assert "Save as not checked" not in page
    assert bob.post(NEW, GOOD | wrong | {"unchecked": "1"}).status_code == 422
    assert MetaApp.objects.count() == 1


@pytest.mark.parametrize("fault", ["lost_answer", "html", "unreadable"])
def test_when_graph_gives_no_answer_the_form_says_what_is_not_known_and_saving_takes_one_more_click(
    house, bob, simulator, fault
):
    simulator.fault(fault, on="graph")
    response = bob.post(NEW, GOOD)
    assert response.status_code == 422
    page = said(response)
    assert "Not saved yet." in page
    assert "is not known" in page
    assert "Save as not checked" in page
    assert 'value="Orders"' in page
    assert MetaApp.objects.count() == 1
    assert bob.post(NEW, GOOD | {"unchecked": "1"}).status_code == 302
    app = MetaApp.objects.get(app_id="600000000000006")
    assert app.checked_at is None
    assert "not checked: Meta has not taken the two together yet" in said(bob.get(at(app)))


def test_a_throttled_question_is_not_an_answer(house, bob, simulator):
    simulator.fault("error", on="graph", code=4)
    response = bob.post(NEW, GOOD)
    assert response.status_code == 422
    assert "Save as not checked" in said(response)


def test_an_app_of_metas_is_asked_at_metas_address_and_not_at_the_simulator(house, bob):
    response = bob.post(NEW, GOOD | {"place": "meta"})
    assert response.status_code == 422
    assert "Meta's server could not be reached" in said(response)


def test_saving_an_unchecked_app_again_asks_again(house, bob, simulator):
    simulator.fault("lost_answer", on="graph", count=2)
    bob.post(NEW, GOOD)
    bob.post(NEW, GOOD | {"unchecked": "1"})
    app = MetaApp.objects.get(app_id="600000000000006")
    assert app.checked_at is None
    assert bob.post(at(app), GOOD | {"app_secret": ""}).status_code == 302
    app.refresh_from_db()
    assert app.checked_at is not None


# --- Changed


def test_a_new_name_needs_no_secret_and_no_question(app, bob, simulator):
    asked = len(simulator.calls())
    assert bob.post(at(app), GOOD | {"name": "Renamed", "app_secret": ""}).status_code == 302
    app.refresh_from_db()
    assert (app.name, app.app_secret) == ("Renamed", "good-secret")
    assert len(simulator.calls()) == asked
    entry = AuditEntry.objects.get(action="app changed")
    assert (entry.before["name"], entry.after["name"]) == ("Orders", "Renamed")


def test_saving_without_a_change_leaves_no_line(app, bob):
    assert bob.post(at(app), GOOD).status_code == 302
    assert not AuditEntry.objects.filter(action__in=["app changed", "app secret replaced"]).exists()


def test_another_id_is_asked_about_with_the_secret_that_is_kept(app, bob):
    response = bob.post(at(app), GOOD | {"app_id": "600000000000007", "app_secret": ""})
    assert response.status_code == 422
    app.refresh_from_db()
    assert app.app_id == "600000000000006"


def test_a_secret_that_is_kept_is_not_sent_to_another_place(app, bob, simulator):
    asked = len(simulator.calls())
    MetaApp.objects.filter(pk=app.pk).update(is_simulated=False)
    response = bob.post(at(app), GOOD | {"app_secret": ""})
    assert response.status_code == 422
    assert "the one that is kept is not sent to another place" in said(response)
    assert len(simulator.calls()) == asked
    assert bob.post(at(app), GOOD).status_code == 302


def test_a_change_that_graph_refuses_changes_nothing(app, bob):
    before = MetaApp.objects.filter(pk=app.pk).values().get()
    assert bob.post(at(app), GOOD | {"name": "Renamed", "app_secret": "bad-secret"}).status_code == 422
    assert MetaApp.objects.filter(pk=app.pk).values().get() == before


# --- The verify token


def test_a_verify_token_can_be_renewed_and_the_handshake_before_it_is_told_apart(app, bob):
    MetaApp.objects.filter(pk=app.pk).update(handshake_at=timezone.now() - timedelta(hours=1))
    old = app.verify_token
    assert bob.post(at(app, "verify-token/")).status_code == 302
    page = said(bob.get(at(app)))
    app.refresh_from_db()
    assert app.verify_token != old
    assert app.verify_token in page
    assert old not in page
    assert "with the verify token before this one" in page
    entry = AuditEntry.objects.get(action="verify token replaced")
    assert old not in str(vars(entry))
    assert app.verify_token not in str(vars(entry))


def test_the_verify_token_is_on_the_apps_own_page_alone(app, bob):
    for address in ("/w/kopi-kita/settings/connections/", NEW, at(app, "state/"), "/w/kopi-kita/diagnostics/"):
        assert app.verify_token not in said(bob.get(address)), address


# --- How it stands


def test_the_state_says_when_the_handshake_passed_and_when_the_last_signed_event_came(app, bob):
    query = {"hub.mode": "subscribe", "hub.challenge": "1", "hub.verify_token": app.verify_token}
    assert Client().get(f"/webhooks/meta/{app.public_id}/", query).status_code == 200
    log.store(app.pk, b"{}")
    state = bob.get(at(app, "state/"))
    assert "not seen yet" not in said(state)
    assert "none in seven days" not in said(state)
    assert "X-Gigaviz-Version" in state.headers, "else the page would not take it for an answer"


def test_what_was_turned_away_is_counted_with_its_reason_and_of_this_app_alone(app, bob, house):
    for address in (app.public_id, house.connection.meta_app.public_id):
        headers = {"X-Hub-Signature-256": "sha256=" + "0" * 64}
        for _ in range(2):
            assert Client().post(f"/webhooks/meta/{address}/", b"{}", "application/json", headers=headers).status_code
    state = said(bob.get(at(app, "state/")))
    assert "2 × wrong" in state
    assert "Signed with another secret" in state
    assert "The newest thing that came was turned away" in state
    log.store(app.pk, b"{}")
    assert "The newest thing that came was turned away" not in said(bob.get(at(app, "state/")))


def test_a_page_that_meta_cannot_call_says_so(app, bob, settings):
    MetaApp.objects.filter(pk=app.pk).update(is_simulated=False)
    assert "Meta calls https addresses only" in said(bob.get(at(app)))
    settings.HTTPS = True
    assert "Meta calls https addresses only" not in said(bob.get(at(app)))


def test_secrets_that_do_not_decrypt_are_said_with_what_to_do_and_can_be_given_again(app, bob, settings):
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    response = bob.get(at(app))
    assert response.status_code == 200
    page = said(response)
    assert "cannot be read with any of FIELD_KEYS" in page
    assert "type the app secret again below, and make a new verify token" in page
    assert bob.post(at(app), GOOD).status_code == 302
    assert bob.post(at(app, "verify-token/")).status_code == 302
    assert "cannot be read with any of FIELD_KEYS" not in said(bob.get(at(app)))


def test_an_unreadable_secret_is_not_asked_about(app, bob, settings):
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    response = bob.post(at(app), GOOD | {"app_id": "600000000000007", "app_secret": ""})
    assert response.status_code == 422
    assert "cannot be read with any of FIELD_KEYS. Type it again" in said(response)


# --- Who may


ADDRESSES = ["", "state/", "verify-token/", "old-secret/"]
POSTS = {"verify-token/", "old-secret/"}


def ask(browser: Client, address: str):
    return browser.post(address) if address.endswith(tuple(POSTS)) else browser.get(address)


@pytest.mark.parametrize("path", ADDRESSES)
@pytest.mark.parametrize(("role", "status"), [("owner", 200), ("admin", 200), ("ops", 403), ("agent", 403)])
def test_admins_and_owners_manage_apps_and_nobody_else(app, house, path, role, status):
    found = ask(signed_in(cast.person(house.workspace, "Dana", Role(role))), at(app, path)).status_code
    assert found == (302 if path in POSTS and status == 200 else status)


@pytest.mark.parametrize("path", ADDRESSES)
def test_an_outsider_and_a_stranger_learn_nothing(app, path):
    outsider = signed_in(cast.charlie())
    assert ask(outsider, at(app, path)).status_code == 404
    assert ask(outsider, at(app, path).replace("kopi-kita", "teh-tubruk")).status_code in {403, 404}
    assert ask(Client(), at(app, path)).headers["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("path", ADDRESSES)
def test_an_app_is_not_found_through_another_workspace(app, path):
    browser = signed_in(cast.person(cast.teh_tubruk().workspace, "Tia", Role.OWNER))
    assert ask(browser, at(app, path).replace("kopi-kita", "teh-tubruk")).status_code == 404


def test_the_wrong_method_is_refused(app, bob):
    assert [bob.get(at(app, path)).status_code for path in POSTS] == [405, 405]
    assert bob.post(at(app, "state/")).status_code == 405
    assert [bob.delete(address).status_code for address in (NEW, at(app))] == [405, 405]


def test_ops_and_agents_cannot_post_a_new_app(house):
    for role in (Role.OPS, Role.AGENT):
        assert signed_in(cast.person(house.workspace, role.value.title(), role)).post(NEW, GOOD).status_code == 403
    assert Client().post(NEW, GOOD).headers["Location"].startswith("/accounts/login/")
    assert MetaApp.objects.count() == 1
