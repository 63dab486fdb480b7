"""Signing in: with an e-mail address and a password, never by signing up, and without telling who has an account."""

from __future__ import annotations

import re
import threading

import pytest
import responses
from django.core import mail
from django.test import Client, override_settings

from gigaviz import settings as product
from gigaviz.processes import wait_until
from tests import cast
from tests.quick import QuickScrypt
from workspaces.models import User

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"
RESET = "/accounts/password/reset/"
NEW = "an even longer passphrase"


def sign_in(browser: Client, email: str = "alice@example.com", password: str = cast.PASSWORD, **more: str):
    return browser.post(LOGIN, {"login": email, "password": password, **more})


def text(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def without_tokens(response) -> str:
    """The page without what differs from one form to the next, and without the address typed into it."""
    said = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text(response))
    return re.sub(r"[\w.]+@example\.com", "", said)


def asked(email: str = "alice@example.com"):
    """Ask for a link; nobody waits for the e-mail, save we here."""
    Client().post(RESET, {"email": email})
    assert wait_until(lambda: bool(mail.outbox), 20)
    return mail.outbox[0]


def test_the_right_password_leads_to_the_inbox(alice):
    browser = Client()
    assert browser.get(LOGIN).status_code == 200
    response = sign_in(browser)
    assert (response.status_code, response.headers["Location"]) == (302, "/")
    assert browser.get("/", follow=True).redirect_chain == [("/w/kopi-kita/inbox/", 302)]


def test_somebody_who_was_sent_to_sign_in_comes_back_to_where_they_were(alice):
    response = sign_in(Client(), next="/w/kopi-kita/inbox/list/")
    assert response.headers["Location"] == "/w/kopi-kita/inbox/list/"


def test_the_way_back_never_leads_to_another_site(alice):
    for elsewhere in ("https://evil.example/", "//evil.example/", "javascript:alert(1)"):
        assert sign_in(Client(), next=elsewhere).headers.get("Location", "/") == "/"


def test_the_address_may_be_written_in_capitals(alice):
    assert sign_in(Client(), "Alice@Example.COM").status_code == 302


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(alice):
    wrong, unknown = sign_in(Client(), password="not this one"), sign_in(Client(), "nobody@example.com")
    assert wrong.status_code == unknown.status_code == 200
    assert "do not belong together" in text(wrong)
    assert without_tokens(wrong) == without_tokens(unknown)


def test_the_password_is_not_in_the_page_that_refuses_it(alice):
    assert "not this one" not in text(sign_in(Client(), password="not this one"))


def test_an_account_that_was_switched_off_does_not_get_in(alice):
    User.objects.update(is_active=False)
    browser = Client()
    sign_in(browser)
    assert browser.get("/w/kopi-kita/inbox/").status_code == 302


def test_after_five_wrong_passwords_even_the_right_one_has_to_wait(alice):
    for _ in range(5):
        sign_in(Client(), password="not this one")
    response = sign_in(Client())
    assert response.status_code in {200, 429}
    assert "Too many" in text(response)


def test_the_limit_of_one_address_of_the_network_holds_across_accounts(alice):
    for n in range(10):
        sign_in(Client(), f"person{n}@example.com")
    assert "Too many" in text(sign_in(Client()))


@override_settings(ALLAUTH_TRUSTED_PROXY_COUNT=1)
def test_behind_a_proxy_each_visitor_has_a_limit_of_their_own(alice):
    def attempt(address: str, email: str, password: str):
        # What a client claims itself stands before what the proxy adds.
        forwarded = {"X-Forwarded-For": f"198.51.100.99, {address}"}
        return Client().post(LOGIN, {"login": email, "password": password}, headers=forwarded)

    for n in range(10):
        attempt("203.0.113.1", f"person{n}@example.com", "guess")
    assert "Too many" in text(attempt("203.0.113.1", "alice@example.com", cast.PASSWORD))
    assert attempt("203.0.113.2", "alice@example.com", cast.PASSWORD).status_code == 302


def test_nobody_signs_up_by_themselves(alice):
    for ask in (Client().get, Client().post):
        form = {"email": "eve@example.com", "password1": NEW}
        response = ask("/accounts/signup/", form)
        assert "Nobody signs up here" in text(response)
    assert not User.objects.filter(email="eve@example.com").exists()


def test_signing_out_takes_a_post_and_ends_the_session(alice):
    browser = Client()
    sign_in(browser)
    browser.get("/accounts/logout/")
    assert browser.get("/w/kopi-kita/inbox/").status_code == 200
    browser.post("/accounts/logout/")
    assert browser.get("/w/kopi-kita/inbox/").status_code == 302


def test_a_form_without_its_token_is_refused_in_words(alice):
    response = Client(enforce_csrf_checks=True).post(LOGIN, {"login": "alice@example.com", "password": cast.PASSWORD})
    assert response.status_code == 403
    assert "The form has expired" in text(response)


def test_a_forgotten_password_is_replaced_by_a_link_in_an_e_mail_that_works_once(alice):
    sent = asked()
    assert sent.to == ["alice@example.com"]
    link = re.search(r"http://testserver(/accounts/password/reset/key/\S+)", str(sent.body))
    assert link is not None
    browser = Client()
    form = browser.get(link[1], follow=True)
    address = form.redirect_chain[-1][0]
    assert link[1] != address, "the key must not stay in the address, where it would reach logs and referrers"
    response = browser.post(address, {"password1": NEW, "password2": NEW}, follow=True)
    assert "Your password is changed" in text(response)
    assert "do not belong together" in text(sign_in(Client()))
    assert sign_in(Client(), password=NEW).status_code == 302
    assert "does not work any more" in text(Client().get(link[1], follow=True))


def test_a_changed_password_ends_the_sessions_that_the_old_one_opened(alice):
    thief = Client()
    sign_in(thief)
    alice.set_password(NEW)
    alice.save(update_fields=["password"])
    assert thief.get("/w/kopi-kita/inbox/").status_code == 302


def test_a_new_password_that_is_too_weak_is_refused_with_the_reason(alice):
    link = re.search(r"http://testserver(/accounts/password/reset/key/\S+)", str(asked().body))
    assert link is not None
    browser = Client()
    address = browser.get(link[1], follow=True).redirect_chain[-1][0]
    response = browser.post(address, {"password1": "short", "password2": "short"})
    assert "too short" in text(response)
    assert sign_in(Client()).status_code == 302


def test_asking_for_a_link_tells_nobody_who_has_an_account(alice):
    known = Client().post(RESET, {"email": "alice@example.com"}, follow=True)
    unknown = Client().post(RESET, {"email": "nobody@example.com"}, follow=True)
    assert without_tokens(known) == without_tokens(unknown)
    assert known.redirect_chain == unknown.redirect_chain
    assert wait_until(lambda: bool(mail.outbox), 20)
    assert [sent.to for sent in mail.outbox] == [["alice@example.com"]], "nobody without an account is written to"


class CountingHasher(QuickScrypt):
    """Says how often a password was hashed, which is nearly all the time that a sign-in takes."""

    hashed = 0

    def encode(self, *args, **options):
        CountingHasher.hashed += 1
        return super().encode(*args, **options)


@override_settings(PASSWORD_HASHERS=["tests.workspaces.test_sign_in.CountingHasher"])
def test_an_unknown_address_takes_as_much_work_as_a_wrong_password(alice):
    work = []
    for email in ("alice@example.com", "nobody@example.com"):
        CountingHasher.hashed = 0
        sign_in(Client(), email, password="not this one")
        work.append(CountingHasher.hashed)
    assert work == [1, 1]


POSTMARK = "https://api.postmarkapp.com/email"
BY_POSTMARK = override_settings(
    EMAIL_BACKEND="anymail.backends.postmark.EmailBackend", ANYMAIL={"POSTMARK_SERVER_TOKEN": "a-secret-of-postmark"}
)


@BY_POSTMARK
def test_a_provider_that_takes_its_time_does_not_show_who_has_an_account(alice):
    let_go, wrote = threading.Event(), threading.Event()

    def slow(request):
        assert let_go.wait(20)
        wrote.set()
        return 200, {}, '{"ErrorCode": 0, "MessageID": "1", "Message": "OK", "To": "alice@example.com"}'

    with responses.RequestsMock() as wire:
        wire.add_callback(responses.POST, POSTMARK, slow)
        answer = Client().post(RESET, {"email": "alice@example.com"})
        assert not wrote.is_set(), "the answer did not wait"
        let_go.set()
        assert wrote.wait(20)
    assert answer.status_code == 302


@BY_POSTMARK
def test_a_provider_that_fails_does_not_show_who_has_an_account(alice, caplog):
    with responses.RequestsMock() as wire:
        wire.post(POSTMARK, status=503, body="down for alice@example.com")
        known = Client().post(RESET, {"email": "alice@example.com"}, follow=True)
        assert wait_until(lambda: "did not leave" in caplog.text, 20)
    unknown = Client().post(RESET, {"email": "nobody@example.com"}, follow=True)
    assert without_tokens(known) == without_tokens(unknown)
    assert "a-secret-of-postmark" not in caplog.text
    assert "alice@example.com" not in caplog.text


@pytest.mark.parametrize("email", ["alice@example.com", "nobody@example.com"])
def test_whoever_asks_for_links_too_often_has_to_wait(alice, email):
    for _ in range(5):
        Client().post(RESET, {"email": email})
    assert wait_until(lambda: len(mail.outbox) == (5 if email == alice.email else 0), 20)
    response = Client().post(RESET, {"email": email})
    assert response.status_code in {200, 429}
    assert "Too many" in text(response)


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example/", "/\\evil.example/", "javascript:alert(1)"]
)
def test_no_page_of_the_account_leads_to_another_site(alice, elsewhere):
    browser = Client()
    sign_in(browser)
    confirmed = browser.post("/accounts/reauthenticate/", {"password": cast.PASSWORD, "next": elsewhere})
    signed_out = browser.post("/accounts/logout/", {"next": elsewhere})
    assert {confirmed.headers["Location"], signed_out.headers["Location"]} <= {"/", "/accounts/login/"}


def test_passwords_are_hashed_slowly_outside_the_tests():
    assert product.PASSWORD_HASHERS == ["django.contrib.auth.hashers.ScryptPasswordHasher"]


def test_a_malformed_address_gets_an_answer_and_no_e_mail(alice):
    for address in ("", "@", "a\0b@example.com", "x" * 400 + "@example.com"):
        assert Client().post(RESET, {"email": address}).status_code in {200, 302}
        assert sign_in(Client(), address).status_code == 200
    assert mail.outbox == []


@pytest.mark.parametrize("path", ["email/", "confirm-email/", "password/set/", "social/connections/"])
def test_what_we_do_not_offer_is_not_there(alice, path):
    browser = Client()
    sign_in(browser)
    assert browser.get(f"/accounts/{path}").status_code == 404


@pytest.mark.parametrize("path", ["password/change/", "2fa/", "2fa/totp/activate/", "reauthenticate/", "inactive/"])
def test_the_pages_of_ones_account_belong_to_the_house(alice, path):
    browser = Client()
    sign_in(browser)
    response = browser.get(f"/accounts/{path}", follow=True)
    assert response.status_code == 200
    assert "css/app" in text(response)
    assert " · Gigaviz</title>" in text(response)
    assert "Menu:" not in text(response)


def test_a_second_factor_is_asked_for_once_it_is_set_up(alice):
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
    from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
    from allauth.mfa.totp.internal.auth import yield_hotp_counters_from_time as counters

    secret = generate_totp_secret()
    TOTP.activate(alice, secret)
    RecoveryCodes.activate(alice)
    browser = Client()
    response = sign_in(browser)
    assert response.headers["Location"].startswith("/accounts/2fa/authenticate/")
    assert browser.get("/w/kopi-kita/inbox/").status_code == 302
    wrong = browser.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert "This code is not right" in text(wrong)
    assert "passkey" not in text(wrong).split("<main")[1]  # Alice has none
    code = format_hotp_value(hotp_value(secret, next(iter(counters()))))
    assert browser.post("/accounts/2fa/authenticate/", {"code": code}).status_code == 302
    assert browser.get("/w/kopi-kita/inbox/").status_code == 200


def test_what_goes_without_saying_does_not_wait_for_the_next_page(alice):
    browser = Client()
    sign_in(browser)
    assert "Successfully" not in text(browser.get("/accounts/2fa/"))
    assert "signed out" not in text(browser.post("/accounts/logout/", follow=True))
