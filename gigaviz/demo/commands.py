"""Several management commands in one process: `python -m gigaviz.demo.commands`, told on standard input.

Each is {"argv": ["create_workspace", …], "env": {"APP_SECRET": …}}; the answer is a JSON list of what each printed.
Starting Python and Django takes longer than any of these commands, and the demo needs a dozen of them.
"""

from __future__ import annotations

import io
import json
import os
import sys

import django
from django.core.management import execute_from_command_line


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gigaviz.settings")
    django.setup()
    said = []
    for command in json.load(sys.stdin):
        said.append(run(command["argv"], command["env"]))
    print(json.dumps(said))
    return 0


def run(argv: list[str], env: dict[str, str]) -> str:
    kept, sys.stdout = sys.stdout, io.StringIO()
    before = dict(os.environ)
    os.environ.update(env)
    try:
        execute_from_command_line(["manage.py", *argv])
        return sys.stdout.getvalue()
    finally:
        sys.stdout = kept
        os.environ.clear()
        os.environ.update(before)


if __name__ == "__main__":
    sys.exit(main())
