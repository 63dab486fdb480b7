"""The question a container is asked: does the web server answer with a page?"""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from gigaviz.healthy import why_not
from gigaviz.ports import free_port
from tests.gigaviz.lent import PROJECT


class Site(BaseHTTPRequestHandler):
    """Answers as the site does: 200 to the host it knows, 400 to others; and notes what it was asked."""

    asked: list[tuple[str, str, str]] = []

    def do_GET(self) -> None:
        self.asked.append((self.path, self.headers["Host"], self.headers["X-Forwarded-Proto"]))
        self.send_response(200 if self.headers["Host"] == "inbox.example.com" else 400)
        self.end_headers()

    def log_message(self, *words: object) -> None:
        pass


@pytest.fixture
def port() -> Iterator[int]:
    Site.asked.clear()
    server = HTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_server_that_answers_with_a_page_is_healthy_asked_as_the_proxy_would(port):
    assert why_not(port, "https://inbox.example.com") == ""
    assert Site.asked == [("/accounts/login/", "inbox.example.com", "https")]


def test_one_that_refuses_its_own_host_is_not_and_says_which_setting_to_look_at(port):
    assert "answers 400 to the host other.example.com; is it in ALLOWED_HOSTS?" in why_not(
        port, "https://other.example.com"
    )


def test_where_nothing_answers_the_command_says_so_and_fails():
    port = free_port()
    argv = [sys.executable, "-m", "gigaviz.healthy", str(port)]
    done = subprocess.run(argv, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert f"Nothing answers on port {port}" in done.stderr
