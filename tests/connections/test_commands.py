"""The commands that connect a number and set sandbox mode until the settings pages exist."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import StringIO
from typing import Any

import httpx
import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db.models import F

from connections import asking, sandbox, sharing
from connections.models import Connection, ConnectionTest, MetaApp
from inbox.models import Contact, Conversation
from simulator.client import Simulator
from simulator.running import running
from tests import cast
from tests.simulator.callback import Callback, callback
from workspaces.models import AuditEntry, Role, WorkspaceClock

pytestmark = pytest.mark.django_db

NUMBER = {"access_token": "good-token", "app_secret": "good-secret", "app_id": "600000000000006"}
OPTIONS = {
    "--workspace": "kopi-kita",
    "--name": "Orders",
    "--app-id": "600000000000006",
    "--phone-number-id": "100000000000001",
    "--waba-id": "200000000000002",
    "--environment": "simulator",
}


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with running(numbers=[NUMBER]) as sim:
        yield sim


@pytest.fixture
def unsubscribed(simulator: Simulator) -> Iterator[None]:
    """The account sends its events to no app."""
    subscription(simulator, "DELETE")
    yield
    subscription(simulator, "POST")


@pytest.fixture
def house_door(settings) -> Iterator[Callback]:
    """Where Meta shakes hands: as our own door would, and every path of it."""
    with callback() as door:
        door.verify_token = "verify me"
        settings.PUBLIC_URL = door.url.partition("/webhooks/")[0]
        yield door


@pytest.fixture
def workspace(simulator: Simulator, house_door: Callback, settings, monkeypatch):
    """Kopi Kita before its number is connected, with good secrets in the environment."""
    settings.GRAPH_BASE_URLS = settings.GRAPH_BASE_URLS | {"simulator": simulator.url}
    for name, value in {"APP_SECRET": "good-secret", "ACCESS_TOKEN": "good-token", "VERIFY_TOKEN": "verify me"}.items():
        monkeypatch.setenv(name, value)
    made = cast.kopi_kita()
    made.connection.delete()
    MetaApp.objects.all().delete()
    return made.workspace


def run(command: str, *arguments: str) -> str:
    said = StringIO()
    call_command(command, *arguments, stdout=said, stderr=said)
    return said.getvalue()


def add(*flags: str, **changed: str) -> str:
    return run("add_connection", *arguments(**changed), *flags)


def arguments(**changed: str) -> list[str]:
    given = OPTIONS | {f"--{name.replace('_', '-')}": value for name, value in changed.items()}
    return [*[part for pair in given.items() for part in pair], "--set-callback"]


def subscription(simulator: Simulator, method: str = "GET", **form: str) -> list[dict[str, Any]]:
    """What the account says of its apps, or the same after an admin changed it elsewhere."""
    url, signed = f"{simulator.url}/v25.0/200000000000002/subscribed_apps", {"Authorization": "Bearer good-token"}
    answer = httpx.request(method, url, data=form, headers=signed, trust_env=False)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json().get("data", [])
    return found


# --- add_connection


def test_a_number_that_is_what_it_says_is_connected_and_tells_what_to_put_into_metas_dashboard(workspace):
    said = add()
    connection = Connection.objects.select_related("meta_app").get()
    assert connection.proven_at is not None
    assert (connection.access_token, connection.display_phone_number) == ("good-token", "+1 555-010-0000")
    assert f"/webhooks/meta/{connection.meta_app.public_id}/" in said
    assert "Verify token: verify me" in said
    assert "NO " not in said
    assert AuditEntry.objects.filter(action="connection saved").count() == 1


def test_no_secret_is_said_but_the_verify_token(workspace):
    said = add()
    assert "good-token" not in said
    assert "good-secret" not in said


@pytest.mark.parametrize(
    ("wrong", "question"),
    [
        ({"ACCESS_TOKEN": "bad-token"}, "Is the access token valid?"),
        ({"APP_SECRET": "bad-secret"}, "Are the app ID and the app secret right?"),
    ],
)
def test_a_wrong_secret_is_found_and_the_number_is_kept_as_not_ready(workspace, monkeypatch, wrong, question):
    for name, value in wrong.items():
        monkeypatch.setenv(name, value)
    said = StringIO()
    with pytest.raises(CommandError, match="saved as not ready"):
        call_command("add_connection", *arguments(), stdout=said)
    assert f"NO   {question}" in said.getvalue()
    assert Connection.objects.get().proven_at is None


@pytest.mark.parametrize("wrong", [{"phone_number_id": "999"}, {"phone_number_id": "200000000000002"}])
def test_a_number_that_is_not_the_accounts_is_not_ready(workspace, wrong):
    with pytest.raises(CommandError, match="not ready"):
        add(**wrong)
    assert Connection.objects.get().proven_at is None


def test_an_app_that_is_not_subscribed_to_the_account_is_told_with_the_remedy(workspace, simulator, unsubscribed):
    said = StringIO()
    with pytest.raises(CommandError, match="saved as not ready"):
        call_command("add_connection", *arguments(), stdout=said)
    assert "NO   Is the app subscribed to the account's events? It is not" in said.getvalue()
    assert "Subscribe the app." in said.getvalue()
    assert Connection.objects.get().proven_at is None
    assert subscription(simulator) == [], "a question changes nothing at Meta's"


def test_it_is_subscribed_when_asked_for(workspace, simulator, unsubscribed):
    assert "yes  Is the app subscribed" in add("--subscribe")
    assert Connection.objects.get().proven_at is not None
    assert [one["whatsapp_business_api_data"]["id"] for one in subscription(simulator)] == ["600000000000006"]


def test_nothing_is_subscribed_by_details_that_are_wrong(workspace, simulator, unsubscribed, monkeypatch):
    monkeypatch.setenv("APP_SECRET", "bad-secret")
    with pytest.raises(CommandError):
        add("--subscribe")
    assert subscription(simulator) == []


def test_an_account_whose_messages_go_elsewhere_is_told_and_brought_back_when_asked_for(
    workspace, simulator, unsubscribed
):
    with callback() as elsewhere:
        override = {"override_callback_uri": elsewhere.url, "verify_token": elsewhere.verify_token}
        subscription(simulator, "POST", **override)
        with pytest.raises(CommandError, match="not ready"):
            add()
        assert subscription(simulator)[0]["override_callback_uri"] == elsewhere.url
        assert "NO " not in add("--subscribe")
        assert "override_callback_uri" not in subscription(simulator)[0]


def test_what_somebody_changed_while_meta_was_asked_is_not_written_over(workspace, monkeypatch):
    run("add_connection", *arguments())
    ask = asking.ask

    def while_an_admin_replaces_the_token(*asked):
        Connection.objects.update(access_token="of-the-page", revision=F("revision") + 1)
        return ask(*asked)

    monkeypatch.setattr(asking, "ask", while_an_admin_replaces_the_token)
    with pytest.raises(CommandError, match="somebody changed this number meanwhile"):
        run("add_connection", *arguments())
    assert Connection.objects.get().access_token == "of-the-page"


def test_what_was_wrong_can_be_mended_by_repeating(workspace, monkeypatch):
    monkeypatch.setenv("ACCESS_TOKEN", "bad-token")
    with pytest.raises(CommandError):
        add()
    monkeypatch.setenv("ACCESS_TOKEN", "good-token")
    add()
    assert Connection.objects.get().proven_at is not None
    assert MetaApp.objects.count() == 1


def test_a_number_that_works_is_not_touched_by_details_that_are_wrong(workspace, monkeypatch):
    add()
    Connection.objects.update(display_phone_number="as it was")
    before = Connection.objects.values().get(), MetaApp.objects.values().get()
    for name in ("ACCESS_TOKEN", "APP_SECRET"):
        with monkeypatch.context() as wrong:
            wrong.setenv(name, "bad")
            with pytest.raises(CommandError, match="Nothing was changed"):
                add(name="Renamed")
    assert (Connection.objects.values().get(), MetaApp.objects.values().get()) == before


def test_a_number_that_works_takes_good_details_and_stays_proven(workspace):
    add()
    proven_at = Connection.objects.get().proven_at
    add(name="Renamed")
    connection = Connection.objects.get()
    assert connection.name == "Renamed"
    assert proven_at is not None
    assert connection.proven_at is not None
    assert connection.proven_at >= proven_at


def test_a_second_number_with_a_wrong_secret_leaves_the_first_receiving(workspace, monkeypatch):
    add()
    before = MetaApp.objects.values().get()
    monkeypatch.setenv("APP_SECRET", "a slip of the hand")
    with pytest.raises(CommandError, match="saved as not ready"):
        add(phone_number_id="100000000000077", name="Second")
    assert MetaApp.objects.values().get() == before
    assert Connection.objects.get(name="Second").meta_app_id == before["id"]


def test_a_second_number_brings_a_new_secret_once_it_is_proven(workspace):
    add()
    MetaApp.objects.update(app_secret="of last year")
    Connection.objects.update(phone_number_id="100000000000077", name="First")
    add(name="Second")
    assert MetaApp.objects.get().app_secret == "good-secret"
    assert Connection.objects.filter(proven_at__isnull=False).count() == 2


def test_after_the_field_keys_were_lost_the_secrets_can_be_given_again(workspace, settings, monkeypatch):
    add()
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    monkeypatch.setenv("VERIFY_TOKEN", "another")
    assert "Verify token: another" in add()
    connection = Connection.objects.select_related("meta_app").get()
    assert (connection.access_token, connection.meta_app.app_secret) == ("good-token", "good-secret")
    assert workspace.audit_entries.filter(action="verify token replaced").count() == 1
    add()
    assert workspace.audit_entries.filter(action="verify token replaced").count() == 1


def test_a_number_another_workspace_has_proven_is_not_ours(workspace):
    add()
    other = cast.teh_tubruk().workspace
    with pytest.raises(CommandError, match="not ready"):
        add(workspace=other.slug)
    assert Connection.objects.get(workspace=other, phone_number_id="100000000000001").proven_at is None
    assert Connection.objects.get(workspace=workspace).proven_at is not None


def test_secrets_may_come_by_standard_input(workspace, monkeypatch):
    for name in ("APP_SECRET", "ACCESS_TOKEN"):
        monkeypatch.delenv(name)
    monkeypatch.setattr("sys.stdin", StringIO("good-secret\ngood-token\n"))
    add()
    assert Connection.objects.get().access_token == "good-token"


def test_a_missing_secret_is_named_and_nothing_is_saved(workspace, monkeypatch):
    monkeypatch.delenv("ACCESS_TOKEN")
    monkeypatch.setattr("sys.stdin", StringIO(""))
    with pytest.raises(CommandError, match="ACCESS_TOKEN is missing"):
        add()
    assert not Connection.objects.exists()
    assert not MetaApp.objects.exists()


@pytest.mark.parametrize("wrong", [{"app_id": "abc"}, {"waba_id": ""}, {"phone_number_id": "+1555"}])
def test_an_id_that_is_no_number_is_refused(workspace, wrong):
    with pytest.raises(CommandError, match="digits only"):
        add(**wrong)
    assert not Connection.objects.exists()


def test_a_workspace_that_is_not_there_is_named(workspace):
    for command in (["set_sandbox", "off"], ["whitelist"]):
        with pytest.raises(CommandError, match="no workspace at nowhere"):
            run(command[0], "--workspace", "nowhere", *command[1:])
    with pytest.raises(CommandError, match="no workspace at nowhere"):
        add(workspace="nowhere")


# --- pause_connection


def pausing(*arguments: str) -> str:
    return run("pause_connection", "--workspace", "kopi-kita", "--connection", OPTIONS["--phone-number-id"], *arguments)


def test_a_number_is_paused_and_resumed_audited_and_seen_by_every_open_page(workspace):
    add()
    before = WorkspaceClock.objects.get(workspace=workspace).version
    for n, (flags, said, is_paused) in enumerate(
        [([], "Orders is paused", True), (["--resume"], "Orders is resumed", False)], start=1
    ):
        assert said in pausing(*flags)
        assert "as it was already" in pausing(*flags)
        connection = Connection.objects.get()
        assert ((connection.paused_at is not None), connection.paused_by) == (is_paused, None)
        assert connection.proven_at is not None
        assert WorkspaceClock.objects.get(workspace=workspace).version == before + n
    acts = AuditEntry.objects.filter(target="Orders", action__in=["connection paused", "connection resumed"]).order_by(
        "pk"
    )
    assert list(acts.values_list("action", flat=True)) == ["connection paused", "connection resumed"]


def test_to_connect_a_paused_number_anew_does_not_resume_it(workspace):
    add()
    pausing()
    add(name="Renamed")
    assert Connection.objects.get().paused_at is not None


def test_a_number_that_is_not_there_cannot_be_paused(workspace):
    with pytest.raises(CommandError, match="no number with the id"):
        pausing()
    add()
    other = cast.teh_tubruk().workspace
    with pytest.raises(CommandError, match="no number with the id"):
        run("pause_connection", "--workspace", other.slug, "--connection", OPTIONS["--phone-number-id"])


# --- set_sandbox


def test_sandbox_mode_is_switched_and_said(workspace):
    assert "nobody is on the whitelist" in run("set_sandbox", "--workspace", "kopi-kita", "on")
    assert sandbox.is_on(workspace.pk)
    assert "Kopi Kita: Sandbox mode is off" in run("set_sandbox", "--workspace", "kopi-kita", "off")
    assert not sandbox.is_on(workspace.pk)


def test_sandbox_mode_is_on_or_off_and_nothing_else(workspace):
    with pytest.raises(CommandError):
        run("set_sandbox", "--workspace", "kopi-kita", "maybe")


# --- whitelist


def test_people_are_put_on_the_whitelist_and_taken_off(workspace):
    said = run("whitelist", "--workspace", "kopi-kita", "--add", "0811-0000-001", "ID.7", "+4915112345678")
    assert said.splitlines() == ["+62 811-0000-001", "ID.7", "+49 1511 2345678"]
    said = run("whitelist", "--workspace", "kopi-kita", "--remove", "+62 811 0000 001", "ID.7")
    assert said.splitlines() == ["+49 1511 2345678"]


def test_what_is_neither_number_nor_id_is_said_and_the_others_are_taken(workspace):
    said = StringIO()
    with pytest.raises(CommandError, match="The others were taken"):
        call_command(
            "whitelist", "--workspace", "kopi-kita", "--add", "Dewi", "0811-0000-001", stdout=said, stderr=said
        )
    assert "Left out: Dewi. It is neither a phone number nor a BSUID." in said.getvalue()
    assert sandbox.whitelisted(workspace.pk) == {("phone", "628110000001")}


def test_without_a_change_it_lists_them(workspace):
    run("whitelist", "--workspace", "kopi-kita", "--add", "0811-0000-001")
    assert run("whitelist", "--workspace", "kopi-kita").splitlines() == ["+62 811-0000-001"]
    assert AuditEntry.objects.filter(action="whitelist").count() == 1


# --- What it does to the app


def test_a_replaced_secret_stays_good_for_a_while(workspace, monkeypatch):
    add()
    MetaApp.objects.update(app_secret="of last year")
    add()
    app = MetaApp.objects.get()
    assert (app.app_secret, app.previous_secret) == ("good-secret", "of last year")
    assert app.checked_at is not None


def test_a_new_app_is_where_its_number_is_and_checked_with_it(workspace):
    add()
    app = MetaApp.objects.get()
    assert (app.is_simulated, app.checked_at is not None) == (True, True)
    assert AuditEntry.objects.filter(action="app added").count() == 1


# --- add_connection, for programs


def ended(*flags: str, **changed: str) -> tuple[int, dict[str, Any]]:
    """The exit status, and the one line of JSON."""
    said, status = StringIO(), 0
    try:
        call_command("add_connection", *arguments(**changed), "--json", *flags, stdout=said)
    except CommandError as error:
        status = error.returncode
    return status, json.loads(said.getvalue())


def test_a_program_gets_its_answer_as_one_line_of_json(workspace):
    status, told = ended()
    connection = Connection.objects.select_related("meta_app").get()
    assert status == 0
    assert (told["connection"], told["ready"]) == (connection.pk, True)
    assert {one["verdict"] for one in told["checks"]} == {"good"}
    assert told["callback_url"].endswith(f"/webhooks/meta/{connection.meta_app.public_id}/")
    assert told["verify_token"] == "verify me"
    assert "good-token" not in str(told)
    assert "good-secret" not in str(told)


def test_the_exit_status_tells_a_program_what_became_of_the_number(workspace, monkeypatch):
    monkeypatch.setenv("ACCESS_TOKEN", "bad-token")
    status, told = ended()
    assert (status, told["ready"]) == (3, False)
    assert {one["key"] for one in told["checks"] if one["verdict"] == "bad"} >= {"token"}
    monkeypatch.setenv("ACCESS_TOKEN", "good-token")
    assert ended()[0] == 0
    monkeypatch.setenv("ACCESS_TOKEN", "bad-token")
    status, told = ended()
    assert (status, told["ready"]) == (4, False)
    assert Connection.objects.get().access_token == "good-token"


def test_without_being_asked_for_no_callback_is_set_at_meta(workspace, simulator):
    simulator.set_callback("")
    given = [part for part in arguments() if part != "--set-callback"]
    with pytest.raises(CommandError, match="saved as not ready"):
        run("add_connection", *given)
    assert simulator.number()["callback_url"] == ""
    run("add_connection", *given, "--set-callback")
    assert Connection.objects.get().proven_at is not None


def test_ids_with_spaces_are_cleaned(workspace):
    add(phone_number_id=" 100000 000000001 ", waba_id="200000000000002\u00a0")
    assert Connection.objects.get().phone_number_id == "100000000000001"


def test_swapped_ids_are_recognised(workspace):
    said = StringIO()
    swapped = {"phone_number_id": "200000000000002", "waba_id": "100000000000001"}
    with pytest.raises(CommandError, match="not ready"):
        call_command("add_connection", *arguments(**swapped), stdout=said)
    assert "Phone Number ID and WABA ID are swapped." in said.getvalue()


def test_the_environment_of_a_number_with_conversations_is_refused_and_nothing_is_saved(workspace, settings, simulator):
    settings.GRAPH_BASE_URLS = dict.fromkeys(settings.GRAPH_BASE_URLS, simulator.url)
    add()
    number = Connection.objects.get()
    Conversation.objects.create(
        workspace=workspace, connection=number, contact=Contact.objects.create(workspace=workspace)
    )
    MetaApp.objects.update(is_simulated=False)
    with pytest.raises(CommandError, match="a conversation cannot change its environment"):
        add(environment="production")
    assert Connection.objects.get().environment == "simulator"


def test_what_was_checked_is_on_the_numbers_page(workspace):
    add()
    assert ConnectionTest.objects.get().is_good
    assert ConnectionTest.objects.get().by is None


@pytest.fixture
def second_app(simulator: Simulator) -> Iterator[None]:
    """Another app of the same account."""
    simulator.add_number(
        id="100000000000016",
        waba_id=OPTIONS["--waba-id"],
        app_id="600000000000016",
        app_secret="own-secret",
        access_token="own-token",
    )
    yield
    simulator.reset()


def test_a_number_moves_from_a_lent_app_to_one_of_its_own_and_then_the_sharing_can_end(
    workspace, second_app, monkeypatch
):
    lender = cast.teh_tubruk()
    theirs = lender.workspace.meta_apps.get()
    share = cast.lends(lender, workspace)
    add()
    Connection.objects.filter(workspace=workspace).update(meta_app=theirs)
    MetaApp.objects.filter(owner=workspace).delete()
    tia = cast.person(lender.workspace, "Tia", Role.OWNER)
    with pytest.raises(sharing.StillUsedError):
        sharing.end(lender.workspace, share.pk, by=tia)
    monkeypatch.setenv("APP_SECRET", "own-secret")
    monkeypatch.setenv("ACCESS_TOKEN", "own-token")
    add("--subscribe", app_id="600000000000016")
    number = Connection.objects.get(workspace=workspace)
    assert (number.meta_app.owner, number.proven_at is not None) == (workspace, True)
    assert sharing.end(lender.workspace, share.pk, by=tia)
