"""An agent at their desk, over HTTP: signs in, finds a conversation, answers and closes through the product's forms."""

from __future__ import annotations

import html
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

SECONDS_TO_APPEAR = 30.0
LOOK = 0.1
ROW = re.compile(r'id="row-(\d+)"')
SEEN = re.compile(r'data-seen="(\d+)"')
ERROR = re.compile(r'role="alert"[^>]*>([^<]*)<')
HIDDEN = re.compile(r'<input type="hidden"[^>]*? name="(\w+)"[^>]*? value="([^"]*)"')


class DeskError(Exception):
    """The product did not do what a person would expect of it; the message says what."""


class Desk:
    """One signed-in person in one workspace."""

    def __init__(self, http: httpx.Client, slug: str) -> None:
        self.http = http
        self.inbox = f"/w/{slug}/inbox/"
        self.templates = f"/w/{slug}/templates/"

    def conversation(self, name: str) -> int:
        """The id of somebody's conversation, once it is in the list. Raises DeskError."""
        page = self._until(
            f"{self.inbox}list/", 'id="row-', f"{name} wrote, and is not in the list.", view="all", q=name
        )
        return int(ROW.findall(page)[0])

    def read(self, conversation: int, *, until: str = "") -> dict[str, str]:
        """Look at a conversation once these words are in it; the page's fields. Raises DeskError."""
        page = self._until(f"{self.inbox}{conversation}/", until, "A message does not appear in its conversation.")
        self._post(f"{self.inbox}{conversation}/seen/", self._fields(page) | {"version": SEEN.findall(page)[0]}, 204)
        return self._fields(page)

    def reply(self, conversation: int, text: str, *, takes: bool = False) -> None:
        """Answer as a person does: read what is there, write, and confirm where something new came in meanwhile."""
        form = self.read(conversation) | {"text": text} | ({"take": "on"} if takes else {})
        answer = self._post(f"{self.inbox}{conversation}/replies/", form, 200, 409)
        if answer.status_code == 409:
            self._post(f"{self.inbox}{conversation}/replies/", form | self._fields(answer.text), 200)

    def close(self, conversation: int) -> None:
        form = self._fields(self.http.get(f"{self.inbox}{conversation}/header/").text) | {"act": "close"}
        self._post(f"{self.inbox}{conversation}/closure/", form, 200)

    def sync_templates(self, waba_id: str) -> None:
        """Press "Sync now" for an account, as an admin, until it is done: a worker may be at it. Raises DeskError."""
        form = self._fields(self.http.get(self.templates).text) | {"waba_id": waba_id}
        deadline = time.monotonic() + SECONDS_TO_APPEAR
        while "Synced: " not in self._post(f"{self.templates}sync/", form, 200).text:
            if time.monotonic() > deadline:
                raise DeskError("The templates could not be synced.")
            time.sleep(LOOK)

    def _until(self, path: str, words: str, otherwise: str, **query: str) -> str:
        deadline = time.monotonic() + SECONDS_TO_APPEAR
        while time.monotonic() < deadline:
            page = self.http.get(path, params=query)
            if page.status_code == 200 and words in html.unescape(page.text):
                return page.text
            time.sleep(LOOK)
        raise DeskError(otherwise)

    def _post(self, path: str, form: dict[str, Any], *expected: int) -> httpx.Response:
        answer = self.http.post(path, data=form, headers={"HX-Request": "true"})
        if answer.status_code not in expected:
            raise DeskError(f"{path} answered {answer.status_code}: {ERROR.findall(answer.text)}")
        return answer

    @staticmethod
    def _fields(page: str) -> dict[str, str]:
        """What the page's hidden inputs say; the warnings that it shows as one field."""
        found = [(name, html.unescape(value)) for name, value in HIDDEN.findall(page) if name != "act"]
        warnings = [value for name, value in found if name == "confirm"]
        return dict(found) | ({"confirm": ",".join(warnings)} if warnings else {})


@contextmanager
def signed_in(base_url: str, email: str, password: str, slug: str) -> Iterator[Desk]:
    with httpx.Client(base_url=base_url, follow_redirects=True, trust_env=False, timeout=30) as http:
        page = http.get("/accounts/login/")
        form = dict(HIDDEN.findall(page.text)) | {"login": email, "password": password}
        answer = http.post("/accounts/login/", data=form)
        if "/accounts/login/" in str(answer.url):
            raise DeskError(f"{email} could not sign in.")
        yield Desk(http, slug)
