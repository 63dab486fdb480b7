"""python -m gigaviz.embedded start|stop|status [folder]: the engines of a folder, by hand."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from gigaviz import embedded


def main() -> int:
    """Run one command. Returns the exit status: 0, 1 with a sentence, or 3 if `status` finds a server stopped."""
    parser = argparse.ArgumentParser(prog="python -m gigaviz.embedded", description=embedded.__doc__)
    parser.add_argument("command", choices=["start", "stop", "status"])
    parser.add_argument("folder", nargs="?", type=Path, default=Path(".run/demo"))
    given = parser.parse_args()
    try:
        return {"start": _start, "stop": _stop, "status": _status}[given.command](given.folder)
    except embedded.EmbeddedError as error:
        print(error, file=sys.stderr)
        return 1


def _start(folder: Path) -> int:
    running = embedded.start(folder, say=lambda sentence: print(sentence, file=sys.stderr))
    print(f"DATABASE_URL={running.database_url}\nREDIS_URL={running.redis_url}")
    return 0  # without running.stop(): servers started by hand stay until they are stopped by hand


def _stop(folder: Path) -> int:
    print("Stopped." if embedded.stop(folder) else "Nothing was running.")
    return 0


def _status(folder: Path) -> int:
    status = 0
    for server in embedded.servers(folder.resolve()):
        process = server.process() if folder.is_dir() else None
        if process is None:
            status = 3
            print(f"{server.name} is stopped.")
        else:
            print(f"{server.name} runs as process {process.pid} and {'answers' if server.answers() else 'is silent'}.")
    return status


if __name__ == "__main__":
    sys.exit(main())
