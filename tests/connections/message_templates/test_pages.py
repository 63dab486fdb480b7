"""The templates' pages: everybody may read them, and each status, quality and rejection says what it means."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.html import escape

from connections.message_templates import words
from connections.message_templates.preview import BUTTONS, MEDIA
from connections.models import Connection, MessageTemplate, TemplateSync
from tests import cast
from tests.gigaviz.test_pages import check
from tests.inbox.screens import signed_in
from workspaces.models import Role

from .rows import body, known

pytestmark = pytest.mark.django_db

PAGE = "/w/kopi-kita/templates/"


@pytest.fixture
def alice(house) -> Client:
    return signed_in(cast.alice(house))


def text(browser: Client, path: str = PAGE, **query: str) -> str:
    response = browser.get(path, query)
    assert response.status_code == 200
    return str(response.content.decode())


def one(row: MessageTemplate) -> str:
    return f"{PAGE}{row.pk}/"


def names(page: str) -> list[str]:
    return re.findall(r'page-row-main" href="[^"]*"><strong>([^<]*)<', page)


@pytest.mark.parametrize("role", Role)
def test_everybody_may_read_and_those_who_may_change_see_how(house, role):
    row = known(house)
    browser = signed_in(cast.person(house.workspace, "Dana", role))
    page = text(browser)
    assert "greeting" in page
    assert ("Sync now" in page) == (role in {Role.OWNER, Role.ADMIN})
    assert "Your order is on its way." in text(browser, one(row))


def test_outsiders_find_nothing_strangers_sign_in_and_nothing_is_posted_to_what_is_read(house, alice):
    row = known(house)
    charlie = signed_in(cast.charlie())
    for path in (PAGE, one(row), f"{PAGE}list/", f"{one(row)}state/"):
        assert charlie.get(path).status_code == 404
        assert Client().get(path).headers["Location"].startswith("/accounts/login/?next=")
        assert Client().get(path, headers={"HX-Request": "true"}).status_code == 401
        assert alice.post(path).status_code == 405
    assert charlie.get(f"/w/teh-tubruk/templates/{row.pk}/").status_code == 404
    assert "greeting" not in text(charlie, "/w/teh-tubruk/templates/")
    assert alice.get(f"{PAGE}{row.pk + 1}/").status_code == 404


def test_an_open_page_asks_for_news_and_gets_it_when_there_is_some(house, alice):
    row = known(house)
    for whole, part in ((PAGE, f"{PAGE}list/"), (one(row), f"{one(row)}state/")):
        version = alice.get(whole).context["seen"]
        assert f'data-seen="{version}"' in text(alice, whole)
        response = alice.get(part, {"seen": version})
        assert (response.status_code, response.headers["X-Gigaviz-Version"]) == (204, str(version))
        assert "Approved" in text(alice, part, seen=str(version - 1))
        assert "Approved" in text(alice, part, seen="x")
    assert f'src="{PAGE}list/?q=greet&amp;page=1"' in text(alice, q="greet")


def test_the_rail_leads_there(house, alice):
    assert f'href="{PAGE}"' in text(alice, "/w/kopi-kita/inbox/")


def test_without_templates_it_says_what_one_is_and_without_a_number_what_to_do(house, alice):
    page = text(alice)
    assert "No templates yet" in page
    assert "never synced yet" in page
    Connection.objects.update(proven_at=None)
    assert "no number of it is proven yet" in text(alice)
    Connection.objects.all().delete()
    assert "Connect a number of it" in text(alice)


@pytest.mark.parametrize("status", [*words.STATUSES, "DREAMING"])
def test_each_status_is_a_word_with_an_icon_a_meaning_and_what_helps(house, alice, status):
    row = known(house, status=status)
    said = words.of_status(status)
    assert said.word in text(alice)
    page = text(alice, one(row))
    for sentence in (said.sentence, said.next_step if status != "REJECTED" else ""):
        assert escape(sentence) in page


@pytest.mark.parametrize("reason", [*words.REASONS, "NONE", "BAD_WEATHER"])
def test_a_rejection_says_why_and_what_to_change(house, alice, reason):
    row = known(house, status="REJECTED", rejected_reason=reason)
    page = text(alice, one(row))
    why, step = words.of_reason("" if reason == "NONE" else reason)
    assert escape(why) in page
    assert escape(step) in page


@pytest.mark.parametrize("quality", [*words.QUALITIES, "PURPLE"])
def test_each_quality_is_a_word_with_what_it_means(house, alice, quality):
    row = known(house, quality_score={"score": quality})
    said = words.of_quality(quality)
    assert said is not None
    assert said.word in text(alice)
    assert said.sentence in text(alice, one(row))


def test_metas_own_words_and_its_plans_for_the_category_are_shown(house, alice):
    row = known(house)
    details = {
        "reason": "Two variables touch.",
        "recommendation": "Put words between.",
        "title": "NONE",
        "of": row.status,
    }
    from_ = timezone.now() + timedelta(hours=20)
    MessageTemplate.objects.update(status_details=details, correct_category="MARKETING", correct_category_from=from_)
    page = text(alice, one(row))
    assert "Meta’s reason: Two variables touch." in page
    assert "Meta recommends: Put words between." in page
    assert "Meta’s word" not in page
    assert "move it to Marketing" in page


def test_the_preview_has_every_part_with_its_variables_marked(house, alice):
    parts = [
        {"type": "HEADER", "format": "TEXT", "text": "Order {{1}}", "example": {"header_text": ["1042"]}},
        body("Hi {{1}}, <b>your</b> order is on its way.", example={"body_text": [["Dewi"]]}),
        {"type": "FOOTER", "text": "Kopi Kita"},
        {"type": "BUTTONS", "buttons": [{"type": "URL", "text": "Track it", "url": "https://example.com/{{1}}"}]},
        {"type": "CAROUSEL", "cards": []},
    ]
    page = text(alice, one(known(house, components=parts)))
    assert 'title="Sample: 1042">{{1}}</mark>' in page
    assert 'Hi <mark class="template-variable" title="Sample: Dewi">{{1}}</mark>, &lt;b&gt;your' in page
    for words_ in ("Kopi Kita", "Track it", "https://example.com/{{1}}", "Carousel: not shown here"):
        assert words_ in page


def test_only_a_body_without_any_text_is_said_to_be_meta_s_own(house, alice):
    metas = text(alice, one(known(house, components=[{"type": "BODY", "add_security_recommendation": True}])))
    assert "Meta writes this text" in metas
    empty = text(alice, one(known(house, template_id="2", name="empty", components=[body("")])))
    assert "Meta writes this text" not in empty


@pytest.mark.parametrize("form", [*MEDIA, "HOLOGRAM"])
def test_a_header_of_a_file_is_a_placeholder(house, alice, form):
    page = text(alice, one(known(house, components=[{"type": "HEADER", "format": form}, body()])))
    assert (MEDIA[form][1] if form in MEDIA else "Hologram") in page


def test_every_kind_of_button_is_drawn(house, alice):
    kinds = [*BUTTONS, "TELEPATHY"]
    buttons = [{"type": kind, "text": f"button {kind}"} for kind in kinds] + ["odd", {}]
    page = text(alice, one(known(house, components=[body(), {"type": "BUTTONS", "buttons": buttons}])))
    assert [f"button {kind}" in page for kind in kinds] == [True] * len(kinds)


@pytest.mark.parametrize("components", [[], [{}], [{"type": "BODY"}], [{"type": 5, "text": []}], [{"type": "BUTTONS"}]])
def test_odd_components_break_no_page(house, alice, components):
    row = known(house, components=components)
    assert "greeting" in text(alice)
    assert "greeting" in text(alice, one(row))


def test_texts_that_meta_told_of_since_the_sync_are_shown_and_said_to_be_newer(house, alice):
    row = known(house, at=timezone.now() - timedelta(hours=1))
    MessageTemplate.objects.update(told_texts={"body": "Good news: {{1}}!"}, told_texts_at=timezone.now())
    page = text(alice, one(row))
    assert "Good news: " in page
    assert "Your order" not in page
    assert "Meta has told of new texts" in page


def test_the_list_is_searched_and_narrowed(house, alice):
    known(house, "order_update", language="id", components=[body("Pesanan Anda sedang dikirim.")])
    known(house, "promo", category="MARKETING", status="PAUSED")
    known(house, "feedback")
    assert names(text(alice)) == ["feedback", "order_update", "promo"]
    assert names(text(alice, q="order")) == ["feedback", "order_update", "promo"]  # two have it in their text
    assert names(text(alice, q="dikirim pesanan")) == ["order_update"]
    assert names(text(alice, q="body")) == []  # Meta's word for a part of it
    assert names(text(alice, language="id")) == ["order_update"]
    assert names(text(alice, category="MARKETING")) == ["promo"]
    assert names(text(alice, status="PAUSED", q="promo")) == ["promo"]
    assert names(text(alice, status="REJECTED")) == []
    assert "No template like that" in text(alice, q="\0%_'\"<>")


def test_a_removed_template_is_listed_only_when_asked_for(house, alice):
    row = known(house)
    MessageTemplate.objects.update(gone_at=timezone.now() + timedelta(seconds=1))
    assert names(text(alice)) == []
    assert names(text(alice, status="removed")) == ["greeting"]
    assert "Meta does not list it any more" in text(alice, one(row))


def test_what_only_a_webhook_told_of_says_that_it_is_not_synced_yet(house, alice):
    row = known(house)
    MessageTemplate.objects.update(synced_at=None, components=[], components_at=None, name="")
    page = text(alice)
    assert "Not synced yet" in page
    assert row.template_id in page
    assert "not yet: a webhook told of it" in text(alice, one(row))


def test_an_old_sync_says_that_things_may_have_changed_and_a_failed_one_why(house, alice):
    row = known(house, at=timezone.now() - timedelta(hours=23))
    assert "may have changed" not in text(alice)
    TemplateSync.objects.update(ok_at=timezone.now() - timedelta(hours=25))
    assert "more than a day ago, so they may have changed" in text(alice)
    assert "may have changed since" in text(alice)
    assert "more than a day ago, so it may have changed" in text(alice, one(row))
    TemplateSync.objects.update(problem="Meta refused it.", next_step="Renew the token.")
    assert "failed: Meta refused it. Renew the token." in text(alice)


def test_many_templates_come_in_pages_that_keep_what_was_asked(house, alice):
    for number in range(53):
        known(house, f"template_{number:02}", at=timezone.now() - timedelta(minutes=1))
    page = text(alice, q="template")
    assert len(names(page)) == 50
    assert "?q=template&amp;page=2" in page
    assert names(text(alice, q="template", page="2")) == ["template_50", "template_51", "template_52"]
    assert len(names(text(alice, page="99"))) == 3
    assert len(names(text(alice, page="x"))) == 50


def test_the_list_takes_as_many_queries_for_many_as_for_one(house, alice):
    def queries() -> int:
        with CaptureQueriesContext(database) as counted:
            alice.get(PAGE)
        return len(counted)

    known(house)
    first = queries()
    for number in range(5):
        known(house, f"another_{number}")
    assert queries() == first


def test_the_pages_are_strict_whatever_a_template_says(house, alice):
    evil = "<script>alert(1)</script><img src=x onerror=alert(2)> javascript:alert(3) <b style='color:red'>"
    row = known(house, evil, components=[body(evil)], status=evil[:60], language="<i>")
    for path in (PAGE, one(row)):
        check(alice.get(path))
