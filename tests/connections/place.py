"""Kopi Kita with its Meta app set up at a simulator, and nothing connected yet: the pages' side of connecting."""

from __future__ import annotations

from typing import Any

import httpx
from django.test import Client

from connections.models import Connection, ConnectionTest, MetaApp
from connections.proving import callback_url
from simulator.client import Simulator
from tests import cast
from tests.inbox.screens import signed_in
from workspaces.models import User

NUMBER: dict[str, Any] = {"access_token": "good-token", "app_id": "600000000000006", "app_secret": "good-secret"}
PHONE_NUMBER_ID, WABA_ID = "100000000000001", "200000000000002"
NUMBERS = "/w/kopi-kita/settings/connections/numbers/"


class Place:
    """`browser` is Bob's, who is an admin."""

    def __init__(self, sim: Simulator) -> None:
        self.sim = sim
        self.house = cast.kopi_kita()
        self.house.connection.delete()
        self.app = MetaApp.objects.get()
        self.app.app_id, self.app.app_secret, self.app.is_simulated = NUMBER["app_id"], NUMBER["app_secret"], True
        self.app.save()
        sim.set_callback(callback_url(self.app))
        self.bob: User = cast.bob(self.house)
        self.browser: Client = signed_in(self.bob)

    def fields(self, **changed: str) -> dict[str, str]:
        given = {
            "name": "Orders",
            "meta_app": str(self.app.pk),
            "phone_number_id": PHONE_NUMBER_ID,
            "waba_id": WABA_ID,
            "access_token": "good-token",
            "environment": "simulator",
        }
        return given | changed

    def connects(self, **changed: str) -> Connection:
        """Bob fills in the form; the number as it was saved."""
        response = self.browser.post(f"{NUMBERS}new/", self.fields(**changed))
        assert response.status_code == 302, response.content.decode()
        return self.number()

    def number(self) -> Connection:
        return Connection.objects.select_related("meta_app").latest("pk")

    def number_without_token(self) -> Connection:
        return Connection.objects.defer("access_token").latest("pk")

    def at(self, path: str = "") -> str:
        return f"{NUMBERS}{self.number_without_token().pk}/{path}"

    def page(self) -> str:
        return str(self.browser.get(self.at()).content.decode())

    def acts(self, path: str, **given: str) -> str:
        """Bob presses a button of the number's page, and sees where he comes to."""
        response = self.browser.post(self.at(path), given, follow=True)
        return str(response.content.decode())

    def verdicts(self) -> dict[str, str]:
        """The newest check's."""
        return {one["key"]: one["verdict"] for one in ConnectionTest.objects.latest("pk").checks}

    def found(self, key: str) -> dict[str, str]:
        """What the newest check says of one question."""
        return next(one for one in ConnectionTest.objects.latest("pk").checks if one["key"] == key)

    def graph(self, method: str, path: str, **form: Any) -> httpx.Response:
        """What an admin does at Meta, by other means than ours."""
        signed = {"Authorization": "Bearer good-token"}
        answer = httpx.request(method, f"{self.sim.url}/v25.0/{path}", json=form, headers=signed, trust_env=False)
        assert answer.status_code == 200, answer.text
        return answer
