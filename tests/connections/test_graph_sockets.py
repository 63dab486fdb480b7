"""Not sent or unconfirmed, proved on real sockets: servers that refuse, hang up, fall silent or talk nonsense."""

from __future__ import annotations

import contextlib
import functools
import io
import json
import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from connections.graph import calls, client, media
from connections.graph.account import GraphAccount
from connections.graph.errors import GraphError, NotSent, Refused, Unconfirmed
from connections.graph.media import download_media

from .wire import ACCEPTED, AYLA, WAMID

BODY = json.dumps(ACCEPTED).encode()
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(BODY) + BODY


class Peer:
    """One accepted connection, as the server's side of a test sees it."""

    def __init__(self, sock: socket.socket, stop: threading.Event) -> None:
        self.sock, self.stop = sock, stop

    def read_request(self) -> bytes:
        """One whole request, or nothing when the client has gone."""
        data = b""
        while b"\r\n\r\n" not in data:
            chunk = self.sock.recv(65_536)
            if not chunk:
                return b""
            data += chunk
        head, _, rest = data.partition(b"\r\n\r\n")
        length = next(
            (int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0
        )
        while len(rest) < length:
            rest += self.sock.recv(65_536)
        return head + b"\r\n\r\n" + rest

    def say(self, data: bytes) -> None:
        self.sock.sendall(data)


class Server:
    """Runs one behaviour for each connection; counts connections and whole requests."""

    def __init__(self, behave: Callable[[Server, Peer], None]) -> None:
        self.behave = behave
        self.connections = 0
        self.requests: list[bytes] = []
        self.stop = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.threads = [threading.Thread(target=self.accept, daemon=True)]
        self.threads[0].start()

    def accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                sock, _ = self.listener.accept()
                self.connections += 1
                thread = threading.Thread(target=self.serve, args=(sock,), daemon=True)
                self.threads.append(thread)
                thread.start()

    def serve(self, sock: socket.socket) -> None:
        with sock, contextlib.suppress(OSError):
            self.behave(self, Peer(sock, self.stop))

    def take(self, peer: Peer) -> bytes:
        request = peer.read_request()
        if request:
            self.requests.append(request)
        return request

    def close(self) -> None:
        self.stop.set()
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for thread in self.threads:
            thread.join(5)


@pytest.fixture
def serve(monkeypatch) -> Iterator[Callable[[Callable[[Server, Peer], None]], Server]]:
    """Starts servers, with a client whose time-outs are short."""
    for name in ("CONNECT_TIMEOUT", "READ_TIMEOUT", "WRITE_TIMEOUT", "POOL_TIMEOUT"):
        monkeypatch.setattr(calls, name, 0.3)
    servers: list[Server] = []

    def start(behave: Callable[[Server, Peer], None]) -> Server:
        servers.append(Server(behave))
        return servers[-1]

    shared = functools.cache(calls.shared_client.__wrapped__)
    monkeypatch.setattr(calls, "shared_client", shared)
    monkeypatch.setattr(media, "shared_client", shared)
    yield start
    shared().close()
    for server in servers:
        server.close()


def account(port: int, scheme: str = "http") -> GraphAccount:
    return GraphAccount(f"{scheme}://127.0.0.1:{port}", "100000000000001", "200000000000002", "token")


def send(port: int, scheme: str = "http", text: str = "Hello"):
    return client.send_text(account(port, scheme), AYLA, text, "token.1")


def raised(port: int, scheme: str = "http", text: str = "Hello") -> GraphError:
    with pytest.raises(GraphError) as caught:
        send(port, scheme, text)
    return caught.value


def answer_all(server: Server, peer: Peer) -> None:
    while server.take(peer):
        peer.say(OK)


def answer_once_and_hang_up(server: Server, peer: Peer) -> None:
    server.take(peer)
    peer.say(OK)


def hang_up_on_the_second(server: Server, peer: Peer) -> None:
    server.take(peer)
    peer.say(OK)
    server.take(peer)


def fall_silent(server: Server, peer: Peer) -> None:
    server.take(peer)
    server.stop.wait()


def saying(data: bytes) -> Callable[[Server, Peer], None]:
    def behave(server: Server, peer: Peer) -> None:
        server.take(peer)
        peer.say(data)

    return behave


def test_a_whole_answer_is_accepted_and_the_next_call_uses_the_same_connection(serve):
    server = serve(answer_all)
    assert [send(server.port).wamid, send(server.port).wamid] == [WAMID, WAMID]
    assert (server.connections, len(server.requests)) == (1, 2)


def test_a_connection_that_was_idle_too_long_is_not_used_again(serve, monkeypatch):
    monkeypatch.setattr(calls, "KEEP_ALIVE", 0.0)
    server = serve(answer_all)
    send(server.port)
    send(server.port)
    assert server.connections == 2


def test_a_connection_the_server_has_already_closed_is_replaced_before_anything_is_written(serve):
    server = serve(answer_once_and_hang_up)
    send(server.port)
    for thread in server.threads[1:]:
        thread.join(5)
    assert send(server.port).wamid == WAMID
    assert (server.connections, len(server.requests)) == (2, 2)


def test_a_kept_connection_that_dies_under_a_request_is_unconfirmed_and_not_repeated(serve):
    server = serve(hang_up_on_the_second)
    send(server.port)
    assert type(raised(server.port)) is Unconfirmed
    assert (server.connections, len(server.requests)) == (1, 2)


def test_a_port_where_nobody_listens_is_not_sent(serve):
    serve(answer_all)
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        assert type(raised(unused.getsockname()[1])) is NotSent


def test_a_name_that_no_server_has_is_not_sent(serve, monkeypatch):
    serve(answer_all)

    def unknown(*args: object, **kwargs: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    error = raised(80)
    assert type(error) is NotSent
    assert "Name or service not known" in error.details


def test_a_server_without_tls_is_not_sent(serve):
    server = serve(saying(OK))
    assert type(raised(server.port, "https")) is NotSent


def test_a_handshake_that_never_ends_is_not_sent(serve):
    server = serve(lambda server, peer: server.stop.wait() and None)
    assert type(raised(server.port, "https")) is NotSent
    assert server.connections == 1


def test_no_free_connection_is_not_sent(serve, monkeypatch):
    monkeypatch.setattr(calls, "CONNECTIONS", 1)
    monkeypatch.setattr(calls, "READ_TIMEOUT", 30.0)
    arrived = threading.Event()

    def hold(server: Server, peer: Peer) -> None:
        server.take(peer)
        arrived.set()
        server.stop.wait()
        peer.say(OK)

    server = serve(hold)
    first = threading.Thread(target=send, args=(server.port,))
    first.start()
    arrived.wait(10)
    try:
        assert type(raised(server.port)) is NotSent
    finally:
        server.stop.set()
        first.join(10)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "behave",
    [
        pytest.param(lambda server, peer: None, id="accepts and hangs up"),
        pytest.param(lambda server, peer: server.take(peer) and None, id="reads and hangs up"),
        pytest.param(fall_silent, id="reads and never answers"),
        pytest.param(saying(b"HTTP/1.1 200 OK\r\nContent-"), id="hangs up within the headers"),
        pytest.param(saying(OK[:-5]), id="hangs up within the body"),
        pytest.param(
            saying(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"mes'), id="hangs up within a chunk"
        ),
        pytest.param(saying(b"220 mail.example ESMTP\r\n"), id="speaks another protocol"),
        pytest.param(
            saying(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc"), id="bad gzip"
        ),
        pytest.param(saying(b'HTTP/1.1 400 Bad\r\nContent-Length: 90\r\n\r\n{"error":{"co'), id="half a refusal"),
        pytest.param(saying(b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5_000 + b"\r\n\r\n"), id="absurd length"),
    ],
)
def test_whatever_breaks_after_the_connection_was_made_is_unconfirmed_and_asked_once(serve, behave):
    server = serve(behave)
    assert type(raised(server.port)) is Unconfirmed
    assert server.connections == 1


def test_an_answer_that_trickles_is_given_up_at_the_deadline(serve, monkeypatch):
    monkeypatch.setattr(calls, "ANSWER_DEADLINE", 0.3)

    def trickle(server: Server, peer: Peer) -> None:
        server.take(peer)
        peer.say(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while not server.stop.wait(0.05):
            peer.say(b" ")

    server = serve(trickle)
    error = raised(server.port)
    assert type(error) is Unconfirmed
    assert error.http_status == 200


def test_a_request_that_the_server_does_not_finish_reading_is_unconfirmed(serve):
    server = serve(lambda server, peer: server.stop.wait() and None)
    assert type(raised(server.port, text="x" * 30_000_000)) is Unconfirmed


def test_a_server_that_refuses_before_it_has_read_all_is_heard(serve):
    def refuse(server: Server, peer: Peer) -> None:
        peer.sock.recv(10)
        peer.say(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
        server.stop.wait()

    server = serve(refuse)
    assert type(raised(server.port)) is Refused


def test_a_file_cut_short_is_not_a_file(serve):
    server = serve(saying(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this"))
    with pytest.raises(Unconfirmed):
        download_media(account(server.port), f"http://127.0.0.1:{server.port}/file", io.BytesIO(), max_bytes=1_000)
