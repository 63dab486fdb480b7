"""The members' page: everybody reads it; what one may change there follows from the role, in the page and behind it."""

from __future__ import annotations

import re

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client

from tests import cast
from tests.inbox.screens import signed_in
from workspaces.access import Ability, may
from workspaces.models import Invitation, Membership, Role, User

pytestmark = pytest.mark.django_db
SETTINGS = "/w/kopi-kita/settings/"
PAGE = f"{SETTINGS}members/"


@pytest.fixture
def olga(house):
    return cast.person(house.workspace, "Olga", Role.OWNER)


def text(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def membership_of(user: User) -> Membership:
    return Membership.objects.get(user=user)


def acts(house) -> dict[str, tuple[str, dict[str, str], Ability]]:
    """Every address that changes something, what it is posted, and the ability it takes."""
    sari = membership_of(cast.person(house.workspace, "Sari", Role.AGENT))
    invited = Invitation.objects.create(
        workspace=house.workspace, email="dian@example.com", role="agent", digest="d", expires_at=cast.ago(days=-7)
    )
    return {
        "role": (f"{PAGE}{sari.pk}/role/", {"role": "ops"}, Ability.MANAGE_MEMBERS),
        "removal": (f"{PAGE}{sari.pk}/removal/", {}, Ability.MANAGE_MEMBERS),
        "invite": (f"{PAGE}invitations/", {"email": "rina@example.com", "role": "agent"}, Ability.MANAGE_MEMBERS),
        "letter": (f"{PAGE}invitations/{invited.pk}/letter/", {}, Ability.MANAGE_MEMBERS),
        "withdrawal": (f"{PAGE}invitations/{invited.pk}/withdrawal/", {}, Ability.MANAGE_MEMBERS),
        "second factor": (
            f"{SETTINGS}second-factor/requirement/",
            {"needed": "yes"},
            Ability.REQUIRE_SECOND_FACTOR,
        ),
        "departure": (f"{PAGE}departure/", {}, Ability.READ),
    }


ACTS = ["role", "removal", "invite", "letter", "withdrawal", "second factor", "departure"]


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("role", Role)
def test_each_role_may_do_here_what_the_table_says(house, olga, act, role):
    address, said, ability = acts(house)[act]
    actor = cast.person(house.workspace, "Dana", role)
    before = list(house.workspace.audit_entries.values_list("pk", flat=True))
    answer = signed_in(actor).post(address, said)
    allowed = may(membership_of(actor), ability) if Membership.objects.filter(user=actor).exists() else True
    assert answer.status_code == (302 if allowed else 403)
    if not allowed:
        assert list(house.workspace.audit_entries.values_list("pk", flat=True)) == before


@pytest.mark.parametrize("act", ACTS)
def test_outsiders_strangers_and_the_wrong_method_change_nothing(house, olga, act):
    address, said, _ = acts(house)[act]
    before = house.workspace.audit_entries.count()
    assert signed_in(cast.charlie()).post(address, said).status_code == 404
    assert Client().post(address, said).headers["Location"].startswith("/accounts/login/?next=")
    assert signed_in(olga).get(address).status_code == 405
    assert Client(enforce_csrf_checks=True).post(address, said).status_code == 403
    assert house.workspace.audit_entries.count() == before


def test_the_page_is_for_members_only_and_only_read(house, olga):
    assert signed_in(cast.charlie()).get(PAGE).status_code == 404
    assert Client().get(PAGE).status_code == 302
    assert signed_in(olga).post(PAGE).status_code == 405


def test_everybody_reads_who_is_here_with_role_and_second_factor(house, olga):
    TOTP.activate(olga, generate_totp_secret())
    alice = cast.alice(house)
    page = text(signed_in(alice).get(PAGE))
    for words in ("Olga", "olga@example.com", "Owner", "Authenticator app", "Alice", "No second factor", "(you)"):
        assert words in page, words
    assert "Invite somebody" not in page
    assert "Remove…" not in page
    assert "Leave Kopi Kita" in page


def test_the_page_shows_the_table_of_abilities_that_the_code_goes_by(house, olga):
    page = text(signed_in(olga).get(PAGE))
    rows = re.findall(r'<th scope="row">(.+?)</th>(.+?)</tr>', page)
    shown = {ability: ["yes" in cell for cell in re.findall(r"<td>(.+?)</td>", cells)] for ability, cells in rows}
    people = [cast.person(house.workspace, str(role), role) for role in Role]
    roles = [membership_of(one) for one in people]
    assert shown == {str(ability): [may(one, ability) for one in roles] for ability in Ability}


def test_an_admin_is_offered_neither_the_role_of_an_owner_nor_an_owner_to_change(house, olga):
    cast.alice(house)
    page = text(signed_in(cast.bob(house)).get(PAGE))
    assert 'value="owner"' not in page
    assert "Role of Alice" in page
    assert "Role of Olga" not in page
    assert 'value="owner"' in text(signed_in(olga).get(PAGE))


@pytest.mark.parametrize("forged", ["owner", "superuser", "", "agent\0"])
def test_a_role_that_one_may_not_give_is_refused_whatever_the_form_offered(house, olga, forged):
    bob = cast.bob(house)
    browser = signed_in(bob)
    for target in (bob, cast.alice(house)):
        answer = browser.post(f"{PAGE}{membership_of(target).pk}/role/", {"role": forged})
        assert answer.status_code == 422
        assert "That is no role you can give" in text(answer)
    assert set(house.workspace.memberships.values_list("role", flat=True)) == {"owner", "admin", "agent"}
    for act, said in (("role", {"role": "agent"}), ("removal", {})):
        assert browser.post(f"{PAGE}{membership_of(olga).pk}/{act}/", said).status_code == 403
    assert membership_of(olga).role == Role.OWNER


def test_a_member_of_another_workspace_is_not_reached_from_here(house, olga):
    stranger = membership_of(cast.charlie())
    for act, said in (("role", {"role": "ops"}), ("removal", {})):
        assert signed_in(olga).post(f"{PAGE}{stranger.pk}/{act}/", said).status_code == 404
    assert membership_of(User.objects.get(email="charlie@example.com")).role == Role.AGENT


def test_what_was_changed_is_said_on_the_page(house, olga):
    alice = membership_of(cast.alice(house))
    browser = signed_in(olga)
    assert "Alice is admin now." in text(browser.post(f"{PAGE}{alice.pk}/role/", {"role": "admin"}, follow=True))
    assert "Alice is no longer a member." in text(browser.post(f"{PAGE}{alice.pk}/removal/", follow=True))
    assert "alice@example.com" not in text(browser.get(PAGE))


def test_the_last_owner_is_told_why_they_stay(house, olga):
    browser = signed_in(olga)
    sentence = "Olga is the last owner of Kopi Kita. Make somebody else an owner first."
    for address, said in (
        (f"{PAGE}departure/", {}),
        (f"{PAGE}{membership_of(olga).pk}/removal/", {}),
        (f"{PAGE}{membership_of(olga).pk}/role/", {"role": "admin"}),
    ):
        assert sentence in text(browser.post(address, said, follow=True))
    assert membership_of(olga).role == Role.OWNER


def test_whoever_leaves_keeps_the_session_for_their_other_workspaces(house, olga):
    charlie = cast.charlie()
    Membership.objects.create(workspace=house.workspace, user=charlie, role=Role.AGENT)
    browser = signed_in(charlie)
    page = text(browser.post(f"{PAGE}departure/", follow=True))
    assert "You left Kopi Kita. Your conversations there are open again." in page
    assert "Teh Tubruk" in page
    assert browser.get(PAGE).status_code == 404
    assert browser.get("/w/teh-tubruk/inbox/").status_code == 200


def test_whoever_leaves_their_only_workspace_is_told_what_to_do(house, olga):
    page = signed_in(cast.alice(house)).post(f"{PAGE}departure/", follow=True)
    assert "You left Kopi Kita." in text(page)
    assert "You are in no workspace. Ask an admin to invite you." in text(page)
