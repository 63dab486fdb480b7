"""Ports of this machine: chosen because they are free, never assumed to be."""

from __future__ import annotations

import socket


def free_port(preferred: int = 0) -> int:
    """A port of 127.0.0.1 that nothing listens on: `preferred` if it is one, else one the system picks."""
    if preferred and is_free(preferred):
        return preferred
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_free(port: int) -> bool:
    """Whether something could listen on this port of 127.0.0.1 now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
