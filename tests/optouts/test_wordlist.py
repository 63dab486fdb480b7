"""A workspace's own words: they count for what is said while they stand, whenever it is applied; admins change them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from inbox import drain
from optouts import ledger, wordlist
from optouts.models import ConsentEvent, OwnWord
from optouts.wordlist import OwnWords
from tests import cast
from tests.inbox.screens import hear, signed_in, version
from workspaces.models import AuditEntry, Role

pytestmark = pytest.mark.django_db

PAGE = "/w/kopi-kita/settings/opt-outs/words/"
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
DEWI = {("phone", "628110000001"), ("bsuid", "ID.1001")}


def minute(n: int) -> datetime:
    return NOON + timedelta(minutes=n)


def save(browser: Client, **boxes: str):
    seen = browser.get(PAGE).context["form"]["seen"].value()
    return browser.post(f"{PAGE}changes/", {"seen": seen, **boxes}, follow=True)


def text(response) -> str:
    return str(response.content.decode())


# --- pure


def test_a_word_counts_from_then_on_and_until_before_then():
    own = OwnWords([("basta", "stop", minute(1), minute(3)), ("basta", "marketing", minute(3), None)])
    found = [own.at(minute(n)).get("basta") for n in range(5)]
    assert found == [None, "stop", "stop", "marketing", "marketing"]


SPELLS = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from(["stop", "none"]), st.integers(0, 9), st.integers(0, 9)),
    max_size=6,
)


@given(SPELLS, st.integers(-1, 10), st.integers(-1, 10))
def test_what_counts_at_a_time_is_what_stands_then_whatever_was_asked_before(spells, asked, first):
    own = OwnWords([(plain, meaning, minute(a), minute(a + b)) for plain, meaning, a, b in spells])
    own.at(minute(first))
    standing = {plain for plain, _, a, b in spells if a <= asked < a + b}
    assert set(own.at(minute(asked))) == standing


# --- as messages arrive


def test_an_own_word_opts_out_and_a_default_that_is_not_wanted_does_not(house, admin):
    save(admin, stop="Basta", none="alto", marketing="no ads")
    for n, said in enumerate(["alto", "no ads", "BASTA!"]):
        cast.arrives(house, cast.says(house, said, at=cast.ago(minutes=-1 - n)))
    drain.drain()
    events = ConsentEvent.objects.order_by("provider_at")
    assert [(event.quote, event.scope) for event in events] == [("no ads", "marketing"), ("BASTA!", "all")]


def test_the_button_below_metas_marketing_templates_opts_out_of_marketing(house):
    hear(house, "", type="button", button={"text": "Stop promotions", "payload": "Stop promotions"})
    found = ledger.standing(house.workspace.pk, DEWI)
    assert found.everything is None
    assert found.marketing is not None
    assert found.marketing.source == "button"


def test_what_was_said_before_a_word_counted_says_nothing_whenever_it_arrives(house, admin):
    save(admin, stop="basta")
    hear(house, "basta", at=cast.ago(minutes=5))
    assert not ConsentEvent.objects.exists()


def test_another_workspaces_words_mean_nothing_here(house, admin):
    save(admin, stop="basta")
    hear(cast.teh_tubruk(), "basta", at=cast.ago(minutes=-1))
    assert not ConsentEvent.objects.exists()


def test_a_batch_asks_for_the_words_once_and_only_where_somebody_said_something(house):
    def asked(*changes) -> int:
        cast.arrives(house, *changes)
        with CaptureQueriesContext(connection) as queries:
            drain.drain()
        return sum("optouts_ownword" in query["sql"] for query in queries)

    assert asked(*(cast.says(house, f"Hello {n}", phone=f"62811{n}", bsuid=f"ID.{n}") for n in range(30))) == 1
    assert asked(cast.says(house, "x" * 300)) == 0
    assert asked(cast.status(house, "wamid.none", "read", recipient_id="62811")) == 0


# --- the page


def test_an_admin_changes_the_words_which_is_audited_and_reaches_open_pages(house, admin, bob):
    before = version(house)
    page = text(save(admin, stop="Basta\r\nYa no\n\nbasta!", none="alto"))
    assert "The words are saved." in page
    kept = {(one.written, one.plain, one.meaning) for one in OwnWord.objects.filter(until=None)}
    assert kept == {("Basta", "basta", "stop"), ("Ya no", "ya no", "stop"), ("alto", "alto", "none")}
    entry = AuditEntry.objects.get(action="opt-out words changed")
    assert entry.actor == bob
    assert entry.after["Opts out of all messages"] == ["Basta", "Ya no"]
    assert entry.before["Says nothing"] == []
    assert version(house) == before + 1


def test_a_word_that_is_taken_back_is_kept_with_its_time(house, admin):
    save(admin, stop="basta")
    save(admin, stop="")
    word = OwnWord.objects.get()
    assert word.until is not None
    assert word.until > word.since
    save(admin, stop="basta")
    assert OwnWord.objects.count() == 2


def test_saving_what_stands_already_changes_nothing(house, admin):
    save(admin, stop="basta")
    before = version(house)
    save(admin, stop=" BASTA ", start="start up")
    save(admin, stop="basta\nstop all", start="start up")
    assert OwnWord.objects.count() == 2
    assert AuditEntry.objects.filter(action="opt-out words changed").count() == 2
    assert version(house) == before + 1


@pytest.mark.parametrize(
    ("boxes", "said"),
    [
        ({"none": "STOP"}, "“STOP” means the same everywhere and cannot be changed."),
        ({"start": "unsubscribe"}, "cannot be changed"),
        ({"stop": "!!!"}, "neither a letter nor a digit"),
        ({"stop": "x" * 101}, "longer than 100"),
        ({"stop": "basta", "start": "Basta"}, "“Basta” stands in two boxes"),
        ({"none": "nonsense"}, "is not listed below"),
        ({"stop": "\n".join(f"w{n}" for n in range(201))}, "These are 201 words; at most 200"),
        ({"stop": "a\x00b"}, "Null characters are not allowed."),
    ],
)
def test_what_cannot_be_kept_is_said_and_what_was_typed_stays(house, admin, boxes, said):
    response = save(admin, **boxes)
    assert response.status_code == 422
    assert said in text(response)
    assert not OwnWord.objects.exists()
    assert all(response.context["form"][name].value() == typed for name, typed in boxes.items())


def test_a_change_by_somebody_else_is_not_overwritten_unseen(house, admin):
    seen = admin.get(PAGE).context["form"]["seen"].value()
    save(admin, stop="basta")
    response = admin.post(f"{PAGE}changes/", {"seen": seen, "stop": "ya no"})
    assert response.status_code == 422
    assert "Somebody else has changed the words meanwhile" in text(response)
    assert [one.written for one in wordlist.standing(house.workspace.pk)] == ["basta"]


def test_a_form_that_does_not_say_what_it_had_seen_is_broken(house, admin):
    response = admin.post(f"{PAGE}changes/", {"stop": "basta"})
    assert response.status_code == 422
    assert "This form is broken" in text(response)


@pytest.mark.parametrize("role", Role)
def test_everybody_reads_them_and_only_admins_change_them(house, admin, role):
    save(admin, stop="basta")
    browser = signed_in(cast.person(house.workspace, "Dana", role))
    page, may = browser.get(PAGE), role in {Role.OWNER, Role.ADMIN}
    assert "basta" in text(page)
    assert "unsubscribe" in text(page)
    assert ("<textarea" in text(page)) == may
    form = {"seen": page.context["form"]["seen"].value(), "stop": "ya no"}
    assert browser.post(f"{PAGE}changes/", form).status_code == (302 if may else 403)


def test_outsiders_strangers_and_other_methods(house, admin):
    charlie = signed_in(cast.charlie())
    for path, own, wrong in (("", "get", "post"), ("changes/", "post", "get")):
        assert getattr(admin, wrong)(PAGE + path).status_code == 405
        assert getattr(charlie, own)(PAGE + path).status_code == 404
        assert getattr(Client(), own)(PAGE + path).url.startswith("/accounts/login/")
