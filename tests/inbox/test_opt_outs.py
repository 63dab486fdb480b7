"""The opt-outs page: who wants no messages, found by name and number, with what they said; members add, admins lift."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from inbox import opt_outs, sending
from inbox.models import Word
from optouts import ledger
from optouts.models import ConsentEvent
from tests import cast
from tests.inbox.screens import hear, inbox, signed_in, version
from tests.inbox.test_identity import OTHER_PHONE, PHONE, B, arrive, hears, number_change
from workspaces.models import AuditEntry, Role

pytestmark = pytest.mark.django_db

PAGE = "/w/kopi-kita/settings/opt-outs/"
BUDI: dict[str, Any] = {"phone": "628110000002", "bsuid": "ID.1002", "name": "Budi"}


@pytest.fixture
def agent(alice) -> Client:
    return signed_in(alice)


@pytest.fixture
def admin(house) -> Client:
    return signed_in(cast.bob(house))


def rows(browser: Client, **asked: str) -> list[tuple[str, str]]:
    """Name and answer of each row."""
    found = browser.get(PAGE, asked).context["rows"]
    return [(row["name"], row["opt_out"].scope if row["opt_out"] else "in") for row in found]


def text(response) -> str:
    return str(response.content.decode())


def of_person(browser: Client, event: ConsentEvent):
    return browser.get(f"{PAGE}{event.pk}/")


# --- who is on it


def test_whoever_writes_stop_is_listed_with_their_word_their_number_and_links(house, agent):
    talk = hear(house, "Stop!")
    event = ConsentEvent.objects.get()
    page = text(agent.get(PAGE))
    for shown in ("Dewi", "+62 811-0000-001", '<q dir="auto">Stop!</q>', "All messages", f"{PAGE}{event.pk}/"):
        assert shown in page
    assert inbox(house, f"{talk.pk}/") in page


def test_each_person_stands_there_once_with_the_newest_opt_out_first(house, agent):
    hear(house, "STOP", "STOP", at=cast.ago(minutes=9))
    hear(house, "STOP", at=cast.ago(minutes=5), **BUDI)
    assert rows(agent) == [("Budi", "all"), ("Dewi", "all")]


def test_whoever_opts_in_again_is_gone_from_the_list_and_still_found_with_their_history(house, agent):
    hear(house, "STOP", at=cast.ago(minutes=9))
    hear(house, "START", at=cast.ago(minutes=5))
    assert rows(agent) == []
    assert rows(agent, q="dewi") == [("Dewi", "in")]
    history = text(of_person(agent, ConsentEvent.objects.order_by("pk")[0]))
    assert "“STOP”" in history
    assert "“START”" in history


def test_an_opt_out_of_marketing_is_told_from_one_of_everything(house, agent):
    given = ("phone", "628110000009", "marketing", "out", "import", "Asked by mail", "x", timezone.now())
    ledger.record(house.workspace.pk, [ledger.NewConsent(*given)])
    assert rows(agent) == [("+62 811-0000-009", "marketing")]
    assert "replies may be sent, marketing templates may not" in text(of_person(agent, ConsentEvent.objects.get()))


def test_what_was_said_by_a_number_is_of_whoever_had_it_then(house, agent):
    arrive(
        house,
        hears(house, "STOP", 50, phone=PHONE, name="Dewi"),
        number_change(house, PHONE, OTHER_PHONE, 40),
        hears(house, "mine again", 30, phone=OTHER_PHONE, name="Dewi"),
        hears(house, "new here", 20, phone=PHONE, bsuid=B, name="Eka"),
    )
    assert rows(agent) == [("Dewi", "all")]
    assert rows(agent, q="Eka") == [("Eka", "in")]


@pytest.mark.parametrize("words", ["dew", "DEWI", "0811-0000-001", "+62 811 0000 001", "10000001", "ID.1001"])
def test_somebody_is_found_by_name_number_or_id(house, agent, words):
    hear(house, "STOP")
    hear(house, "Hello", **BUDI | {"phone": "4915112345678"})
    assert rows(agent, q=words) == [("Dewi", "all")]


@pytest.mark.parametrize("words", ["0811-0000-007", "ID.77"])
def test_somebody_who_never_wrote_is_found_by_what_was_recorded(house, agent, words):
    for kind, value in (("phone", "628110000007"), ("bsuid", "ID.7777")):
        said = ledger.NewConsent(kind, value, "all", "out", "import", "", "line", timezone.now())
        ledger.record(house.workspace.pk, [said])
    assert [answer for _, answer in rows(agent, q=words)] == ["all"]


@pytest.mark.parametrize("words", ["nobody", "\x00", "%", "0812 999", "'; --"])
def test_nobody_is_found_by_words_that_fit_nobody(house, agent, words):
    hear(house, "STOP")
    page = agent.get(PAGE, {"q": words})
    assert page.status_code == 200
    assert page.context["rows"] == [] or words == "\x00"


def many(house, count: int) -> None:
    at = timezone.now()
    ledger.record(
        house.workspace.pk,
        [
            ledger.NewConsent(
                "phone", f"62812{n:07}", "all", "out", "import", "", f"{n}", at - timedelta(seconds=n // 3)
            )
            for n in range(count)
        ],
    )


def test_every_page_follows_the_one_before_and_nobody_is_left_out_or_shown_twice(house, agent):
    many(house, 120)
    seen: list[str] = []
    asked: dict[str, str] = {}
    for _ in range(3):
        page = agent.get(PAGE, asked)
        seen += [row["name"] for row in page.context["rows"]]
        asked = {"before": page.context["next"]}
    assert page.context["next"] == ""
    assert len(seen) == len(set(seen)) == 120


def test_a_page_looks_through_a_bounded_number_of_opt_outs_that_were_undone(house, agent, monkeypatch):
    monkeypatch.setattr(opt_outs, "LOOKED_AT", 30)
    many(house, 40)
    back = [
        ledger.NewConsent("phone", f"62812{n:07}", "all", "in", "words", "START", f"in {n}", timezone.now())
        for n in range(39)
    ]
    ledger.record(house.workspace.pk, back)
    first = agent.get(PAGE)
    assert first.context["rows"] == []
    assert "Nobody on this page" in text(first)
    asked = parse_qs(urlsplit(f"?before={first.context['next']}").query)["before"][0]
    assert rows(agent, before=asked) == [("+62 812-0000-039", "all")]


def test_a_key_that_is_no_key_shows_the_first_page(house, agent):
    hear(house, "STOP")
    assert rows(agent, before="yesterday") == [("Dewi", "all")]


def test_a_longer_list_takes_no_more_queries(house, agent):
    def asked() -> int:
        agent.get(PAGE)
        with CaptureQueriesContext(connection) as queries:
            agent.get(PAGE)
        return len(queries)

    hear(house, "STOP")
    few = asked()
    for n in range(10, 25):
        hear(house, "STOP", phone=f"6281100000{n}", bsuid=f"ID.20{n}", name=f"Person {n}")
    assert asked() <= few


# --- the history


def test_the_history_quotes_names_the_webhook_event_and_leads_into_the_conversation(house, agent):
    talk = hear(house, "STOP")
    event = ConsentEvent.objects.get()
    page = text(of_person(agent, event))
    message = talk.messages.get()
    assert "“STOP”" in page
    assert f"webhook event {event.event_id}" in page
    assert f"{inbox(house, f'{talk.pk}/')}#message-{message.pk}" in page
    assert "words" in page


def test_the_history_of_a_person_is_the_same_by_any_of_their_events(house, agent):
    hear(house, "STOP", at=cast.ago(minutes=9))
    hear(house, "START", at=cast.ago(minutes=5))
    pages = [of_person(agent, event).context["events"] for event in ConsentEvent.objects.order_by("pk")]
    assert [[event.quote for event, _ in page] for page in pages] == [["START", "STOP"]] * 2


def test_a_history_takes_the_same_queries_however_long_it_is(house, admin):
    hear(house, "STOP", at=cast.ago(minutes=9))
    event = ConsentEvent.objects.get()
    of_person(admin, event)
    with CaptureQueriesContext(connection) as few:
        of_person(admin, event)
    for n in range(5):
        ledger.lift(ConsentEvent.objects.filter(direction="out").order_by("-pk")[0], cast_user(house), "Asked")
        hear(house, "STOP", at=cast.ago(minutes=8 - n))
    with CaptureQueriesContext(connection) as many_:
        of_person(admin, event)
    assert len(many_) <= len(few) + 1


def cast_user(house):
    return house.workspace.members.get(name="Bob")


# --- adding


def form(**fields: str) -> dict[str, str]:
    whole = {
        "person": "0811-0000-001",
        "scope": "all",
        "reason": "Said so in the shop",
        "form_token": str(uuid.uuid4()),
    }
    return whole | fields


def test_an_agent_records_an_opt_out_which_holds_at_once(house, agent, alice):
    talk = hear(house, "Hello")
    before = version(house)
    response = agent.post(f"{PAGE}additions/", form(), follow=True)
    assert "+62 811-0000-001 is opted out of all messages." in text(response)
    event = ConsentEvent.objects.get()
    assert (event.kind, event.value, event.source, event.actor) == ("phone", "628110000001", "person", alice)
    assert "This person has opted out" in text(agent.get(inbox(house, f"{talk.pk}/verdict/")))
    entry = AuditEntry.objects.get(action="opt-out added")
    assert "0000" not in f"{entry.target}{entry.before}{entry.after}"
    assert version(house) == before + 1
    assert rows(agent) == [("Dewi", "all")]


def test_somebody_who_never_wrote_is_kept_out_from_the_first_message_on(house, agent):
    agent.post(f"{PAGE}additions/", form(person="ID.1001", scope="all"))
    talk = hear(house, "Hello", at=cast.ago(seconds=1))
    assert "This person has opted out" in text(agent.get(inbox(house, f"{talk.pk}/verdict/")))


def test_the_same_form_sent_twice_is_one_opt_out(house, agent):
    twice = form()
    for _ in range(2):
        assert agent.post(f"{PAGE}additions/", twice).status_code == 302
    assert ConsentEvent.objects.count() == AuditEntry.objects.filter(action="opt-out added").count() == 1


def test_whoever_goes_back_and_widens_it_is_not_told_what_is_not_so(house, agent):
    once = form(scope="marketing")
    agent.post(f"{PAGE}additions/", once)
    page = text(agent.post(f"{PAGE}additions/", once | {"scope": "all"}, follow=True))
    assert "is opted out of all messages." in page
    assert ledger.standing(house.workspace.pk, [("phone", "628110000001")]).everything is not None


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"person": ""}, "Say who"),
        ({"person": "Dewi"}, "neither a phone number nor a BSUID"),
        ({"person": "0811 0000 001, 0811 0000 002"}, "more than one number"),
        ({"person": "12"}, "too short"),
        ({"scope": "some"}, "Choose all messages or marketing."),
        ({"reason": " "}, "Say how they said so"),
        ({"reason": "x" * 301}, "at most 300"),
        ({"reason": "a\x00b"}, "cannot be stored"),
        ({"form_token": "x"}, "This form is broken"),
    ],
)
def test_what_cannot_be_recorded_is_said_at_its_field_and_nothing_typed_is_lost(house, agent, wrong, said):
    response = agent.post(f"{PAGE}additions/", form(**wrong))
    assert response.status_code == 422
    assert said in text(response)
    assert not ConsentEvent.objects.exists()
    assert response.context["form"]["reason"].value() == form(**wrong)["reason"]
    assert response.context["form"]["person"].value() == form(**wrong)["person"]


@pytest.mark.parametrize(
    ("written", "known"), [("+5511987654321", "551187654321"), ("+52 55 1234 5678", "5215512345678")]
)
def test_another_form_of_the_number_that_somebody_writes_by_is_pointed_at_and_not_opted_out(
    house, agent, written, known
):
    hear(house, "Hello", phone=known)
    page = text(agent.post(f"{PAGE}additions/", form(person=written), follow=True))
    assert "which may be the same number in an older form" in page
    assert [event.value for event in ConsentEvent.objects.all()] != [known]
    assert ("Dewi", "in") in rows(agent, q="Dewi")


def test_nothing_is_pointed_at_where_nobody_writes_by_another_form(house, agent):
    hear(house, "Hello")
    for written in ("+5511987654321", "0811-0000-001", "ID.77"):
        assert "older form" not in text(agent.post(f"{PAGE}additions/", form(person=written), follow=True))


def test_an_opt_out_that_is_recorded_between_the_click_and_the_call_stops_the_call(meta):
    talk = meta.hears(meta.customer())
    message = meta.writes(talk)
    browser = signed_in(meta.alice)
    phone = talk.contact.identities.get(kind="phone").value
    browser.post(f"/w/{talk.workspace.slug}/settings/opt-outs/additions/", form(person=f"+{phone}"))
    assert not sending.deliver(message.pk)
    message.refresh_from_db()
    assert (message.word, meta.sends_asked()) == (Word.NOT_SENT, 0)
    assert "opted out" in str(message.problem)


# --- lifting


def lift(browser: Client, by: ConsentEvent, **fields: object):
    return browser.post(f"{PAGE}{by.pk}/lift/", {"event": by.pk, "reason": "Asked by phone", **fields}, follow=True)


def test_an_admin_lifts_it_with_a_reason_that_the_history_keeps(house, admin):
    talk = hear(house, "STOP")
    event = ConsentEvent.objects.get()
    page = text(lift(admin, event))
    assert "Has not opted out" in page
    assert "“Asked by phone”" in page
    assert "Opt-out lifted" in page
    assert rows(admin) == []
    assert "opted out" not in text(admin.get(inbox(house, f"{talk.pk}/verdict/")))
    assert AuditEntry.objects.filter(action="opt-out lifted").count() == 1


def test_a_stop_that_came_after_the_page_was_shown_stands(house, admin):
    hear(house, "STOP", at=cast.ago(minutes=9))
    event = ConsentEvent.objects.get()
    hear(house, "STOP", at=cast.ago(minutes=5))
    assert "Opted out of all messages" in text(lift(admin, event))


@pytest.mark.parametrize(
    ("reason", "said"), [("", "Say why"), ("x" * 301, "at most 300"), ("a\x00b", "cannot be stored")]
)
def test_without_a_good_reason_nothing_is_lifted(house, admin, reason, said):
    hear(house, "STOP")
    response = lift(admin, ConsentEvent.objects.get(), reason=reason)
    assert response.status_code == 422
    assert said in text(response)
    assert response.context["lift_reason"] == reason
    assert ConsentEvent.objects.count() == 1


def test_somebody_elses_opt_out_is_not_found_there(house, admin):
    hear(house, "STOP", at=cast.ago(minutes=9))
    hear(house, "STOP", **BUDI)
    dewis, budis = ConsentEvent.objects.order_by("pk")
    assert lift(admin, dewis, event=budis.pk).status_code == 404
    assert not ConsentEvent.objects.filter(direction="in").exists()


# --- who may what


@pytest.mark.parametrize("role", Role)
def test_everybody_reads_and_each_is_offered_what_they_may(house, role):
    hear(house, "STOP")
    event = ConsentEvent.objects.get()
    browser = signed_in(cast.person(house.workspace, "Dana", role))
    records, lifts = role != Role.OPS, role in {Role.OWNER, Role.ADMIN}
    assert ("Record it</button>" in text(browser.get(PAGE))) == records
    assert ("Lift this opt-out</button>" in text(of_person(browser, event))) == lifts
    assert browser.post(f"{PAGE}additions/", form(person="ID.9")).status_code == (302 if records else 403)
    assert lift(browser, event).status_code == (200 if lifts else 403)


@pytest.mark.parametrize("path", ["", "additions/", "{}/", "{}/lift/"])
def test_an_outsider_finds_nothing_and_a_stranger_is_asked_to_sign_in(house, path):
    hear(house, "STOP")
    address = PAGE + path.format(ConsentEvent.objects.get().pk)
    ask = "post" if path.endswith(("additions/", "lift/")) else "get"
    assert getattr(signed_in(cast.charlie()), ask)(address).status_code == 404
    answer = getattr(Client(), ask)(address)
    assert (answer.status_code, answer.url.startswith("/accounts/login/")) == (302, True)


def test_another_workspaces_event_is_not_found(house, admin):
    other = cast.teh_tubruk()
    hear(other, "STOP")
    event = ConsentEvent.objects.get()
    assert of_person(admin, event).status_code == lift(admin, event).status_code == 404
    assert rows(admin) == rows(admin, q="dewi") == []


@pytest.mark.parametrize(("path", "method"), [("", "post"), ("additions/", "get"), ("1/", "post"), ("1/lift/", "get")])
def test_each_address_answers_its_own_method_alone(house, admin, path, method):
    assert getattr(admin, method)(PAGE + path).status_code == 405
