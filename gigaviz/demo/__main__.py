"""Start the demo, fill it, say where it is, and keep it running until Ctrl-C."""

from __future__ import annotations

import os
import re
import sys
import time

from gigaviz import embedded
from gigaviz.interrupts import stopping_once
from gigaviz.ports import free_port
from gigaviz.running import AlreadyRunning, supervised
from simulator.client import SimulatorError

from .desk import DeskError
from .fill import fill
from .house import ROOT, House, HouseError
from .places import MEMBERS, SHOPS, kept_secrets

FOLDER = ROOT / ".run" / "demo"


def main() -> int:
    began = time.monotonic()
    try:
        with stopping_once(), embedded.engines(FOLDER, say=say) as engines, supervised(FOLDER, say=say) as supervisor:
            house = House(FOLDER, engines, supervisor, *chosen_ports(), kept_secrets(FOLDER), say=say)
            say("Preparing the database, the simulator and the pages…")
            house.open(SHOPS, MEMBERS)
            say("Customers write, agents answer; this takes a little while…")
            fill(house)
            tell(house, time.monotonic() - began)
            supervisor.run()
    except KeyboardInterrupt:
        say("Stopped.")
    except (AlreadyRunning, HouseError, DeskError, SimulatorError, embedded.EmbeddedError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def chosen_ports() -> tuple[int, int]:
    """The inbox's port and the simulator's. Raises HouseError."""
    inbox, simulator = chosen_port("PORT", 8000), chosen_port("SIMULATOR_PORT", 8801)
    if inbox == simulator:
        raise HouseError(f"PORT and SIMULATOR_PORT are both {inbox}; they must differ.")
    return inbox, simulator


def chosen_port(name: str, preferred: int) -> int:
    """The port that the environment asks for, or a free one. Raises HouseError."""
    asked = os.environ.get(name, "")
    if not asked:
        return free_port(preferred)
    if not re.fullmatch("[0-9]{1,5}", asked) or not 0 < int(asked) < 65536:
        raise HouseError(f"{name} must be a port number, for example {preferred}; it is “{asked}”.")
    if free_port(int(asked)) != int(asked):
        raise HouseError(f"{name} is {asked}, and something listens there already.")
    return int(asked)


def tell(house: House, seconds: float) -> None:
    say(f"\nReady after {seconds:.0f} s.\n")
    say(f"  Inbox    http://localhost:{house.port}/")
    say(f"  Phones   http://localhost:{house.simulator_port}/\n")
    for member in MEMBERS[:4]:
        say(f"  {member.role:<6} {member.email}")
    say(f"\n  Everybody's password: {house.kept['PASSWORD']}\n")
    say(f"Logs are in {house.supervisor.logs}. Ctrl-C stops everything.")


def say(sentence: str) -> None:
    print(sentence, flush=True)


if __name__ == "__main__":
    sys.exit(main())
