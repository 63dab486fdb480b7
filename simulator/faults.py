"""What goes wrong on purpose: which calls and webhooks a fault meets, how often, and what it does to them.

Kinds that meet calls to Graph (`on` says which; "send" is POST …/messages):
    error        answers with `code` (and `status`, `details`); nothing is accepted
    fail         accepts a message, then reports it failed with `code`
    html         answers `status` (502) with a page of HTML; accepted only if `accepted`
    unreadable   answers 200 with half a JSON; accepted unless `accepted` is false
    lost_answer  closes the connection without an answer; accepted unless `accepted` is false
    slow         answers after `seconds`, having accepted at once
Kinds that meet webhooks (`word` narrows them: "message", "sent", "delivered", "read", "played", "failed", …):
    duplicate    posts it `times` times
    delay        posts it `seconds` late
    drop         never posts it
    reorder      holds `size` of them, or for `seconds`, and posts them one by one in another order
    batch        holds `size` of them, or for `seconds`, and posts them in one body
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

from . import ids
from .chance import chance
from .model import JSON
from .settings import BadSettings

CALL_KINDS = ("error", "fail", "html", "unreadable", "lost_answer", "slow")
WEBHOOK_KINDS = ("duplicate", "delay", "drop", "reorder", "batch")
PLACES = ("send", "media", "graph")
MOST_FAULTS = 200


@dataclass(slots=True)
class Fault:
    kind: str
    id: str = ""
    on: str = "send"  # which calls: send, media (upload, address and download), graph (any other)
    recipient: str = ""  # phone in digits, user id or customer id
    number_id: str = ""
    word: str = ""  # which webhooks
    skip: int = 0  # lets this many pass first: with count 1, exactly the (skip + 1)-th is met
    count: int | None = None  # then meets this many; None: until it is cleared
    probability: float = 1.0
    code: int = 131000
    status: int = 0
    details: str = ""
    seconds: float = 2.0
    times: int = 2
    size: int = 5
    accepted: bool | None = None
    met: int = 0

    @classmethod
    def read(cls, given: JSON) -> Self:
        """Raises BadSettings."""
        kinds = {one.name: kind_of(str(one.type)) for one in fields(cls) if one.name not in ("id", "met")}
        for key, value in given.items():
            if key not in kinds:
                raise BadSettings(f"A fault has no setting named {key}; it has {', '.join(kinds)}.")
            if not isinstance(value, kinds[key]) or (isinstance(value, bool) and bool not in kinds[key]):
                raise BadSettings(f"The setting {key} of a fault cannot be {value!r}.")
        fault = cls(**{"kind": "", **given})
        if fault.kind not in CALL_KINDS + WEBHOOK_KINDS:
            raise BadSettings(f"kind must be one of {', '.join(CALL_KINDS + WEBHOOK_KINDS)}.")
        if fault.on not in PLACES or (fault.kind == "fail" and fault.on != "send"):
            raise BadSettings(f"on must be one of {', '.join(PLACES)}, and fail is for send only.")
        if not (0 <= fault.seconds <= 3600 and 1 <= fault.times <= 100 and 1 <= fault.size <= 1000):
            raise BadSettings("seconds must be 0 to 3600, times 1 to 100 and size 1 to 1000.")
        fault.id, fault.recipient = ids.digits(), fault.recipient.removeprefix("+")
        return fault

    @property
    def is_spent(self) -> bool:
        return self.count is not None and self.count <= 0

    def is_accepted(self, default: bool) -> bool:
        return default if self.accepted is None else self.accepted

    def facts(self) -> JSON:
        return asdict(self)

    def meets(self, names: set[str], number_id: str) -> bool:
        """Whether this time is one of its times. Counts as met when it is."""
        if (self.recipient and self.recipient not in names) or (self.number_id and self.number_id != number_id):
            return False
        if chance.random() >= self.probability:
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        self.count = None if self.count is None else self.count - 1
        self.met += 1
        return True


class Faults:
    """The faults that are set, in the order they were set. Spent ones are removed."""

    def __init__(self) -> None:
        self.set: list[Fault] = []

    def add(self, fault: Fault) -> Fault:
        if len(self.set) >= MOST_FAULTS:
            raise BadSettings(f"There are {MOST_FAULTS} faults already: clear some first.")
        self.set.append(fault)
        return fault

    def clear(self, fault_id: str = "") -> None:
        self.set = [one for one in self.set if fault_id and one.id != fault_id]

    def of_call(self, place: str, names: Iterable[str], number_id: str) -> list[Fault]:
        """Those that meet this call: every `slow`, and the first of the others."""
        found: list[Fault] = []
        for fault in self.set:
            if fault.kind not in CALL_KINDS or fault.on != place:
                continue
            has_one = any(one.kind != "slow" for one in found)
            if (fault.kind == "slow" or not has_one) and fault.meets(set(names), number_id):
                found.append(fault)
        self.forget_spent()
        return found

    def of_webhook(self, word: str, names: Iterable[str], number_id: str) -> dict[str, Fault]:
        """Those that meet this webhook, at most one of each kind."""
        found: dict[str, Fault] = {}
        for fault in self.set:
            fits = fault.kind in WEBHOOK_KINDS and fault.kind not in found and fault.word in ("", word)
            if fits and fault.meets(set(names), number_id):
                found[fault.kind] = fault
        self.forget_spent()
        return found

    def forget_spent(self) -> None:
        if any(one.is_spent for one in self.set):
            self.set = [one for one in self.set if not one.is_spent]


def kind_of(annotation: str) -> tuple[type[Any], ...]:
    kinds: dict[str, tuple[type[Any], ...]] = {
        "str": (str,),
        "int": (int,),
        "float": (int, float),
        "int | None": (int, type(None)),
        "bool | None": (bool, type(None)),
    }
    return kinds[annotation]
