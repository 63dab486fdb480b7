"""A lean HTTP client for loads: prebuilt requests over keep-alive sockets, one thread, no parsing beyond the need.

It runs in the bench's own process, apart from the server. How much of a core it used is part of its answer: where that
is near 1, the client is what was measured.
"""

from __future__ import annotations

import selectors
import socket
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field


@dataclass
class Load:
    """What came of a load: answers by status, seconds, and the client's own share of a core."""

    statuses: Counter[int] = field(default_factory=Counter)
    seconds: float = 0.0
    client_share: float = 0.0
    latencies: list[float] = field(default_factory=list)
    largest: int = 0  # bytes of the largest answer, headers included

    @property
    def rate(self) -> float:
        return sum(self.statuses.values()) / self.seconds

    def latency(self, share: float) -> float:
        """The latency in seconds that this share of the answers kept to."""
        return sorted(self.latencies)[min(int(len(self.latencies) * share), len(self.latencies) - 1)]


class _Line:
    """One connection: at most one request under way."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""
        self.since = 0.0

    def send(self, request: bytes) -> None:
        self.received = b""
        self.since = time.perf_counter()
        self.socket.sendall(request)

    def answer(self) -> int:
        """The status of a whole answer; 0 while it is incomplete."""
        part = self.socket.recv(65536)
        if not part:
            raise ConnectionError("The server closed the connection without an answer.")
        self.received += part
        head, end, body = self.received.partition(b"\r\n\r\n")
        if not end:
            return 0
        _, named, rest = head.lower().partition(b"content-length:")
        is_whole = len(body) >= int(rest.split(b"\r\n", 1)[0]) if named else _is_whole(head, body)
        return int(head[9:12]) if is_whole else 0


def _is_whole(head: bytes, body: bytes) -> bool:
    """Without a length, an answer comes in chunks or has no body."""
    return body.endswith(b"0\r\n\r\n") if b"chunked" in head.lower() else True


def fire(port: int, requests: Sequence[bytes], *, lines: int, seconds: float) -> Load:
    """Send these requests over so many connections, as fast as answers come; stop asking after so many seconds."""
    load, waiting = Load(), iter(requests)
    selector = selectors.DefaultSelector()
    open_lines = [_Line(port) for _ in range(min(lines, len(requests)))]
    started, busy = time.perf_counter(), time.process_time()
    try:
        for line in open_lines:
            line.send(next(waiting))
            selector.register(line.socket, selectors.EVENT_READ, line)
        _exchange(selector, load, waiting, started + seconds)
        load.seconds = time.perf_counter() - started
        load.client_share = (time.process_time() - busy) / load.seconds
    finally:
        selector.close()
        for line in open_lines:
            line.socket.close()
    return load


def _exchange(selector: selectors.BaseSelector, load: Load, waiting: Iterator[bytes], deadline: float) -> None:
    under_way = len(selector.get_map())
    while under_way:
        ready = selector.select(timeout=10)
        if not ready:
            raise TimeoutError("The server has not answered for 10 s.")
        for key, _ in ready:
            line = key.data
            status = line.answer()
            if not status:
                continue
            now = time.perf_counter()
            load.statuses[status] += 1
            load.latencies.append(now - line.since)
            load.largest = max(load.largest, len(line.received))
            request = next(waiting, None) if now < deadline else None
            if request is None:
                selector.unregister(line.socket)
                under_way -= 1
            else:
                line.send(request)


def request(method: str, path: str, body: bytes = b"", **headers: str) -> bytes:
    """The bytes of a request; `x_hub_signature_256` stands for X-Hub-Signature-256."""
    named = {"Host": "127.0.0.1", **{name.replace("_", "-"): value for name, value in headers.items()}}
    if body:
        named |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in named.items()), "", ""]
    return "\r\n".join(lines).encode() + body
