"""python -m simulator: runs until it is stopped."""

from __future__ import annotations

import sys

from .app import application
from .options import parsed
from .server import listen, server, url_of


def main() -> int:
    options, setup = parsed()
    try:
        listening = listen(options.host, options.port)
    except OSError as problem:
        print(f"Port {options.port} cannot be used: {problem.strerror}. Choose another with --port.", file=sys.stderr)
        return 1
    setup.base_url = url_of(listening)
    print(f"Customers' phones: {setup.base_url}/", flush=True)
    for number in setup.numbers:
        print(f"  {number.name}, {number.display_number}: {setup.base_url}/v23.0/{number.id}/messages", flush=True)
    with listening:
        server(application(setup, shake_hands=options.handshake)).run(sockets=[listening])
    return 0


if __name__ == "__main__":
    sys.exit(main())
