"""The command line: one number by options, more by --number or a file, and secrets by the environment."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .model import JSON
from .settings import BadSettings, NumberSpec, Pace, Setup

FAST: JSON = {"latency": 0.0, "pair_limit": False, "throughput": 0, "management_calls": 0, "retry_cap": 1.0}
# option, key of a number, environment variable, help
OF_A_NUMBER = (
    ("--callback-url", "callback_url", "SIMULATOR_CALLBACK_URL", "where webhooks go"),
    ("--app-id", "app_id", "SIMULATOR_APP_ID", "the Meta app's id"),
    ("--app-secret", "app_secret", "SIMULATOR_APP_SECRET", "the Meta app's secret, which signs webhooks"),
    ("--verify-token", "verify_token", "SIMULATOR_VERIFY_TOKEN", "the handshake's token"),
    ("--phone-number-id", "id", "SIMULATOR_PHONE_NUMBER_ID", "the number's id"),
    ("--waba-id", "waba_id", "SIMULATOR_WABA_ID", "the WhatsApp business account's id"),
    ("--access-token", "access_token", "SIMULATOR_ACCESS_TOKEN", "the access token"),
    ("--display-number", "display_number", "SIMULATOR_DISPLAY_NUMBER", 'the number itself, as in "+1 555-010-0000"'),
    ("--display-name", "name", "SIMULATOR_DISPLAY_NAME", "the name customers see"),
)
EPILOG = """
Whatever is an option of a number is also an environment variable (SIMULATOR_APP_SECRET and so on): other users of the
machine can see a command line, so give secrets that way, or in a file.

more numbers:
  --number id=100000000000009,waba_id=200000000000009,name=Second,callback_url=http://127.0.0.1:8000/hooks/
  --config file.json, or - for standard input:
      {"numbers": [{"id": "…", "waba_id": "…", "access_token": "…", "app_id": "…", "app_secret": "…",
                    "verify_token": "…", "callback_url": "…", "display_number": "+62 …", "name": "…",
                    "account_mode": "SANDBOX", "allowed": ["+62 …"]}, …],
       "customers": [{"phone": "+62 …", "name": "…"}, {"username": "…", "name": "…"}],
       "pace": {"latency": 1, "pair_limit": true, "throughput": 80, "window": "answer"}}

The customers' phones are at /, Graph at /v23.0/ and any other version, the control API at /_sim/, which lists itself:
customers, receipts, faults, webhooks by hand. docs/simulator.md says what there is.
"""


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="python -m simulator",
        description="A double of Meta's WhatsApp Cloud API, with the customers' phones in the browser.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("--port", type=int, default=int(os.environ.get("SIMULATOR_PORT", "8801")), help="default 8801")
    made.add_argument("--host", default="127.0.0.1", help="default 127.0.0.1; there is no sign-in")
    for option, key, _, words in OF_A_NUMBER:
        default = getattr(NumberSpec(), key)
        made.add_argument(option, dest=key, metavar="…", help=f"{words} (default {default or 'none'})")
    made.add_argument("--number", action="append", default=[], metavar="KEY=VALUE,…", help="another number")
    made.add_argument("--config", metavar="FILE", help="numbers, customers and pace as JSON; - for standard input")
    made.add_argument("--latency", type=float, help="how slow things are: 1 as in life, 0 at once")
    made.add_argument("--fast", action="store_true", help="at once, and without rate limits: for tests")
    made.add_argument("--handshake", action="store_true", help="verify the callbacks at the start, as Meta does")
    return made


def setup_of(options: argparse.Namespace, environment: Mapping[str, str]) -> Setup:
    """What the options ask for. Raises BadSettings."""
    given = config_of(options.config) if options.config else {}
    numbers = [NumberSpec.read(one) for one in listed(given, "numbers")]
    first = {key: getattr(options, key) or environment.get(variable) for _, key, variable, _ in OF_A_NUMBER}
    first = {key: value for key, value in first.items() if value}
    if first or not numbers:
        numbers.insert(0, NumberSpec.read(first))
    numbers += [NumberSpec.read(pairs(one)) for one in options.number]
    pace: JSON = dict(FAST) if options.fast else {}
    pace |= given.get("pace", {})
    pace |= {} if options.latency is None else {"latency": options.latency}
    Pace().change(pace)
    return Setup(numbers, listed(given, "customers"), pace)


def config_of(name: str) -> JSON:
    try:
        given: Any = json.loads(sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise BadSettings(f"{name} cannot be read as JSON: {problem}.") from problem
    if not isinstance(given, dict) or not set(given) <= {"numbers", "customers", "pace"}:
        raise BadSettings("A config file is an object with numbers, customers and pace.")
    if not isinstance(given.get("pace", {}), dict):
        raise BadSettings("pace must be an object.")
    return given


def listed(given: JSON, key: str) -> list[JSON]:
    found = given.get(key, [])
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise BadSettings(f"{key} must be a list of objects.")
    return found


def pairs(text: str) -> JSON:
    """`key=value,key=value`."""
    parts = [one.partition("=") for one in text.split(",")]
    if not all(key and sign for key, sign, _ in parts):
        raise BadSettings(f"--number takes KEY=VALUE,KEY=VALUE; this is none: {text}")
    return {key.strip(): value.strip() for key, _, value in parts}


def parsed(arguments: Sequence[str] | None = None) -> tuple[argparse.Namespace, Setup]:
    """Ends the program with a sentence when something cannot be used."""
    made = parser()
    options = made.parse_args(arguments)
    try:
        return options, setup_of(options, os.environ)
    except BadSettings as problem:
        made.error(str(problem))
