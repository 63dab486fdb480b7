"""One's own account: password, second factor, passkeys, recovery codes, and the sessions one can end."""

from __future__ import annotations

import html
import io
import json
import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.mfa.totp.internal.auth import yield_hotp_counters_from_time as counters
from cryptography.fernet import Fernet
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client, override_settings

from tests import cast
from workspaces.browsers import name_of
from workspaces.models import User

from .soft_key import SoftKey

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"
FACTORS = "/accounts/2fa/"
SESSIONS = "/accounts/sessions/"


@pytest.fixture
def alice():
    return cast.alice(cast.kopi_kita())


def text(response) -> str:
    return re.sub(r"\s+", " ", html.unescape(response.content.decode()))


def sign_in(user, **headers: str) -> Client:
    browser = Client(SERVER_NAME="localhost", headers=headers)
    browser.post(LOGIN, {"login": user.email, "password": cast.PASSWORD})
    return browser


def confirmed(user) -> Client:
    """Signed in, and the password entered once more, as changing a factor asks for."""
    browser = sign_in(user)
    browser.post("/accounts/reauthenticate/", {"password": cast.PASSWORD})
    return browser


def options(response) -> dict:
    found = re.search(r'<script id="passkey-options" type="application/json">(.+?)</script>', response.content.decode())
    assert found is not None
    return dict(json.loads(found[1]))


def with_app(browser: Client) -> str:
    """Set an authenticator app up through the pages; returns its key."""
    page = browser.get(f"{FACTORS}totp/activate/")
    found = re.search(r"<code>([A-Z2-7]{32})</code>", page.content.decode())
    assert found is not None
    answer = browser.post(f"{FACTORS}totp/activate/", {"code": code_of(found[1])})
    assert answer.headers["Location"] in {FACTORS, f"{FACTORS}recovery-codes/"}
    return str(found[1])


def code_of(secret: str) -> str:
    now = sorted(counters())[1]  # the one before and the one after are let in too
    return str(format_hotp_value(hotp_value(secret, now)))


def with_passkey(browser: Client) -> SoftKey:
    key = SoftKey()
    asked = options(browser.get(f"{FACTORS}webauthn/add/"))
    answer = browser.post(
        f"{FACTORS}webauthn/add/", {"name": "Laptop", "credential": key.made(asked), "passwordless": "on"}
    )
    assert answer.headers["Location"] == f"{FACTORS}recovery-codes/"
    return key


def test_the_account_page_says_where_one_belongs_and_how_safe_it_is(alice):
    page = text(sign_in(alice).get("/accounts/"))
    for words in (
        "Kopi Kita",
        "Agent",
        "none: whoever has your password gets in",
        "alice@example.com",
        "Inbox",
    ):
        assert words in page, words
    assert Client().get("/accounts/").status_code == 302


def test_the_menu_of_every_page_leads_to_the_account(alice):
    page = sign_in(alice).get("/w/kopi-kita/inbox/")
    assert re.search(r'href="/accounts/">.*?Your account', page.content.decode(), re.S)


def test_a_password_is_changed_against_the_old_one_and_the_other_sessions_end(alice):
    here, there = sign_in(alice), sign_in(alice)
    said = {
        "oldpassword": "not this one",
        "password1": "an even longer passphrase",
        "password2": "an even longer passphrase",
    }
    assert "current password" in text(here.post("/accounts/password/change/", said))
    assert here.post("/accounts/password/change/", {**said, "oldpassword": cast.PASSWORD}).status_code == 302
    assert here.get("/accounts/").status_code == 200
    assert there.get("/accounts/").status_code == 302


@pytest.mark.parametrize("path", ["totp/activate/", "webauthn/add/", "recovery-codes/generate/"])
def test_a_factor_is_changed_only_by_somebody_who_has_just_shown_that_it_is_them(alice, path):
    browser = sign_in(alice)
    if path == "recovery-codes/generate/":
        with_app(confirmed(alice))
        browser = sign_in(alice)
        assert browser.get(f"{FACTORS}{path}").status_code == 302
        return
    answer = browser.get(f"{FACTORS}{path}")
    assert answer.headers["Location"].startswith("/accounts/reauthenticate/")


def test_an_authenticator_app_is_set_up_used_and_removed(alice):
    browser = confirmed(alice)
    secret = with_app(browser)
    assert "10 of 10 are left" in text(browser.get(f"{FACTORS}recovery-codes/"))
    again = Client()
    assert again.post(LOGIN, {"login": alice.email, "password": cast.PASSWORD}).headers["Location"].startswith(FACTORS)
    assert again.get("/accounts/").status_code == 302
    browser.post(f"{FACTORS}totp/deactivate/")
    assert not Authenticator.objects.filter(user=alice).exists()
    assert secret not in text(browser.get(FACTORS))


def test_what_an_app_and_the_codes_are_made_from_is_encrypted_at_rest(alice):
    secret = with_app(confirmed(alice))
    kept = {one.type: one.data for one in Authenticator.objects.filter(user=alice)}
    assert secret not in str(kept)
    assert kept["totp"]["secret"].startswith("gAAAAA")
    assert kept["recovery_codes"]["seed"].startswith("gAAAAA")


def test_a_key_from_before_they_were_encrypted_goes_on_working(alice):
    secret = with_app(confirmed(alice))
    Authenticator.objects.filter(type="totp").update(data={"secret": secret})
    browser = Client()
    browser.post(LOGIN, {"login": alice.email, "password": cast.PASSWORD})
    assert browser.post(f"{FACTORS}authenticate/", {"code": code_of(secret)}).status_code == 302
    assert browser.get("/accounts/").status_code == 200


def test_a_code_lets_nobody_in_twice_even_after_half_a_minute(alice):
    secret = with_app(confirmed(alice))
    code = code_of(secret)
    for written, expected in ((code, 302), (code, 200), (f" {code[:3]} {code[3:]}", 200)):
        browser = Client()
        browser.post(LOGIN, {"login": alice.email, "password": cast.PASSWORD})
        assert browser.post(f"{FACTORS}authenticate/", {"code": written}).status_code == expected
        cache.delete(f"allauth.mfa.totp.used?user={alice.pk}&code={code}")  # as it does after half a minute


def test_a_key_that_field_keys_do_not_open_is_said_at_sign_in(alice):
    secret = with_app(confirmed(alice))
    browser = Client()
    browser.post(LOGIN, {"login": alice.email, "password": cast.PASSWORD})
    with override_settings(FIELD_KEYS=[Fernet.generate_key().decode()]):
        page = browser.post(f"{FACTORS}authenticate/", {"code": code_of(secret)})
    assert page.status_code == 200
    assert "FIELD_KEYS lacks a key" in text(page)
    assert browser.get("/accounts/").status_code == 302


def test_recovery_codes_that_field_keys_do_not_open_are_said_to_be_so_and_can_be_made_anew(alice):
    browser = confirmed(alice)
    with_app(browser)
    with override_settings(FIELD_KEYS=[Fernet.generate_key().decode()]):
        for path in ("", "recovery-codes/", "recovery-codes/generate/", "recovery-codes/download/"):
            page = browser.get(f"{FACTORS}{path}")
            assert page.status_code == 503, path
            assert "cannot be read here: FIELD_KEYS lacks a key" in text(page)
        assert browser.post(f"{FACTORS}recovery-codes/generate/").status_code == 302
        assert browser.get(f"{FACTORS}recovery-codes/").status_code == 200
        assert browser.get(FACTORS).status_code == 200


def test_the_command_takes_the_second_factor_of_somebody_who_lost_it_away(alice):
    browser = confirmed(alice)
    with_app(browser)
    said = io.StringIO()
    call_command("remove_second_factor", email="Alice@Example.com", stdout=said)
    assert "Alice signs in with the password alone" in said.getvalue()
    assert browser.get("/accounts/").status_code == 302
    assert sign_in(alice).get("/w/kopi-kita/inbox/").status_code == 200
    entry = alice.workspaces.get().audit_entries.order_by("-pk").first()
    assert (entry.actor, entry.action, entry.target) == (None, "second factor removed", "alice@example.com")
    call_command("remove_second_factor", email="alice@example.com", stdout=said)
    assert "nothing was changed" in said.getvalue()
    with pytest.raises(CommandError, match="Nobody has an account"):
        call_command("remove_second_factor", email="nobody@example.com")


def test_a_recovery_code_lets_one_in_once(alice):
    browser = confirmed(alice)
    with_app(browser)
    codes = re.findall(r"<code>(\d{8})</code>", browser.get(f"{FACTORS}recovery-codes/").content.decode())
    assert len(set(codes)) == 10
    for expected in (302, 200):
        other = Client()
        other.post(LOGIN, {"login": alice.email, "password": cast.PASSWORD})
        assert other.post(f"{FACTORS}authenticate/", {"code": codes[0]}).status_code == expected
    assert "9 left" in text(browser.get(FACTORS))


def test_a_passkey_is_added_and_signs_in_alone(alice):
    browser = confirmed(alice)
    key = with_passkey(browser)
    page = text(browser.get(f"{FACTORS}webauthn/"))
    assert "Laptop" in page
    assert "Signs you in alone" in page
    other = Client(SERVER_NAME="localhost")
    asked = other.get(f"{FACTORS}webauthn/login/", headers={"Accept": "application/json"}).json()
    answer = other.post(f"{FACTORS}webauthn/login/", {"credential": key.shown(asked)})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert other.get("/w/kopi-kita/inbox/").status_code == 200


def test_a_passkey_of_an_account_that_was_switched_off_opens_nothing(alice):
    key = with_passkey(confirmed(alice))
    User.objects.filter(pk=alice.pk).update(is_active=False)
    browser = Client(SERVER_NAME="localhost")
    asked = browser.get(f"{FACTORS}webauthn/login/", headers={"Accept": "application/json"}).json()
    browser.post(f"{FACTORS}webauthn/login/", {"credential": key.shown(asked)})
    assert browser.get("/accounts/").status_code == 302


def test_a_passkey_is_a_second_factor_too(alice):
    key = with_passkey(confirmed(alice))
    browser = Client(SERVER_NAME="localhost")
    browser.post(LOGIN, {"login": alice.email, "password": cast.PASSWORD})
    asked = options(browser.get(f"{FACTORS}authenticate/"))
    stranger = SoftKey()
    assert browser.post(f"{FACTORS}authenticate/", {"credential": stranger.shown(asked)}).status_code == 200
    asked = options(browser.get(f"{FACTORS}authenticate/"))
    assert browser.post(f"{FACTORS}authenticate/", {"credential": key.shown(asked)}).status_code == 302
    assert browser.get("/w/kopi-kita/inbox/").status_code == 200


def test_a_passkey_of_another_site_or_a_torn_answer_is_refused_in_words(alice):
    browser = confirmed(alice)
    asked = options(browser.get(f"{FACTORS}webauthn/add/"))
    for posted in (SoftKey("evil.example").made(asked), "{}", "no json", ""):
        page = browser.post(f"{FACTORS}webauthn/add/", {"name": "Laptop", "credential": posted})
        assert page.status_code == 200
        assert "Try again." in text(page)
    assert not Authenticator.objects.filter(user=alice).exists()


def test_a_passkey_is_renamed_and_removed_by_its_owner_only(alice):
    browser = confirmed(alice)
    with_passkey(browser)
    key = Authenticator.objects.get(type="webauthn")
    address = f"{FACTORS}webauthn/keys/{key.pk}/"
    stranger = confirmed(cast.charlie())
    for act in ("edit", "remove"):
        assert stranger.get(f"{address}{act}/").status_code == 404
        assert stranger.post(f"{address}{act}/", {"name": "Mine"}).status_code == 404
    browser.post(f"{address}edit/", {"name": "Phone"})
    assert "Phone" in text(browser.get(f"{FACTORS}webauthn/"))
    browser.post(f"{address}remove/")
    assert "You have none." in text(browser.get(f"{FACTORS}webauthn/"))


FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile Safari/604.1"


def test_sessions_are_listed_by_browser_and_one_can_be_ended(alice):
    here, there = sign_in(alice, **{"User-Agent": FIREFOX}), sign_in(alice, **{"User-Agent": IPHONE})
    page = here.get(SESSIONS)
    assert "Firefox on Linux" in text(page)
    assert "Safari on iPhone" in text(page)
    (address,) = re.findall(r'action="(/accounts/sessions/\d+/end/)"', page.content.decode())
    assert "That session is ended." in text(here.post(address, follow=True))
    assert there.get("/accounts/").status_code == 302
    assert here.get("/accounts/").status_code == 200


def test_all_other_sessions_can_be_ended_at_once(alice):
    here, others = sign_in(alice), [sign_in(alice) for _ in range(3)]
    here.post(f"{SESSIONS}end/")
    assert [one.get("/accounts/").status_code for one in (here, *others)] == [200, 302, 302, 302]
    assert Session.objects.filter(session_key=here.session.session_key).exists()


def test_nobody_ends_the_session_of_somebody_else(alice):
    hers = sign_in(alice)
    page = sign_in(alice).get(SESSIONS)
    (address,) = re.findall(r'action="(/accounts/sessions/\d+/end/)"', page.content.decode())
    assert sign_in(cast.charlie()).post(address).status_code == 404
    assert Client().post(address).status_code == 302
    assert sign_in(alice).get(address).status_code == 405
    assert sign_in(alice).get(f"{SESSIONS}end/").status_code == 405
    assert hers.get("/accounts/").status_code == 200


@pytest.mark.parametrize(
    ("said", "name"),
    [
        (FIREFOX, "Firefox on Linux"),
        (IPHONE, "Safari on iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36", "Chrome on Android"),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) AppleWebKit/605.1.15 Version/18 Safari/605.1.15",
            "Safari on macOS",
        ),
        ("curl/8.0", "A browser"),
        ("", "A browser"),
    ],
)
def test_a_browser_is_called_what_people_call_it(said, name):
    assert name_of(said) == name
