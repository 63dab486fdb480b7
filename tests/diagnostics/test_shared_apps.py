"""An app that serves two workspaces: its owner's ops see what needs eyes, and never the other's events."""

from __future__ import annotations

import json

import pytest

from connections import sharing
from connections.models import Connection
from tests import cast
from tests.inbox.screens import signed_in
from webhooks import log
from webhooks.models import WebhookEvent
from workspaces.models import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def kopi():
    return cast.kopi_kita()


@pytest.fixture
def teh(kopi):
    """Teh Tubruk, whose number is under Kopi Kita's app."""
    made = cast.teh_tubruk()
    cast.lends(kopi, made.workspace)
    Connection.objects.filter(pk=made.connection.pk).update(meta_app=kopi.connection.meta_app)
    return made


@pytest.fixture
def ops(kopi):
    return signed_in(cast.person(kopi.workspace, "Oki", Role.OPS))


def body_of(browser, kopi, body: bytes):
    log.store(kopi.connection.meta_app_id, body)
    event = WebhookEvent.objects.order_by("-id")[0]
    return browser.get(f"/w/kopi-kita/diagnostics/events/{event.day.isoformat()}/{event.pk}/")


def said(house, text: str) -> bytes:
    return json.dumps(cast.envelope(house, cast.says(house, text))).encode()


def test_the_owner_reads_the_bodies_for_its_own_numbers(kopi, teh, ops):
    assert body_of(ops, kopi, said(kopi, "ours")).status_code == 200


def test_what_is_for_the_other_workspaces_number_is_not_shown_to_the_owner(kopi, teh, ops):
    response = body_of(ops, kopi, said(teh, "their secret plan"))
    assert response.status_code == 403
    assert "number of another workspace" in response.content.decode()
    assert "their secret plan" not in response.content.decode()


def test_nor_is_a_body_that_holds_both(kopi, teh, ops):
    both = json.dumps(cast.envelope(kopi, cast.says(kopi, "ours"), cast.says(teh, "theirs"))).encode()
    assert body_of(ops, kopi, both).status_code == 403


def test_nor_one_about_their_business_account_or_one_that_cannot_be_parsed(kopi, teh, ops):
    account = {"entry": [{"id": teh.connection.waba_id, "changes": [{"field": "account_update", "value": {}}]}]}
    assert body_of(ops, kopi, json.dumps(account).encode()).status_code == 403
    assert body_of(ops, kopi, said(teh, "cut off")[:-20]).status_code == 403


def test_an_account_that_both_have_numbers_in_concerns_both(kopi, teh, ops):
    Connection.objects.filter(pk=teh.connection.pk).update(waba_id=kopi.connection.waba_id)
    assert body_of(ops, kopi, said(kopi, "ours")).status_code == 200


def test_what_came_while_it_was_shared_stays_theirs_afterwards(kopi, teh, ops):
    Connection.objects.filter(pk=teh.connection.pk).update(meta_app=teh.workspace.meta_apps.get())
    assert body_of(ops, kopi, said(teh, "theirs")).status_code == 403


def test_a_number_that_is_only_claimed_hides_nothing(kopi, teh, ops):
    Connection.objects.filter(pk=teh.connection.pk).update(proven_at=None)
    assert body_of(ops, kopi, said(teh, "an orphan")).status_code == 200


def test_nor_is_what_came_before_the_sharing_was_ended(kopi, ops):
    teh = cast.teh_tubruk()
    olga = cast.person(kopi.workspace, "Olga", Role.OWNER)
    tia = cast.person(teh.workspace, "Tia", Role.OWNER)
    share = sharing.offer(kopi.connection.meta_app, "teh-tubruk", by=olga)
    assert sharing.accept(teh.workspace, share.pk, by=tia) is not None
    assert sharing.end(kopi.workspace, share.pk, by=olga) is not None
    assert body_of(ops, kopi, said(teh, "theirs")).status_code == 403


def test_nobody_learns_by_a_body_of_their_own_which_numbers_are_connected_here(kopi, ops):
    teh = cast.teh_tubruk()
    connected = body_of(ops, kopi, said(teh, "is it here?"))
    Connection.objects.filter(pk=teh.connection.pk).delete()
    assert (connected.status_code, body_of(ops, kopi, said(teh, "is it here now?")).status_code) == (200, 200)
