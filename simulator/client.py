"""A client for tests and demos: it plays the customers, sets faults and sees what a business sent.

    with running() as sim:
        ayla = sim.customer(phone="+62 812-0000-0001", name="Ayla")
        wamid = ayla.says("hi")
        reply = sim.wait_for_sent(text="hello")[0]
        sim.receipt(reply["wamid"], "read")

It knows the simulator by its address only, wherever that runs.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar

import httpx

JSON = dict[str, Any]
T = TypeVar("T")

SECONDS_TO_WAIT = 10.0
LOOK = 0.02


class SimulatorError(Exception):
    """The simulator refused; the message is its own sentence."""


class Simulator:
    """One simulator. Methods raise SimulatorError when it refuses and httpx.HTTPError when it cannot be reached."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self.http = httpx.Client(base_url=self.url, trust_env=False, timeout=30)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def ask(self, method: str, path: str, given: JSON | None = None, query: Mapping[str, str] | None = None) -> JSON:
        """Any call of the control API (`control/api.py` lists them)."""
        answer = self.http.request(method, f"/_sim{path}", json=given, params=query)
        return told(answer)

    def state(self) -> JSON:
        return self.ask("GET", "/state")

    def reset(self) -> None:
        """Back to how it was started. Numbers added since are gone."""
        self.ask("POST", "/reset", {})

    def pace(self, **settings: Any) -> JSON:
        return self.ask("POST", "/pace", settings)

    def number(self, number_id: str = "") -> JSON:
        """What a client of the API needs to know of a number, secrets included; of the first, where none is named."""
        numbers: list[JSON] = self.state()["numbers"]
        return next(one for one in numbers if number_id in ("", one["id"]))

    def add_number(self, **spec: Any) -> JSON:
        return self.ask("POST", "/numbers", spec)

    def token(self, value: str, **facts: Any) -> JSON:
        """An access token, made or changed: `scopes`, `app_id`, `waba_ids`, `expires_at`, `data_access_expires_at`."""
        return self.ask("POST", "/tokens", {"value": value, **facts})

    def customer(self, phone: str = "", name: str = "", **facts: Any) -> Customer:
        """A person with a phone, or with `username` alone. Who has the phone already is given back, changed."""
        return Customer(self, self.ask("POST", "/customers", {"phone": phone, "name": name, **facts}))

    def customers(self) -> list[Customer]:
        return [Customer(self, one) for one in self.ask("GET", "/customers")["customers"]]

    def upload(self, content: bytes, mime_type: str, *, filename: str = "", number_id: str = "") -> str:
        """A file for a customer to send: its media id."""
        query = {"number_id": number_id, "filename": filename}
        answer = self.http.post("/_sim/media", params=query, content=content, headers={"Content-Type": mime_type})
        return str(told(answer)["media_id"])

    def sent(self, **narrow: str) -> list[JSON]:
        """Messages accepted from businesses, oldest first, each with `posted`: all that was in the request.

        `number_id`, `customer_id` and `callback_data` narrow them.
        """
        found: list[JSON] = self.ask("GET", "/sent", query=narrow)["messages"]
        return found

    def received(self, customer_id: str = "") -> list[JSON]:
        found: list[JSON] = self.ask("GET", "/received", query={"customer_id": customer_id})["messages"]
        return found

    def calls(self) -> list[JSON]:
        """Every call to Graph. A status of 0: the connection was closed instead of an answer."""
        found: list[JSON] = self.ask("GET", "/calls")["calls"]
        return found

    def receipt(self, wamid: str, status: str, **more: Any) -> JSON:
        """Reports a message sent, delivered, read, played or failed (with `code`), as of `at`; as often as asked."""
        return self.ask("POST", "/receipts", {"wamid": wamid, "status": status, **more})

    def fault(self, kind: str, **settings: Any) -> str:
        """Sets a fault (`faults.py` says which there are) and gives its id."""
        return str(self.ask("POST", "/faults", {"kind": kind, **settings})["id"])

    def faults(self) -> list[JSON]:
        found: list[JSON] = self.ask("GET", "/faults")["faults"]
        return found

    def clear_faults(self, fault_id: str = "") -> None:
        self.ask("DELETE", f"/faults/{fault_id}" if fault_id else "/faults")

    def deliveries(self) -> list[JSON]:
        """Webhooks, oldest first: state, attempts, the last HTTP status, and the body as it was posted."""
        found: list[JSON] = self.ask("GET", "/deliveries")["deliveries"]
        return found

    def deliver_now(self) -> None:
        """Tries at once what is waiting for its next try."""
        self.ask("POST", "/deliveries/now", {})

    def webhook(self, body: JSON | bytes, **which: str) -> JSON:
        """Signs and posts any body to the callback of an app (`app_id`) or of a number (`number_id`)."""
        if isinstance(body, bytes):
            return self.ask("POST", "/webhooks", {"raw_base64": base64.b64encode(body).decode(), **which})
        return self.ask("POST", "/webhooks", {"body": body, **which})

    def change(self, field_name: str, value: JSON, **which: str) -> JSON:
        """Signs and posts one change of any field."""
        return self.ask("POST", "/webhooks", {"field": field_name, "value": value, **which})

    def set_callback(self, url: str, **which: str) -> None:
        self.ask("POST", "/callback", {"callback_url": url, **which})

    def handshake(self, **which: str) -> str:
        """Does Meta's handshake with the callback. Gives what is wrong in a sentence, or ""."""
        return str(self.ask("POST", "/handshake", which)["problem"])

    def template(self, name: str, body: str = "", **facts: Any) -> JSON:
        """A template, approved unless `status` says otherwise; `components` instead of `body` for more than a text."""
        components = [{"type": "BODY", "text": body}]
        return self.ask("POST", "/templates", {"name": name, "components": components, **facts})

    def history(self, threads: list[JSON], **more: Any) -> JSON:
        """A history webhook with past messages: see `control/history.py`."""
        return self.ask("POST", "/history", {"threads": threads, **more})

    def echo(self, customer: Customer, text: str, **more: Any) -> str:
        """A message that the business wrote on its own phone, told to us as smb_message_echoes: its wamid."""
        given = {"customer_id": customer.id, "text": text, **more}
        return str(self.ask("POST", "/echoes", given)["wamid"])

    def wait_for(self, look: Callable[[], T], seconds: float = SECONDS_TO_WAIT) -> T:
        """Looks until there is something to see, and gives it. Raises TimeoutError."""
        deadline = time.monotonic() + seconds
        while True:
            if found := look():
                return found
            if time.monotonic() > deadline:
                raise TimeoutError("What was waited for did not come.")
            time.sleep(LOOK)

    def wait_for_sent(self, count: int = 1, *, seconds: float = SECONDS_TO_WAIT, **narrow: str) -> list[JSON]:
        """Waits for that many messages from businesses. `text` narrows them too."""
        text = narrow.pop("text", None)

        def look() -> list[JSON]:
            found = [one for one in self.sent(**narrow) if text in (None, one["text"])]
            return found if len(found) >= count else []

        return self.wait_for(look, seconds)

    def wait_for_quiet(self, seconds: float = SECONDS_TO_WAIT) -> None:
        """Waits until no webhook is on its way."""
        self.wait_for(lambda: self.state()["webhooks_waiting"] == 0, seconds)


@dataclass
class Customer:
    """A person with WhatsApp. Whatever they send gives its wamid."""

    sim: Simulator
    facts: JSON = field(repr=False)

    @property
    def id(self) -> str:
        return str(self.facts["id"])

    @property
    def phone(self) -> str:
        """In digits; empty for someone who has only a username."""
        return str(self.facts["phone"])

    @property
    def user_id(self) -> str:
        """Their business-scoped user id at the first number's business."""
        return str(next(iter(self.facts["user_ids"].values())))

    def user_id_at(self, number_id: str) -> str:
        return str(self.facts["user_ids"][number_id])

    def sends(self, message: JSON, *, to: str = "", **controls: Any) -> str:
        """Any message: `to` is the number's id, `at` when it was written, `reply_to` the wamid it answers."""
        given = {**message, **controls} | ({"number_id": to} if to else {})
        return str(self.sim.ask("POST", f"/customers/{self.id}/messages", given)["wamid"])

    def says(self, text: str, **controls: Any) -> str:
        return self.sends({"type": "text", "text": {"body": text}}, **controls)

    def sends_file(self, kind: str, content: bytes | None = None, mime_type: str = "", **controls: Any) -> str:
        """A file as image, audio, video, document or sticker; without bytes, a sample."""
        if content is None:
            return self.sends({"type": kind, "sample": kind}, **controls)
        number_id, filename = str(controls.get("to", "")), str(controls.pop("filename", ""))
        media_id = self.sim.upload(content, mime_type, filename=filename, number_id=number_id)
        return self.sends({"type": kind, "media_id": media_id}, **controls)

    def reacts(self, wamid: str, emoji: str, **controls: Any) -> str:
        """An empty emoji takes the reaction back."""
        return self.sends({"type": "reaction", "reaction": {"message_id": wamid, "emoji": emoji}}, **controls)

    def taps(self, wamid: str, choice: str, **controls: Any) -> str:
        """Taps a button or row, named by its id or title, of a business's message."""
        return self.sends({"tap": wamid, "choice": choice}, **controls)

    def sends_location(self, latitude: float, longitude: float, **controls: Any) -> str:
        return self.sends({"type": "location", "location": {"latitude": latitude, "longitude": longitude}}, **controls)

    def sends_contact(self, name: str, phone: str, **controls: Any) -> str:
        card = {"name": {"formatted_name": name, "first_name": name}, "phones": [{"phone": phone, "type": "CELL"}]}
        return self.sends({"type": "contacts", "contacts": [card]}, **controls)

    def sends_unsupported(self, kind: str = "poll_creation", **controls: Any) -> str:
        """Something that Meta does not pass on: `edit`, `poll_creation`, `pin` and so on."""
        error: JSON = {"code": 131051, "title": "Message type unknown", "message": "Message type unknown"}
        error["error_data"] = {"details": "Message type is currently not supported."}
        return self.sends({"type": "unsupported", "unsupported": {"type": kind}, "errors": [error]}, **controls)

    def stops_marketing(self, **where: str) -> None:
        self.sim.ask("POST", f"/customers/{self.id}/marketing", {"stopped": True, **where})

    def resumes_marketing(self, **where: str) -> None:
        self.sim.ask("POST", f"/customers/{self.id}/marketing", {"stopped": False, **where})

    def changes_number(self, phone: str, **where: str) -> None:
        """A new phone, and with it a new user id."""
        self.facts = self.sim.ask("POST", f"/customers/{self.id}/number", {"phone": phone, **where})

    def change(self, **facts: Any) -> None:
        """`is_reachable`, `receipts`, `reads`, `username`, `hides_phone`, `blocks` and so on."""
        self.facts = self.sim.ask("POST", f"/customers/{self.id}", facts)

    def reads(self, wamid: str) -> None:
        self.sim.receipt(wamid, "read")


def told(answer: httpx.Response) -> JSON:
    found: Any = answer.json()
    if answer.status_code != 200:
        raise SimulatorError(found.get("error", f"HTTP {answer.status_code}"))
    assert isinstance(found, dict)
    return found
