"""One app for two workspaces: an act of both owners, which tells outsiders nothing and costs nobody an event."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db import connection as database
from django.test import Client
from django.utils import timezone

from connections import connecting, sharing
from connections.connecting import Details, NotConnectedError
from connections.models import AppShare, Connection, MetaApp
from inbox import drain
from tests import cast
from tests.cast import House
from tests.connections.locks import waits_for_a_lock
from tests.inbox.screens import signed_in
from webhooks.models import WebhookEvent
from workspaces.models import AuditEntry, Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def kopi() -> House:
    return cast.kopi_kita()


@pytest.fixture
def teh() -> House:
    return cast.teh_tubruk()


@pytest.fixture
def app(kopi) -> MetaApp:
    return MetaApp.objects.get(owner=kopi.workspace)


@pytest.fixture
def olga(kopi) -> Client:
    """Owner of Kopi Kita, which has the app."""
    return signed_in(cast.person(kopi.workspace, "Olga", Role.OWNER))


@pytest.fixture
def tia(teh) -> Client:
    """Owner of Teh Tubruk, which would like to use it."""
    return signed_in(cast.person(teh.workspace, "Tia", Role.OWNER))


def settings(path: str = "", slug: str = "kopi-kita") -> str:
    return f"/w/{slug}/settings/connections/{path}"


def offer(browser: Client, app: MetaApp, slug: str = "teh-tubruk"):
    return browser.post(settings(f"apps/{app.pk}/shares/"), {"slug": slug})


def accept(browser: Client, share: AppShare, slug: str = "teh-tubruk"):
    return browser.post(settings(f"shares/{share.pk}/acceptance/", slug))


def end(browser: Client, share: AppShare, slug: str):
    return browser.post(settings(f"shares/{share.pk}/end/", slug))


def said(response) -> str:
    text: str = response.content.decode()
    return text.replace("&#x27;", "'")


def connect(teh: House, app: MetaApp, phone_number_id: str = "100000000000077") -> Connection:
    return connecting.add(teh.workspace, Details("Second", app, phone_number_id, "2", "simulator", "token"))


# --- Both agree


def test_an_app_is_shared_once_both_owners_said_so(kopi, teh, app, olga, tia):
    assert app not in sharing.at_hand(teh.workspace)
    assert offer(olga, app).status_code == 302
    share = AppShare.objects.get()
    assert app not in sharing.at_hand(teh.workspace), "an offer alone gives nothing"
    assert "Kopi Kita offers its app" in said(tia.get(settings(slug="teh-tubruk")))
    assert accept(tia, share).status_code == 302
    assert set(sharing.at_hand(teh.workspace)) == {app, teh.connection.meta_app}
    assert "shared by Kopi Kita" in said(tia.get(settings(slug="teh-tubruk")))
    assert "<strong>Teh Tubruk</strong>" in said(olga.get(settings(f"apps/{app.pk}/")))
    assert connect(teh, app).workspace == teh.workspace


def test_every_step_is_in_both_trails_and_the_other_side_sees_no_names(kopi, teh, app, olga, tia):
    offer(olga, app)
    share = AppShare.objects.get()
    accept(tia, share)
    end(olga, share, "kopi-kita")
    for house, actors in ((kopi, ["Olga", None, "Olga"]), (teh, [None, "Tia", None])):
        found = AuditEntry.objects.filter(workspace=house.workspace, action__startswith="app").order_by("pk")
        assert [one.action for one in found] == ["app offered", "app shared", "app no longer shared"]
        assert [one.actor.name if one.actor else None for one in found] == actors
        assert [one.after["by"] for one in found] == ["kopi-kita", "teh-tubruk", "kopi-kita"]


def test_the_borrower_reaches_neither_the_apps_page_nor_its_secrets(kopi, teh, app, olga, tia):
    cast.lends(kopi, teh.workspace)
    index = said(tia.get(settings(slug="teh-tubruk")))
    assert app.public_id not in index
    assert app.app_secret not in index
    for path in ("", "state/"):
        assert tia.get(settings(f"apps/{app.pk}/{path}", "teh-tubruk")).status_code == 404
    for path in ("verify-token/", "old-secret/", "shares/"):
        assert tia.post(settings(f"apps/{app.pk}/{path}", "teh-tubruk"), {"slug": "a"}).status_code == 404


# --- Nobody learns what workspaces there are


def test_an_offer_to_nobody_looks_just_like_one_to_somebody(teh, app, olga):
    answers = [offer(olga, app, slug) for slug in ("teh-tubruk", "no-such-place")]
    assert [one.status_code for one in answers] == [302, 302]
    page = said(olga.get(settings(f"apps/{app.pk}/")))
    assert page.count("not accepted yet") == 2
    assert "Teh Tubruk" not in page


def test_the_name_of_a_workspace_is_not_told_before_its_owner_accepted(teh, app, olga):
    offer(olga, app)
    trail = AuditEntry.objects.get(workspace__slug="kopi-kita", action="app offered")
    assert "Teh Tubruk" not in str(vars(trail))


def test_an_outsider_finds_no_offer_and_ends_no_share(kopi, teh, app, tia):
    share = AppShare.objects.create(meta_app=app, slug="somebody-else", offered_at=timezone.now())
    assert end(tia, share, "teh-tubruk").status_code == 404
    accept(tia, share)
    share.refresh_from_db()
    assert share.workspace is None
    assert "offers its app" not in said(tia.get(settings(slug="teh-tubruk")))


# --- What is wrong


@pytest.mark.parametrize(
    ("slug", "reason"),
    [("kopi-kita", "That is this workspace"), ("", "This field is required"), ("Not a slug!", "Enter a valid")],
)
def test_a_bad_offer_is_answered_with_the_page_and_what_was_typed(app, olga, slug, reason):
    response = offer(olga, app, slug)
    assert response.status_code == 422
    assert reason in said(response)
    assert not AppShare.objects.exists()


def test_a_whole_address_is_understood(app, olga):
    assert offer(olga, app, " https://inbox.example.com/w/Teh-Tubruk/inbox/ ").status_code == 302
    assert AppShare.objects.get().slug == "teh-tubruk"


def test_to_offer_twice_is_one_offer_that_stands_anew(app, olga):
    offer(olga, app)
    AppShare.objects.update(offered_at=timezone.now() - timedelta(days=20))
    offer(olga, app)
    assert AppShare.objects.get().offered_at > timezone.now() - timedelta(minutes=1)


def test_nobody_fills_another_workspaces_trail_with_offers(teh, app, olga):
    for _ in range(sharing.MOST_AN_HOUR):
        assert offer(olga, app).status_code == 302
    response = offer(olga, app)
    assert response.status_code == 422
    assert "20 offers were made within the last hour" in said(response)
    assert teh.workspace.audit_entries.filter(action="app offered").count() == sharing.MOST_AN_HOUR


def test_what_is_shared_is_not_offered_again(kopi, teh, app, olga):
    cast.lends(kopi, teh.workspace)
    response = offer(olga, app)
    assert response.status_code == 422
    assert "shared with that workspace already" in said(response)


def test_an_offer_lapses_after_two_weeks(teh, app, olga, tia):
    offer(olga, app)
    AppShare.objects.update(offered_at=timezone.now() - timedelta(days=14, seconds=1))
    assert "offers its app" not in said(tia.get(settings(slug="teh-tubruk")))
    accept(tia, AppShare.objects.get())
    assert AppShare.objects.get().workspace is None
    assert "lapsed after 14 days; offer it again" in said(olga.get(settings(f"apps/{app.pk}/")))


def test_an_offer_taken_back_cannot_be_accepted(teh, app, olga, tia):
    offer(olga, app)
    share = AppShare.objects.get()
    assert end(olga, share, "kopi-kita").status_code == 302
    answer = tia.post(settings(f"shares/{share.pk}/acceptance/", "teh-tubruk"), follow=True)
    assert "The offer is not there any more" in said(answer)
    assert not AppShare.objects.exists()


def test_the_other_owner_can_decline(teh, app, olga, tia):
    offer(olga, app)
    assert end(tia, AppShare.objects.get(), "teh-tubruk").status_code == 302
    assert not AppShare.objects.exists()


# --- Ended, and nobody stops receiving (P11)


@pytest.mark.parametrize("by_owner", [True, False])
def test_either_side_ends_it_while_no_number_is_under_it(kopi, teh, app, olga, tia, by_owner):
    share = cast.lends(kopi, teh.workspace)
    browser, slug = (olga, "kopi-kita") if by_owner else (tia, "teh-tubruk")
    assert end(browser, share, slug).status_code == 302
    assert app not in sharing.at_hand(teh.workspace)
    with pytest.raises(NotConnectedError, match="no longer at hand"):
        connect(teh, app)


@pytest.mark.parametrize("by_owner", [True, False])
def test_while_a_number_is_under_it_neither_side_ends_it_and_both_are_told_why(kopi, teh, app, olga, tia, by_owner):
    share = cast.lends(kopi, teh.workspace)
    connect(teh, app)
    browser, slug = (olga, "kopi-kita") if by_owner else (tia, "teh-tubruk")
    answer = browser.post(settings(f"shares/{share.pk}/end/", slug), follow=True)
    assert "would stop receiving" in said(answer)
    assert AppShare.objects.filter(pk=share.pk).exists()


def test_the_database_refuses_a_number_under_an_app_that_is_neither_own_nor_lent(teh, app):
    with pytest.raises(IntegrityError), transaction.atomic():
        Connection.objects.filter(pk=teh.connection.pk).update(meta_app=app)


@pytest.mark.django_db(transaction=True)
def test_a_number_connected_while_the_sharing_is_ended_is_seen_or_refused(kopi, teh, app):
    """Whoever comes second waits for the first, and then sees what was done."""
    share = cast.lends(kopi, teh.workspace)
    olga = cast.person(kopi.workspace, "Olga", Role.OWNER)
    outcomes: list[str] = []

    def ending() -> None:
        try:
            sharing.end(kopi.workspace, share.pk, by=olga)
            outcomes.append("ended")
        except sharing.StillUsedError:
            outcomes.append("still used")
        finally:
            database.close()

    other = threading.Thread(target=ending)
    with transaction.atomic():
        connect(teh, app)
        other.start()
        while other.is_alive() and not waits_for_a_lock():
            pass
    other.join()
    assert outcomes == ["still used"]


# --- Whose an event is


def test_what_arrives_for_a_borrowers_number_is_the_borrowers_alone(kopi, teh, app):
    cast.lends(kopi, teh.workspace)
    number = connect(teh, app)
    Connection.objects.filter(pk=number.pk).update(proven_at=timezone.now())
    second = House(teh.workspace, Connection.objects.get(pk=number.pk))
    cast.arrives(second, cast.says(second, "for the borrower"))
    drain.drain()
    assert teh.workspace.messages.get().text == "for the borrower"
    assert not kopi.workspace.messages.exists()
    assert not WebhookEvent.objects.exclude(orphans=[]).exists()


def test_an_app_that_is_not_shared_signs_nothing_for_another_workspaces_number(kopi, teh):
    signed_by_kopi = House(kopi.workspace, kopi.connection)
    cast.arrives(signed_by_kopi, cast.says(teh, "not theirs to sign"))
    drain.drain()
    assert not teh.workspace.messages.exists()
    assert WebhookEvent.objects.get().orphans == [teh.connection.phone_number_id]


# --- Who may


@pytest.mark.parametrize("role", [Role.ADMIN, Role.OPS, Role.AGENT])
def test_only_owners_offer_accept_and_end(kopi, teh, app, olga, role):
    ours = signed_in(cast.person(kopi.workspace, "Dana", role))
    theirs = signed_in(cast.person(teh.workspace, "Dewi", role))
    assert offer(ours, app).status_code == 403
    offer(olga, app)
    share = AppShare.objects.get()
    assert [end(ours, share, "kopi-kita").status_code, accept(theirs, share).status_code] == [403, 403]
    assert end(theirs, share, "teh-tubruk").status_code == 403
    share.refresh_from_db()
    assert share.workspace is None


def test_an_admin_sees_the_offer_and_whom_to_ask_and_no_way_to_offer(kopi, teh, app, olga):
    offer(olga, app)
    page = said(signed_in(cast.person(teh.workspace, "Dewi", Role.ADMIN)).get(settings(slug="teh-tubruk")))
    assert "An owner of this workspace can accept it." in page
    assert "acceptance" not in page
    assert "Offer this app" not in said(signed_in(cast.bob(kopi)).get(settings(f"apps/{app.pk}/")))


def test_outsiders_and_strangers_are_answered_as_everywhere(kopi, app, tia):
    share = AppShare.objects.create(meta_app=app, slug="teh-tubruk", offered_at=timezone.now())
    paths = [f"apps/{app.pk}/shares/", f"shares/{share.pk}/acceptance/", f"shares/{share.pk}/end/"]
    for path in paths:
        assert tia.post(settings(path)).status_code == 404, path
        assert Client().post(settings(path)).headers["Location"].startswith("/accounts/login/"), path
        assert tia.get(settings(path)).status_code == 405, path
