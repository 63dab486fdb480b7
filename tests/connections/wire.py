"""Graph faked at the wire: what the door sends is kept, and what it gets is what the test says."""

from __future__ import annotations

import json
from collections.abc import Callable

import httpx

from connections.graph import calls
from connections.graph.account import Address, GraphAccount

ACCOUNT = GraphAccount(
    base_url="", phone_number_id="100000000000001", waba_id="200000000000002", access_token="EAAtest|token-123"
)
AYLA = Address("phone", "15550100123")
DENIZ = Address("bsuid", "TR.9f00000000000000a130")
WAMID = "wamid.HBgLMTU1NTAxMDAxMjMVAgARGBI4RTc0QUJFMTYxQUExMjFGQjgA"
ACCEPTED = {
    "messaging_product": "whatsapp",
    "contacts": [{"input": "+15550100123", "wa_id": "15550100123"}],
    "messages": [{"id": WAMID}],
}

Handler = Callable[[httpx.Request], httpx.Response]


class Wire:
    """Stands in for the network. `requests` are those that were made; answers come in the order given, then repeat."""

    def __init__(self, monkeypatch) -> None:
        self.requests: list[httpx.Request] = []
        self.answers: list[httpx.Response | BaseException] = []
        made = calls.shared_client.__wrapped__

        def shared(client: list[httpx.Client] = []) -> httpx.Client:  # noqa: B006 - one client per test, as per process
            if not client:
                client.append(made())
                client[0]._mounts = {}
                client[0]._transport = httpx.MockTransport(self.handle)
            return client[0]

        monkeypatch.setattr(calls, "shared_client", shared)
        monkeypatch.setattr("connections.graph.media.shared_client", shared)

    def handle(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def answer(self, status: int, body: object = None, **headers: str) -> None:
        """The next answer: bytes as they are, anything else as JSON. A header x_y becomes x-y."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers.append(httpx.Response(status, content=content, headers=named))

    def fail(self, error: BaseException) -> None:
        self.answers.append(error)

    @property
    def body(self) -> dict:
        """The JSON of the last request."""
        found: dict = json.loads(self.requests[-1].content)
        return found
