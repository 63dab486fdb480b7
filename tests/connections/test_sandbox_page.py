"""The sandbox page: everybody may read it, admins change it, and nothing typed there is lost or undone unseen."""

from __future__ import annotations

import pytest
from django.test import Client

from connections import sandbox
from connections.whitelist import LONGEST
from tests import cast
from tests.inbox.screens import hear, signed_in, version
from workspaces.countries import country_name
from workspaces.models import AuditEntry, Membership, Role

pytestmark = pytest.mark.django_db

PAGE = "/w/kopi-kita/settings/sandbox/"
SWITCH, OFF, LIST, REMOVAL = (PAGE + path for path in ("switch/", "off/", "whitelist/", "whitelist/removal/"))
DEWI, WAWAN, RATNA = (("phone", f"62811000000{n}") for n in (1, 2, 3))


@pytest.fixture
def browser(house) -> Client:
    return signed_in(cast.bob(house))


def listed(house) -> list[tuple[str, str]]:
    return [(one.kind, one.value) for one in sandbox.listed(house.workspace.pk)]


def seen(browser: Client) -> int:
    return int(browser.get(PAGE).context["seen"])


def save(browser: Client, box: str, shown: str | None = None, follow: bool = True):
    shown = browser.get(PAGE).context["shown"] if shown is None else shown
    return browser.post(LIST, {"people": box, "shown": shown}, follow=follow)


def told(response) -> str:
    return " ".join(str(message) for message in response.context["messages"])


# --- who


@pytest.mark.parametrize("role", Role)
def test_everybody_reads_the_page_and_only_who_may_change_it_finds_something_to_change(house, role):
    cast.bob(house)
    sandbox.change_whitelist(house.workspace, add=[DEWI])
    page = signed_in(cast.person(house.workspace, "Dana", role)).get(PAGE).content.decode()
    may = role in {Role.OWNER, Role.ADMIN}
    assert "+62 811-0000-001" in page
    assert ("<textarea" in page, "Switch on</button>" in page, ">Remove<" in page) == (may, may, may)
    assert ("Bob can change it." in page) != may


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize(
    ("address", "words"),
    [
        (SWITCH, {"state": "on", "seen": "0"}),
        (LIST, {"people": "0811-0000-001", "shown": ""}),
        (REMOVAL, {"person": "+628110000002"}),
    ],
)
def test_only_who_may_changes_anything(house, role, address, words):
    sandbox.change_whitelist(house.workspace, add=[WAWAN])
    response = signed_in(cast.person(house.workspace, "Dana", role)).post(address, words)
    may = role in {Role.OWNER, Role.ADMIN}
    assert response.status_code == (302 if may else 403)
    changed = listed(house) != [WAWAN] or sandbox.is_on(house.workspace.pk)
    assert changed == may


@pytest.mark.parametrize("role", Role)
def test_the_second_step_is_for_who_may_take_it(house, role):
    response = signed_in(cast.person(house.workspace, "Dana", role)).get(OFF)
    assert response.status_code == (200 if role in {Role.OWNER, Role.ADMIN} else 403)


@pytest.mark.parametrize("address", [PAGE, OFF, SWITCH, LIST, REMOVAL])
def test_the_addresses_are_closed_to_outsiders_and_the_wrong_method(browser, address):
    reads = address in {PAGE, OFF}
    assert (browser.post(address) if reads else browser.get(address)).status_code == 405
    charlie = signed_in(cast.charlie())
    assert (charlie.get(address) if reads else charlie.post(address)).status_code == 404
    anonymous = Client()
    response = anonymous.get(address) if reads else anonymous.post(address)
    assert response.headers["Location"].startswith("/accounts/login/?next=")
    response = browser.get(address) if reads else browser.post(address)
    assert "no-store" in response.headers["Cache-Control"]


def test_a_post_without_a_token_is_refused(house):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(cast.bob(house))
    assert browser.post(SWITCH, {"state": "on", "seen": "0"}).status_code == 403
    assert not sandbox.is_on(house.workspace.pk)


def test_whoever_has_nobody_to_ask_is_told_so(house):
    page = signed_in(cast.alice(house)).get(PAGE).content.decode()
    assert "a workspace needs an owner or an admin" in page


def test_somebody_deactivated_is_not_named_as_whom_to_ask(house):
    bob = cast.bob(house)
    type(bob).objects.filter(pk=bob.pk).update(is_active=False)
    assert "Bob" not in signed_in(cast.alice(house)).get(PAGE).content.decode()


# --- the switch


def test_it_is_switched_on_at_once_audited_and_says_what_it_does(house, browser):
    before = version(house)
    response = browser.post(SWITCH, {"state": "on", "seen": seen(browser)}, follow=True)
    assert "Sandbox mode is on now." in told(response)
    assert "nobody is on the whitelist: nobody can receive messages" in response.content.decode()
    assert "Switched on by Bob" in response.content.decode()
    entry = AuditEntry.objects.get(action="sandbox mode")
    assert (str(entry.actor), entry.before, entry.after) == ("Bob", {"is_on": False}, {"is_on": True})
    assert version(house) == before + 1
    sandbox.switch(house.workspace, on=False)
    assert "Switched off by the command line" in browser.get(PAGE).content.decode()


def test_switching_it_off_takes_a_second_step_that_says_who_would_become_reachable(house, browser):
    sandbox.switch(house.workspace, on=True)
    for phone, bsuid in (("628110000001", "ID.1"), ("628110000002", "ID.2"), ("628110000003", "ID.3")):
        hear(house, phone=phone, bsuid=bsuid)
    sandbox.change_whitelist(house.workspace, add=[DEWI, ("phone", "628119999999")])
    response = browser.post(SWITCH, {"state": "off", "seen": seen(browser)}, follow=True)
    assert sandbox.is_on(house.workspace.pk)
    assert response.redirect_chain == [(OFF, 302)]
    page = response.content.decode()
    assert "2 customers who are not on the whitelist would become reachable" in page
    sandbox.change_whitelist(house.workspace, add=[WAWAN])
    page = browser.get(OFF)
    assert "1 customer who is not on the whitelist would become reachable" in page.content.decode()
    words = {"state": "off", "confirmed": "on", "seen": page.context["seen"]}
    assert "Sandbox mode is off now." in told(browser.post(SWITCH, words, follow=True))
    assert not sandbox.is_on(house.workspace.pk)
    assert "Sandbox mode is off already" in browser.get(OFF).content.decode()


def test_where_nobody_is_held_back_the_second_step_says_so(house, browser):
    sandbox.switch(house.workspace, on=True)
    hear(house)
    sandbox.change_whitelist(house.workspace, add=[("bsuid", "ID.1001")])
    assert "No customer is held back now." in browser.get(OFF).content.decode()


def test_a_switch_somebody_else_turned_meanwhile_is_not_undone_unseen(house, browser):
    sandbox.switch(house.workspace, on=True)
    shown = browser.get(OFF).context["seen"]
    carla = cast.person(house.workspace, "Carla", Role.OWNER)
    sandbox.switch(house.workspace, on=False, actor=carla)
    sandbox.switch(house.workspace, on=True, actor=carla)
    response = browser.post(SWITCH, {"state": "off", "confirmed": "on", "seen": shown}, follow=True)
    assert "Nothing was changed: Carla switched it on after this page was shown" in told(response)
    assert sandbox.is_on(house.workspace.pk)


def test_what_somebody_else_has_done_already_is_said_with_their_name(house, browser):
    shown = seen(browser)
    sandbox.switch(house.workspace, on=True, actor=cast.person(house.workspace, "Carla", Role.OWNER))
    response = browser.post(SWITCH, {"state": "on", "seen": shown}, follow=True)
    assert "It was on already: Carla switched it on." in told(response)


@pytest.mark.parametrize(
    "words", [{}, {"state": "maybe", "seen": "0"}, {"state": "on"}, {"state": "on", "seen": "x"}, {"seen": "9" * 40}]
)
def test_a_post_that_says_neither_on_nor_off_changes_nothing(house, browser, words):
    response = browser.post(SWITCH, words)
    assert response.status_code == 422
    assert "nothing was changed" in response.content.decode()
    assert not AuditEntry.objects.filter(action="sandbox mode").exists()


# --- the box


def test_a_new_workspace_has_it_on_and_an_empty_list(house, browser):
    house.workspace.sandbox.delete()
    page = browser.get(PAGE)
    assert (page.context["is_on"], page.context["box"]) == (True, "")
    assert "nobody is on the whitelist" in page.content.decode()


def test_many_are_pasted_in_any_format_and_kept_in_order(house, browser):
    response = save(browser, "0811-0000-003\r\n+62 811 0000 001\r\n\r\nID.7\r\n00 49 151 12345678\r\n")
    assert "The whitelist is saved: 4 added." in told(response)
    assert listed(house) == [RATNA, DEWI, ("bsuid", "ID.7"), ("phone", "4915112345678")]
    assert response.context["box"].splitlines() == [
        "+62 811-0000-003",
        "+62 811-0000-001",
        "ID.7",
        "+49 1511 2345678",
    ]
    assert response.context["people"][3]["region"] == country_name("DE")


def test_a_local_number_is_one_of_the_workspace_s_country(house, browser):
    type(house.workspace).objects.filter(pk=house.workspace.pk).update(country="DE")
    save(browser, "0170 1234567")
    assert listed(house) == [("phone", "491701234567")]


def test_bad_lines_are_reported_one_by_one_and_stay_and_the_good_ones_are_saved(house, browser):
    response = save(browser, "0811-0000-001\n\nDewi <b>\n12\n0811-0000-002", follow=False)
    assert response.status_code == 422
    assert listed(house) == [DEWI, WAWAN]
    page = response.content.decode()
    assert "Line 3, “<bdi>Dewi &lt;b&gt;</bdi>”: It is neither a phone number nor a BSUID." in page
    assert "Line 4, “<bdi>12</bdi>”: It is too short for a phone number." in page
    assert "The whitelist is saved: 2 added. 2 lines could not be read." in told(response)
    assert response.context["box"] == "+62 811-0000-001\n\nDewi <b>\n12\n+62 811-0000-002"
    mended = response.context["box"].replace("Dewi <b>", "0811-0000-003").replace("\n12", "")
    assert "1 added" in told(save(browser, mended, response.context["shown"]))
    assert set(listed(house)) == {DEWI, WAWAN, RATNA}


def test_who_stands_there_twice_is_said_and_is_on_the_list_once(house, browser):
    response = save(browser, "0811-0000-001\n0811-0000-002\n+628110000001\n" + "62811-0000-002\n" * 6)
    assert listed(house) == [DEWI, WAWAN]
    assert "line 3 repeats line 1, line 4 repeats line 2" in told(response)
    assert "and 2 more" in told(response)


def test_lines_taken_out_are_people_taken_off(house, browser):
    save(browser, "0811-0000-001\n0811-0000-002")
    before = version(house)
    response = save(browser, "+62 811-0000-002")
    assert "The whitelist is saved: 1 removed." in told(response)
    assert (listed(house), version(house)) == ([WAWAN], before + 1)
    assert "Nobody was added or removed." in told(save(browser, "+62 811-0000-002"))
    assert (listed(house), version(house)) == ([WAWAN], before + 1)
    save(browser, "")
    assert listed(house) == []


def test_one_is_taken_off_alone_even_when_somebody_else_was_quicker(house, browser):
    save(browser, "0811-0000-001\n0811-0000-002")
    mark = browser.get(PAGE).context["people"][0]["mark"]
    response = browser.post(REMOVAL, {"person": mark}, follow=True)
    assert "+62 811-0000-001 is off the whitelist." in told(response)
    assert listed(house) == [WAWAN]
    response = browser.post(REMOVAL, {"person": mark}, follow=True)
    assert "+62 811-0000-001 was not on the whitelist any more." in told(response)


@pytest.mark.parametrize("person", ["", " ", "+1 +2", None])
def test_a_removal_of_nobody_changes_nothing(house, browser, person):
    save(browser, "0811-0000-001")
    response = browser.post(REMOVAL, {} if person is None else {"person": person})
    assert response.status_code == 422
    assert listed(house) == [DEWI]


def test_two_admins_who_save_at_once_undo_nothing_and_are_told(house, browser):
    save(browser, "0811-0000-001\n0811-0000-002")
    shown = browser.get(PAGE).context["shown"]
    sandbox.change_whitelist(house.workspace, add=[RATNA], remove=[DEWI])
    response = save(browser, "0811-0000-001\n0811-0000-002\nID.7", shown)
    assert listed(house) == [WAWAN, ("bsuid", "ID.7"), RATNA]
    assert "changed by somebody else while you wrote" in told(response)
    assert "+62 811-0000-003 added and +62 811-0000-001 removed. Both changes stand." in told(response)


def test_with_a_bad_line_too_the_box_holds_what_others_did_meanwhile(house, browser):
    save(browser, "0811-0000-001\n0811-0000-002")
    shown = browser.get(PAGE).context["shown"]
    sandbox.change_whitelist(house.workspace, add=[RATNA], remove=[DEWI])
    response = save(browser, "0811-0000-001\n0811-0000-002\nDewi", shown, follow=False)
    assert response.context["box"] == "+62 811-0000-002\nDewi\n+62 811-0000-003"
    assert [line.number for line in response.context["faults"]] == [2]
    save(browser, "+62 811-0000-002\n+62 811-0000-003", response.context["shown"])
    assert listed(house) == [WAWAN, RATNA]


def test_more_than_the_list_takes_is_refused_whole_and_stays_in_the_box(house, browser):
    save(browser, "0811-0000-001")
    box = "\n".join(f"0811-{n:07d}" for n in range(LONGEST + 1))
    response = save(browser, box, follow=False)
    assert response.status_code == 422
    assert response.context["problem"].startswith("The box has 1,001 lines, and a whitelist takes at most 1,000.")
    assert response.context["box"] == box
    assert listed(house) == [DEWI]


def test_a_list_that_others_filled_meanwhile_is_refused_whole_and_stays_in_the_box(house, browser):
    shown = browser.get(PAGE).context["shown"]
    sandbox.change_whitelist(house.workspace, add=[("phone", f"62812{n:07d}") for n in range(LONGEST)])
    response = save(browser, "0811-0000-001", shown, follow=False)
    assert "this would make 1,001. Nothing was saved." in response.content.decode()
    assert (response.context["box"], response.context["shown"]) == ("0811-0000-001", shown)


@pytest.mark.parametrize("words", [{}, {"people": "\x00\ud7ff\u2028", "shown": "\x00 +x ID."}])
def test_nonsense_in_the_box_is_answered(house, browser, words):
    save(browser, "0811-0000-001")
    assert browser.post(LIST, words).status_code in {302, 422}
    assert listed(house) == [DEWI], "what was not seen is not taken off"


def test_neither_the_audit_trail_nor_the_log_holds_a_number(house, browser, caplog):
    save(browser, "0811-0000-001\nDewi")
    browser.post(REMOVAL, {"person": "+628110000001"})
    audited = [(one.action, one.target, one.before, one.after) for one in AuditEntry.objects.all()]
    assert "811" not in f"{audited}{caplog.text}"


def test_the_page_tells_meta_s_list_from_ours(browser):
    page = browser.get(PAGE).content.decode()
    assert "131030" in page
    assert "That list is Meta’s and has nothing to do with this whitelist" in page


def test_the_tab_is_there_for_everybody(house):
    alice = cast.alice(house)
    assert f'href="{PAGE}" aria-current="page">Sandbox<' in signed_in(alice).get(PAGE).content.decode()
    Membership.objects.filter(user=alice).update(role=Role.OPS)
    assert f'href="{PAGE}"' in signed_in(alice).get("/w/kopi-kita/settings/members/").content.decode()


def test_a_paste_that_is_larger_than_any_form_is_answered_in_words_and_changes_nothing(house, browser):
    save(browser, "0811-0000-001")
    response = browser.post(LIST, {"people": "0811-0000-002\n" * 250_000, "shown": ""})
    assert response.status_code == 400
    assert "larger than 3 MB" in response.content.decode()
    assert listed(house) == [DEWI]
