"""What can be set about the simulated world: its numbers at the start, its pace and its limits."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal, Self

from .model import JSON


class BadSettings(ValueError):  # noqa: N818
    """The message says in a sentence what cannot be used."""


@dataclass(slots=True)
class NumberSpec:
    """A business number with the accounts around it. What names an app or account again need not repeat its facts."""

    id: str = "100000000000001"
    display_number: str = "+1 555-010-0000"
    name: str = "Simulated business"
    account_mode: Literal["LIVE", "SANDBOX"] = "LIVE"
    allowed: list[str] = field(default_factory=list)
    waba_id: str = "200000000000002"
    business_id: str = ""
    access_token: str = "simulator-access-token"  # noqa: S105 - there is nothing behind it
    app_id: str = "600000000000006"
    app_secret: str = "simulator-app-secret"  # noqa: S105
    verify_token: str = "simulator-verify-token"  # noqa: S105
    callback_url: str = ""
    webhook_version: str = "v25.0"
    is_subscribed: bool = True

    @classmethod
    def read(cls, given: JSON) -> Self:
        """Raises BadSettings for a key there is not, or a value that is not of its kind."""
        known: dict[str, Any] = {
            one.name: one.default if isinstance(one.default, (str, bool)) else [] for one in fields(cls)
        }
        for key, value in given.items():
            if key not in known:
                raise BadSettings(f"A number has no setting named {key}; it has {', '.join(known)}.")
            if not isinstance(value, type(known[key])):
                raise BadSettings(f"The setting {key} of a number must be a {type(known[key]).__name__}.")
        if given.get("account_mode", "LIVE") not in ("LIVE", "SANDBOX"):
            raise BadSettings("account_mode must be LIVE or SANDBOX.")
        return cls(**given)


@dataclass(slots=True)
class Pace:
    """How fast things happen and what is limited. Durations are multiplied by `latency`; 0 is as fast as can be."""

    latency: float = 1.0
    pair_limit: bool = True  # 1 message in 6 s to one person, 45 at once
    throughput: int = 80  # messages a second and number; 0: no limit
    window: Literal["answer", "receipt", "off"] = "answer"  # how 131047 is told
    management_calls: int = 5000  # an hour, for an app and a business account; 0: no limit
    webhook_seconds: float = 10.0  # how long we wait for an answer to a webhook
    retry_cap: float = 60.0  # the longest pause between two tries of a webhook

    def change(self, given: JSON) -> None:
        """Raises BadSettings."""
        for key, value in given.items():
            if key not in {one.name for one in fields(self)}:
                raise BadSettings(f"There is no setting named {key}; there are {', '.join(asdict(self))}.")
            setattr(self, key, self.checked(key, value))

    def checked(self, key: str, value: Any) -> Any:
        if key == "window":
            if value not in ("answer", "receipt", "off"):
                raise BadSettings("window must be answer, receipt or off.")
            return value
        if key == "pair_limit":
            if not isinstance(value, bool):
                raise BadSettings("pair_limit must be true or false.")
            return value
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 10**6:
            raise BadSettings(f"{key} must be a number from 0 to 1000000.")
        return int(value) if key in ("throughput", "management_calls") else float(value)


@dataclass(slots=True)
class Setup:
    """How a world begins, and begins again when it is reset."""

    numbers: list[NumberSpec] = field(default_factory=lambda: [NumberSpec()])
    customers: list[JSON] = field(default_factory=list)
    pace: JSON = field(default_factory=dict)
    base_url: str = ""  # how others reach us
