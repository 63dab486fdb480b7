"""What the demo consists of: two workspaces with a simulated number each, and the people who sign in."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet


@dataclass(frozen=True)
class Member:
    name: str
    email: str
    role: str
    workspace: str


@dataclass(frozen=True)
class Shop:
    """A workspace and its number at the simulator. Ids are invented; secrets are made at each start."""

    name: str
    slug: str
    display_number: str
    phone_number_id: str
    waba_id: str
    app_id: str
    is_sandboxed: bool = False
    app_secret: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)
    access_token: str = field(default_factory=lambda: secrets.token_urlsafe(40), repr=False)
    verify_token: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)

    def simulated(self) -> dict[str, Any]:
        """This number as the simulator is told of it."""
        return {
            "id": self.phone_number_id,
            "display_number": self.display_number,
            "name": self.name,
            "waba_id": self.waba_id,
            "business_id": f"9{self.waba_id[1:]}",
            "access_token": self.access_token,
            "app_id": self.app_id,
            "app_secret": self.app_secret,
            "verify_token": self.verify_token,
        }


KOPI_KITA = Shop("Kopi Kita", "kopi-kita", "+62 811-1000-100", "100000000000001", "200000000000001", "600000000000001")
TEH_TUBRUK = Shop(
    "Teh Tubruk", "teh-tubruk", "+62 811-2000-200", "100000000000002", "200000000000002", "600000000000002", True
)
SHOPS = [KOPI_KITA, TEH_TUBRUK]

MEMBERS = [
    Member("Sari Wulandari", "sari@kopikita.example", "agent", "kopi-kita"),
    Member("Bayu Pratama", "bayu@kopikita.example", "agent", "kopi-kita"),
    Member("Intan Lestari", "intan@kopikita.example", "admin", "kopi-kita"),
    Member("Oki Santoso", "oki@kopikita.example", "ops", "kopi-kita"),
    Member("Sari Wulandari", "sari@kopikita.example", "agent", "teh-tubruk"),
    Member("Intan Lestari", "intan@kopikita.example", "admin", "teh-tubruk"),
]


def kept_secrets(folder: Path) -> dict[str, str]:
    """This clone's own SECRET_KEY, FIELD_KEYS and the password of the demo's people, made at the first start."""
    path = folder / "secrets.json"
    if path.exists():
        found: dict[str, str] = json.loads(path.read_text())
        return found
    made = {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "FIELD_KEYS": Fernet.generate_key().decode(),
        "PASSWORD": "-".join(secrets.choice(WORDS) for _ in range(4)),
    }
    folder.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(json.dumps(made))
    return made


WORDS = ["arabica", "basket", "copper", "drizzle", "ember", "filter", "grinder", "honey", "island", "kettle", "lantern"]
