"""A business's webhook endpoint, as simple as can be: it keeps what it is sent and answers as it is told."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

SECONDS_TO_WAIT = 10.0


@dataclass
class Post:
    body: bytes
    signature: str

    def json(self) -> Any:
        return json.loads(self.body)

    def is_signed_with(self, secret: str) -> bool:
        expected = "sha256=" + hmac.new(secret.encode(), self.body, hashlib.sha256).hexdigest()
        return hmac.compare_digest(expected, self.signature)


@dataclass
class Callback:
    url: str = ""
    posts: list[Post] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)  # statuses of the next answers; then 200
    verify_token: str = "simulator-verify-token"

    def changes(self, field_name: str = "messages") -> list[Any]:
        """The values of every change of a field, in the order of arrival."""
        entries = [entry for post in list(self.posts) for entry in post.json()["entry"]]
        return [one["value"] for entry in entries for one in entry["changes"] if one["field"] == field_name]

    def messages(self) -> list[Any]:
        return [one for value in self.changes() for one in value.get("messages", [])]

    def statuses(self, word: str = "") -> list[Any]:
        found = [one for value in self.changes() for one in value.get("statuses", [])]
        return [one for one in found if word in ("", one["status"])]

    def wait(self, look: Callable[[], Any]) -> Any:
        """What `look` finds, once it finds something."""
        deadline = time.monotonic() + SECONDS_TO_WAIT
        while not (found := look()):
            assert time.monotonic() < deadline, "what was waited for did not come"
            time.sleep(0.01)
        return found

    def wait_for_message(self, count: int = 1) -> Any:
        return self.wait(lambda: len(self.messages()) >= count and self.messages())[-1]

    def wait_for_status(self, word: str, count: int = 1) -> Any:
        return self.wait(lambda: len(self.statuses(word)) >= count and self.statuses(word))[-1]


@contextmanager
def callback() -> Iterator[Callback]:
    """A callback on a free port."""
    made = Callback()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            made.posts.append(Post(body, self.headers.get("X-Hub-Signature-256", "")))
            self.answer(made.answers.pop(0) if made.answers else 200, b"")

        def do_GET(self) -> None:
            asked = parse_qs(urlsplit(self.path).query)
            known = asked.get("hub.verify_token") == [made.verify_token]
            self.answer(200 if known else 403, asked["hub.challenge"][0].encode() if known else b"")

        def answer(self, status: int, content: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    made.url = f"http://127.0.0.1:{server.server_port}/webhooks/"
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
