"""Every page, ours or a library's: a strict policy, and nothing inline that it would have to allow."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client, RequestFactory
from django.views.defaults import server_error

from tests import cast
from tests.gigaviz.lent import PROJECT
from tests.inbox.screens import hear, inbox, ours, signed_in
from tests.workspaces.test_account import confirmed, with_app, with_passkey

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "media-src": "'self'",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
    "manifest-src": "'self'",
}
ACCOUNT = ["login", "logout", "signup", "inactive", "reauthenticate", "password/change", "password/reset", "sessions"]
MFA = ["2fa", "2fa/totp/activate", "2fa/recovery-codes/generate", "2fa/webauthn", "2fa/webauthn/add"]
# What is no script to the browser, but data for one: a policy has nothing against it.
DATA = "application/json"


class Inline(HTMLParser):
    """What a page holds that a strict policy would refuse, and from where it fetches."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.sources: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        named = dict(attributes)
        if tag == "style" or (tag == "script" and "src" not in named and named.get("type") != DATA):
            self.found.append(f"<{tag}>")
        self.found += [name for name in named if name == "style" or name.startswith(("on", "hx-on"))]
        self.found += [value for value in named.values() if value and value.strip().lower().startswith("javascript:")]
        self.sources += [named[name] or "" for name in ("src", "srcset") if name in named]
        if tag == "link":
            self.sources.append(named["href"] or "")


def read(html: str) -> Inline:
    reader = Inline()
    reader.feed(html)
    return reader


def policy_of(response) -> dict[str, str]:
    parts = response.headers["Content-Security-Policy"].split(";")
    return {name: value for name, _, value in (part.strip().partition(" ") for part in parts) if name}


def check(response) -> None:
    assert policy_of(response) == POLICY
    assert response.headers["X-Frame-Options"] == "DENY"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "same-origin"
    page = read(response.content.decode())
    assert page.found == []
    assert [source for source in page.sources if not re.match(r"/(?!/)|data:image/", source)] == []


@pytest.mark.django_db
@pytest.mark.parametrize("path", [*ACCOUNT, *MFA])
@pytest.mark.parametrize("who", ["a stranger", "a member"])
def test_pages_of_the_account_are_strict(house, path, who):
    browser = Client()
    if who == "a member":
        browser.post("/accounts/login/", {"login": cast.alice(house).email, "password": cast.PASSWORD})
    response = browser.get(f"/accounts/{path}/", follow=True)
    assert response.status_code == 200
    check(response)


@pytest.mark.django_db
def test_pages_that_ask_again_who_one_is_are_strict_before_and_after(house):
    browser = confirmed(cast.alice(house))
    with_passkey(browser)
    key = Authenticator.objects.get(type="webauthn").pk
    pages = ["webauthn/add", "webauthn", f"webauthn/keys/{key}/edit", f"webauthn/keys/{key}/remove", "totp/activate"]
    for page in (*pages, "recovery-codes", "recovery-codes/generate", "reauthenticate", "webauthn/reauthenticate"):
        response = browser.get(f"/accounts/2fa/{page}/")
        assert response.status_code == 200, page
        check(response)
    with_app(browser)
    check(browser.get("/accounts/2fa/totp/deactivate/"))
    again = Client()
    again.post("/accounts/login/", {"login": "alice@example.com", "password": cast.PASSWORD})
    check(again.get("/accounts/2fa/authenticate/"))


@pytest.mark.django_db
def test_the_pages_of_an_invitation_and_of_the_members_are_strict(house):
    bob = signed_in(cast.bob(house))
    bob.post("/w/kopi-kita/settings/members/invitations/", {"email": "<b>@example.com", "role": "<i>"})
    bob.post("/w/kopi-kita/settings/members/invitations/", {"email": "sari@example.com", "role": "agent"})
    check(bob.get("/w/kopi-kita/settings/members/"))
    link = re.search(r"/invitations/\S+", str(mail.outbox[0].body))
    assert link is not None
    for browser in (Client(), bob):
        check(browser.get(link[0], follow=True))
        check(browser.get("/invitations/nothing/"))


@pytest.mark.django_db
@pytest.mark.parametrize("part", ["", "thread/", "header/", "panel/", "verdict/"])
def test_pages_of_the_inbox_are_strict_whatever_a_customer_writes(house, part):
    browser = signed_in(cast.alice(house))
    evil = "<script>alert(1)</script><img src=x onerror=alert(2)> javascript:alert(3) <b style='color:red'>"
    conversation = hear(house, evil, name=evil)
    ours(conversation, evil)
    check(browser.get(inbox(house, f"{conversation.pk}/{part}")))


@pytest.mark.django_db
def test_pages_of_errors_are_strict_and_say_what_to_do(house):
    browser = signed_in(cast.charlie())
    for response, words in (
        (browser.get(inbox(house)), "There is nothing here"),
        (Client(enforce_csrf_checks=True).post("/accounts/login/"), "The form has expired"),
    ):
        check(response)
        assert words in response.content.decode()


def test_the_page_of_our_own_failure_needs_no_database():
    response = server_error(RequestFactory().get("/"))
    assert response.status_code == 500
    page = read(response.content.decode())
    assert page.found == []
    assert "Nothing that was stored is lost" in response.content.decode()


def test_no_template_of_ours_holds_anything_inline():
    for path in (PROJECT / "templates").rglob("*.html"):
        # A tag of Django's inside a tag of HTML is none of HTML's.
        assert read(re.sub(r"{[%#].*?[%#]}", "", path.read_text())).found == [], path


def test_no_template_or_style_sheet_fetches_from_elsewhere():
    for path in [*(PROJECT / "templates").rglob("*.html"), *(PROJECT / "static").rglob("*.[cj]s*")]:
        assert re.findall(r"""(?:src=|href=|url\(|import )["']?(?:https?:)?//""", path.read_text()) == [], path


def test_htmx_neither_evaluates_nor_styles_nor_remembers():
    base = (PROJECT / "templates" / "base.html").read_text()
    found = re.search(r"name=\"htmx-config\" content='(.+?)'", base)
    assert found is not None
    config = json.loads(found[1])
    assert (config["allowEval"], config["includeIndicatorStyles"], config["historyCacheSize"]) == (False, False, 0)


@pytest.mark.django_db
def test_cookies_are_for_this_site_and_not_for_scripts(house):
    browser = Client()
    browser.get("/accounts/login/")
    browser.post("/accounts/login/", {"login": cast.alice(house).email, "password": cast.PASSWORD})
    assert set(browser.cookies) == {"gigaviz_session", "gigaviz_csrf"}
    for cookie in browser.cookies.values():
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"


def test_no_script_or_template_holds_what_a_merge_left_behind():
    for path in [*(PROJECT / "templates").rglob("*.html"), *(PROJECT / "static").rglob("*.[cj]s*")]:
        assert not re.search(r"^(<{7}|>{7}) ", path.read_text(), re.MULTILINE), path
