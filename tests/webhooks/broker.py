"""A Redis at the wire: it passes everything on to the real one, or accepts connections and never answers."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit


class Broker:
    """A relay in front of the tests' own Redis. `heard` is every byte that clients sent."""

    def __init__(self, behind: str) -> None:
        self.behind = behind
        self.is_silent = False
        self.heard = bytearray()
        self._server = socket.create_server(("127.0.0.1", 0))
        self._sockets: list[socket.socket] = []
        self.password = urlsplit(behind).password or ""
        self.url = f"redis://:{self.password}@127.0.0.1:{self._server.getsockname()[1]}/0"
        threading.Thread(target=self._accept, daemon=True).start()

    def count(self, command: bytes) -> int:
        """How often clients said this command, whole."""
        return bytes(self.heard).count(b"$%d\r\n%s\r\n" % (len(command), command))

    def close(self) -> None:
        """Gone: no new connections, and the old ones are cut."""
        for one in [self._server, *self._sockets]:
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # its other end was quicker
            one.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            self._sockets.append(client)
            if self.is_silent:
                threading.Thread(target=self._hear, args=(client, None), daemon=True).start()
                continue
            real = self._connect()
            threading.Thread(target=self._hear, args=(client, real), daemon=True).start()
            threading.Thread(target=_pass_on, args=(real, client), daemon=True).start()

    def _connect(self) -> socket.socket:
        parts = urlsplit(self.behind)
        real = socket.create_connection((parts.hostname or "127.0.0.1", parts.port or 6379))
        self._sockets.append(real)
        return real

    def _hear(self, client: socket.socket, real: socket.socket | None) -> None:
        try:
            while said := client.recv(65536):
                self.heard += said
                if real is not None:
                    real.sendall(said)
        except OSError:
            return


def _pass_on(real: socket.socket, client: socket.socket) -> None:
    try:
        while said := real.recv(65536):
            client.sendall(said)
    except OSError:
        return


@contextmanager
def relay(behind: str) -> Iterator[Broker]:
    made = Broker(behind)
    try:
        yield made
    finally:
        made.close()
