"""Invitations: by e-mail, for a week, once, and for the address invited only."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import responses
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.test import Client, override_settings
from django.utils import timezone

from gigaviz.processes import wait_until
from tests import cast
from tests.inbox.screens import signed_in
from tests.workspaces.test_clock import Other, somebody_waits
from workspaces import audit
from workspaces import invitations as rules
from workspaces.models import Invitation, Membership, Role, User

pytestmark = pytest.mark.django_db
PAGE = "/w/kopi-kita/settings/members/"
INVITE = f"{PAGE}invitations/"
JOIN = "/invitations/"
SARI = "sari@example.com"


@pytest.fixture
def bob(house):
    return signed_in(cast.bob(house))


@pytest.fixture
def olga(house):
    return signed_in(cast.person(house.workspace, "Olga", Role.OWNER))


def text(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def invite(browser: Client, email: str = SARI, role: str = "agent"):
    return browser.post(INVITE, {"email": email, "role": role}, follow=True)


def link(nth: int = -1) -> str:
    """The link in the newest e-mail, or in another, as an address of ours."""
    found = re.search(r"http://localhost:8000(/invitations/\S+)", str(mail.outbox[nth].body))
    assert found is not None
    return found[1]


def opened(address: str, browser: Client | None = None) -> Client:
    browser = browser or Client()
    browser.get(address)
    return browser


def actions(house) -> list[str]:
    return list(house.workspace.audit_entries.order_by("pk").values_list("action", flat=True))[1:]


def test_an_invitation_leaves_as_an_e_mail_that_says_who_whereto_and_until_when(house, bob):
    page = invite(bob, "Sari@Example.com")
    assert "An invitation is on its way to sari@example.com." in text(page)
    (sent,) = mail.outbox
    assert sent.to == [SARI]
    assert sent.subject == "Bob invited you to Kopi Kita"
    assert "as agent" in sent.body
    assert "once" in sent.body
    invitation = Invitation.objects.get()
    assert invitation.sent_at is not None
    assert timedelta(days=6, hours=23) < invitation.expires_at - timezone.now() <= timedelta(days=7)
    assert actions(house) == ["member invited"]


def test_the_token_is_kept_nowhere_but_in_the_e_mail(house, bob):
    page = invite(bob)
    token = link().split("/")[2]
    kept = str(list(Invitation.objects.values())) + str(list(house.workspace.audit_entries.values()))
    assert token not in kept
    assert token not in text(page)


def test_somebody_new_sets_a_name_and_a_password_and_is_in(house, bob):
    invite(bob, role="ops")
    browser = opened(link())
    page = text(browser.get(JOIN))
    assert "Join Kopi Kita" in page
    assert SARI in page
    answer = browser.post(JOIN, {"name": "Sari", "password": cast.PASSWORD}, follow=True)
    assert answer.redirect_chain[-1][0] == "/w/kopi-kita/inbox/"
    sari = User.objects.get(email=SARI)
    assert sari.check_password(cast.PASSWORD)
    assert Membership.objects.get(user=sari).role == Role.OPS
    assert actions(house) == ["member invited", "member added"]


def test_the_token_leaves_the_address_at_once(bob):
    invite(bob)
    response = Client().get(link())
    assert (response.status_code, response.headers["Location"]) == (302, JOIN)


def test_somebody_with_an_account_signs_in_and_joins_without_a_new_password(house, bob):
    charlie = cast.charlie()
    invite(bob, charlie.email)
    browser = opened(link())
    page = text(browser.get(JOIN))
    assert f"/accounts/login/?next={JOIN}" in page
    assert 'name="password"' not in page
    browser.post("/accounts/login/", {"login": charlie.email, "password": cast.PASSWORD, "next": JOIN})
    answer = browser.post(JOIN, follow=True)
    assert answer.redirect_chain[-1][0] == "/w/kopi-kita/inbox/"
    assert set(charlie.workspaces.values_list("slug", flat=True)) == {"kopi-kita", "teh-tubruk"}


def test_somebody_else_who_gets_hold_of_the_link_does_not_join_as_themselves(house, bob):
    invite(bob)
    browser = opened(link(), signed_in(cast.charlie()))
    for answer in (browser.get(JOIN), browser.post(JOIN)):
        assert answer.status_code == 409
        assert "You are signed in as charlie@example.com" in text(answer)
    assert not house.workspace.members.filter(email="charlie@example.com").exists()
    assert Invitation.objects.get().accepted_at is None


def test_whoever_signs_out_to_join_is_told_to_open_the_link_again_and_not_that_it_is_over(bob):
    invite(bob)
    browser = opened(link(), signed_in(cast.charlie()))
    answer = browser.post(f"/accounts/logout/?next={JOIN}", follow=True)
    assert "Open the link in its e-mail once more" in text(answer)
    assert "does not work any more" not in text(answer)
    assert opened(link(), browser).get(JOIN).status_code == 200


def test_a_link_works_once(house, bob):
    invite(bob)
    first, second = opened(link()), opened(link())
    first.post(JOIN, {"name": "Sari", "password": cast.PASSWORD})
    answer = second.post(JOIN, {"name": "Eve", "password": "another long passphrase"}, follow=True)
    assert "does not work any more" in text(answer)
    assert Client().get(link()).status_code == 404
    assert User.objects.get(email=SARI).check_password(cast.PASSWORD)


@pytest.mark.parametrize("how", ["expired", "withdrawn", "sent again", "its workspace is gone", "never was"])
def test_a_link_that_does_not_work_any_more_says_so_and_changes_nothing(house, bob, how):
    invite(bob)
    address, browser = link(), opened(link())
    invitation = Invitation.objects.get()
    match how:
        case "expired":
            Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
        case "withdrawn":
            bob.post(f"{INVITE}{invitation.pk}/withdrawal/")
        case "sent again":
            bob.post(f"{INVITE}{invitation.pk}/letter/")
        case "its workspace is gone":
            house.connection.delete()
            house.connection.meta_app.delete()
            house.workspace.delete()
        case "never was":
            address, browser = "/invitations/nothing-of-the-kind/", opened("/invitations/nothing-of-the-kind/")
    answer = Client().get(address)
    assert answer.status_code == 404
    assert "does not work any more" in text(answer)
    assert browser.post(JOIN, {"name": "Sari", "password": cast.PASSWORD}).status_code == 404
    assert not User.objects.filter(email=SARI).exists()


def test_an_invitation_sent_again_has_a_new_link_and_another_week(house, bob):
    invite(bob)
    Invitation.objects.update(expires_at=timezone.now() - timedelta(days=1))
    assert "Expired" in text(bob.get(PAGE))
    page = bob.post(f"{INVITE}{Invitation.objects.get().pk}/letter/", follow=True)
    assert "on its way" in text(page)
    assert "Expired" not in text(page)
    assert len(mail.outbox) == 2
    browser = opened(link())
    assert browser.post(JOIN, {"name": "Sari", "password": cast.PASSWORD}).status_code == 302
    assert Membership.objects.filter(user__email=SARI).exists()


def test_a_withdrawn_invitation_leaves_the_list_and_a_line(house, bob):
    invite(bob)
    page = bob.post(f"{INVITE}{Invitation.objects.get().pk}/withdrawal/", follow=True)
    assert "is withdrawn; its link no longer works" in text(page)
    assert "Waiting for an answer" not in text(page)
    assert actions(house) == ["member invited", "invitation withdrawn"]
    assert "on its way" in text(invite(bob)), "the address can be invited again"


def test_an_answered_invitation_is_neither_sent_again_nor_withdrawn(house, bob):
    invite(bob)
    opened(link()).post(JOIN, {"name": "Sari", "password": cast.PASSWORD})
    for act in ("letter", "withdrawal"):
        page = bob.post(f"{INVITE}{Invitation.objects.get().pk}/{act}/", follow=True)
        assert "answered or withdrawn meanwhile" in text(page)
    assert len(mail.outbox) == 1


@pytest.mark.parametrize(
    ("email", "role", "sentence"),
    [
        ("", "agent", "This field is required"),
        ("sari", "agent", "valid email address"),
        ("sari@example.com\nBcc: eve@example.com", "agent", "valid email address"),
        (SARI, "boss", "boss is not one of the available choices"),
        (SARI, "", "This field is required"),
        (SARI, "owner", "owner is not one of the available choices"),
        ("bob@example.com", "agent", "They are a member already"),
    ],
)
def test_what_makes_no_sense_is_refused_and_what_was_typed_is_kept(house, bob, email, role, sentence):
    page = bob.post(INVITE, {"email": email, "role": role})
    assert page.status_code == 422
    assert sentence in text(page)
    assert email.split("\n")[0] in text(page)
    assert mail.outbox == []
    assert not Invitation.objects.exists()


def test_an_address_is_invited_once_at_a_time(house, bob):
    invite(bob)
    page = bob.post(INVITE, {"email": SARI.upper(), "role": "agent"})
    assert page.status_code == 422
    assert "They are invited already: send that invitation again, or withdraw it first." in text(page)
    assert len(mail.outbox) == 1


def test_nobody_floods_the_world_with_invitations(house, bob):
    invite(bob)
    for n in range(rules.MOST_AN_HOUR - 1):
        audit.record(house.workspace.pk, None, audit.Action.MEMBER_INVITED, f"person{n}@example.com")
    page = bob.post(INVITE, {"email": "one-more@example.com", "role": "agent"})
    assert page.status_code == 422
    assert "50 invitations went out within the last hour" in text(page)
    again = bob.post(f"{INVITE}{Invitation.objects.get().pk}/letter/", follow=True)
    assert "50 invitations went out within the last hour" in text(again)
    assert len(mail.outbox) == 1
    assert Client().get(link()).status_code == 302, "the link that was sent goes on working"


def test_an_admin_neither_invites_owners_nor_touches_their_invitations(house, bob, olga):
    assert invite(bob, role="owner").status_code == 422
    assert "on its way" in text(invite(olga, role="owner"))
    invitation = Invitation.objects.get()
    page = text(bob.get(PAGE))
    assert SARI in page
    assert f"{invitation.pk}/letter/" not in page
    for act in ("letter", "withdrawal"):
        assert bob.post(f"{INVITE}{invitation.pk}/{act}/").status_code == 403
    assert len(mail.outbox) == 1
    opened(link()).post(JOIN, {"name": "Sari", "password": cast.PASSWORD})
    assert Membership.objects.get(user__email=SARI).role == Role.OWNER


def test_an_invitation_of_another_workspace_does_not_exist_here(house, bob):
    invite(bob)
    elsewhere = signed_in(cast.person(cast.teh_tubruk().workspace, "Tuti", Role.OWNER))
    there = "/w/teh-tubruk/settings/members/invitations/"
    for act in ("letter", "withdrawal"):
        assert elsewhere.post(f"{there}{Invitation.objects.get().pk}/{act}/").status_code == 404
    assert len(mail.outbox) == 1


def test_who_became_a_member_meanwhile_keeps_the_role_they_have(house, bob):
    charlie = cast.charlie()
    invite(bob, charlie.email, "agent")
    Membership.objects.create(workspace=house.workspace, user=charlie, role=Role.ADMIN)
    browser = opened(link(), signed_in(charlie))
    assert browser.post(JOIN).status_code == 302
    assert Membership.objects.get(user=charlie, workspace=house.workspace).role == Role.ADMIN
    assert Invitation.objects.get().accepted_by == charlie


def test_a_weak_password_is_refused_and_the_link_goes_on_working(bob):
    invite(bob)
    browser = opened(link())
    for weak, sentence in (("short", "too short"), (SARI, "too similar"), ("password12345", "too common")):
        page = browser.post(JOIN, {"name": "Sari", "password": weak})
        assert page.status_code == 422
        assert sentence in text(page)
        assert 'value="Sari"' in text(page)
        assert f'value="{weak}"' not in text(page)
    assert browser.post(JOIN, {"name": "Sari", "password": cast.PASSWORD}).status_code == 302


def test_an_address_that_got_an_account_between_reading_and_posting_signs_in_instead(bob):
    invite(bob)
    browser = opened(link())
    browser.get(JOIN)
    User.objects.create_user(SARI, "her own passphrase", name="Sari")
    page = browser.post(JOIN, {"name": "Eve", "password": cast.PASSWORD}, follow=True)
    assert "Sign in to join" in text(page)
    assert User.objects.get(email=SARI).check_password("her own passphrase")


def test_a_name_with_a_line_break_writes_no_second_header(house):
    bob = cast.bob(house)
    User.objects.filter(pk=bob.pk).update(name="Bob\nBcc: eve@example.com")
    invite(signed_in(bob))
    assert mail.outbox[0].subject == "Bob Bcc: eve@example.com invited you to Kopi Kita"
    assert mail.outbox[0].recipients() == [SARI]


INACTIVE = (
    f"You tried to send to an inactive recipient. Found inactive addresses: {SARI}. Inactive recipients are ones …"
)
POSTMARK = "https://api.postmarkapp.com/email"


@pytest.fixture
def postmark():
    keys = {"POSTMARK_SERVER_TOKEN": "a-secret-of-postmark", "REQUESTS_TIMEOUT": 10}
    with (
        override_settings(EMAIL_BACKEND="anymail.backends.postmark.EmailBackend", ANYMAIL=keys),
        responses.RequestsMock() as wire,
    ):
        yield wire


def test_the_e_mail_leaves_by_the_provider(bob, postmark):
    accepted = {"To": SARI, "SubmittedAt": "2026-11-24T12:00:00Z", "MessageID": "1", "ErrorCode": 0, "Message": "OK"}
    postmark.post(POSTMARK, json=accepted)
    assert "on its way" in text(invite(bob))
    (call,) = postmark.calls
    assert call.request.headers["X-Postmark-Server-Token"] == "a-secret-of-postmark"
    assert SARI in str(call.request.body)
    assert Invitation.objects.get().sent_at is not None


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ({"status": 401, "json": {"ErrorCode": 10, "Message": "Bad token"}}, "did not let us in"),
        ({"status": 422, "json": {"ErrorCode": 300, "Message": "Invalid sari@example.com"}}, "refused the"),
        ({"status": 422, "json": {"ErrorCode": 406, "Message": INACTIVE}}, "refused the address"),
        ({"status": 422, "json": {"ErrorCode": 406, "Message": "Worded anew"}}, "did not say that it took"),
        ({"status": 429, "body": "slow down"}, "asked too much at once"),
        ({"status": 503, "body": "<html>down</html>"}, "has trouble (503)"),
        ({"status": 200, "body": "<html>hello</html>"}, "has trouble (200)"),
        ({"body": ConnectionError("no route")}, "did not say that it took"),
    ],
)
def test_an_e_mail_that_does_not_leave_is_said_with_the_next_step_and_the_invitation_is_kept(
    house, bob, postmark, caplog, answer, sentence
):
    postmark.post(POSTMARK, **answer)
    page = text(invite(bob))
    assert "The invitation of sari@example.com is kept, but was not sent." in page
    assert sentence in page
    assert "Not sent" in page
    assert "Send again" in page
    invitation = Invitation.objects.get()
    assert (invitation.sent_at, sentence in invitation.not_sent) == (None, True)
    said = caplog.text + invitation.not_sent
    assert "a-secret-of-postmark" not in said + page
    assert SARI not in said
    postmark.replace(responses.POST, POSTMARK, json={"To": SARI, "MessageID": "2", "ErrorCode": 0, "Message": "OK"})
    assert "Not sent" not in text(bob.post(f"{INVITE}{invitation.pk}/letter/", follow=True))


@pytest.mark.django_db(transaction=True)
def test_of_two_who_open_one_link_at_the_same_moment_one_joins(house, bob):
    invite(bob)
    token, made = link().split("/")[2], []
    with transaction.atomic():
        assert rules.accept_as_new(token, name="Sari", password=cast.PASSWORD) is not None
        other = Other(lambda: made.append(rules.accept_as_new(token, name="Eve", password="another passphrase")))
        assert wait_until(somebody_waits, 20)
    other.join()
    assert made == [None]
    assert User.objects.get(email=SARI).name == "Sari"
    assert Membership.objects.filter(user__email=SARI).count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_invitation_withdrawn_at_the_same_moment_lets_nobody_in(house, bob):
    invite(bob)
    token, made = link().split("/")[2], []
    owner = cast.person(house.workspace, "Olga", Role.OWNER)
    with transaction.atomic():
        rules.withdraw(Invitation.objects.get(), by=Membership.objects.get(user=owner))
        other = Other(lambda: made.append(rules.accept_as_new(token, name="Eve", password=cast.PASSWORD)))
        assert wait_until(somebody_waits, 20)
    other.join()
    assert made == [None]
    assert not User.objects.filter(email=SARI).exists(), "an account that belongs nowhere is not left behind"


# --- Whoever may not invite any more


def test_nobody_comes_back_by_an_invitation_they_sent_before_they_were_removed(house, olga, bob):
    invite(bob)
    invite(olga, "olgas@example.com")
    olga.post(f"{PAGE}{Membership.objects.get(user__name='Bob').pk}/removal/")
    assert Client().get(link(0)).status_code == 404
    assert Client().get(link(1)).status_code == 302
    gone = Invitation.objects.get(email=SARI)
    assert gone.withdrawn_by == User.objects.get(name="Olga")
    assert actions(house).count("invitation withdrawn") == 1


def test_an_owner_who_is_made_an_admin_keeps_the_invitations_that_an_admin_may_send(house, olga):
    olga_user = User.objects.get(name="Olga")
    second = cast.person(house.workspace, "Oki", Role.OWNER)
    invite(olga, "co-owner@example.com", role="owner")
    invite(olga, "agent@example.com")
    browser = signed_in(second)
    browser.post(f"{PAGE}{Membership.objects.get(user=olga_user).pk}/role/", {"role": "admin"})
    assert list(rules.open_ones(house.workspace).values_list("email", flat=True)) == ["agent@example.com"]
    browser.post(f"{PAGE}{Membership.objects.get(user=olga_user).pk}/role/", {"role": "agent"})
    assert not rules.open_ones(house.workspace).exists()


def test_what_somebody_sent_who_left_by_themselves_stands(house, olga, bob):
    invite(bob)
    bob.post(f"{PAGE}departure/")
    assert Client().get(link()).status_code == 302


def test_somebody_removed_while_their_request_was_on_its_way_invites_nobody(house, bob):
    by = Membership.objects.select_related("user").get(user__name="Bob")
    Membership.objects.filter(pk=by.pk).update(role=Role.AGENT)
    with pytest.raises(PermissionDenied):
        rules.invite(house.workspace, email=SARI, role=Role.AGENT, by=by)
    assert not Invitation.objects.exists()
