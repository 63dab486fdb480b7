"""Webhook body → typed items. Pure and total: it never raises, and whatever it does not know it keeps.

Every entry, change, message, status and error is walked: Meta batches, and mixes numbers. The shapes are those of
Meta's webhook reference; where sources differ (empty strings or missing phones, two spellings of the parent id), all
are read.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from . import reading
from .items import IdentityChange, Item, Message, Notice, Parsed, Preference, Status
from .messages import error_details, message_fields
from .persons import Profiles, person_of, recipient_of
from .reading import label, mapping, moment, sequence, text

JUNK = "{what} could not be read; the raw body is kept."


def parse(body: bytes) -> Parsed:
    """All of a body. `problem` is "" where everything was understood."""
    try:
        document = reading.loads(body)
    except (ValueError, RecursionError):
        return Parsed(problem="This is not JSON; the raw body is kept.")
    if not isinstance(document, dict):
        return Parsed(problem="The body is JSON, but not an object.")
    walk = _Walk()
    items = tuple(walk.document(document))
    problem = walk.problem
    if not items and not problem:
        problem = "Nothing that we know stands in this body."
    return Parsed(items, problem)


class _Walk:
    """One pass over a document, remembering the first thing that could not be read."""

    def __init__(self) -> None:
        self.problem = ""

    def document(self, document: dict[str, Any]) -> Iterator[Item]:
        for number, entry in enumerate(self._each(document.get("entry"), "entry")):
            entry_id = label(entry.get("id"))
            for place, change in enumerate(self._each(entry.get("changes"), "changes")):
                path = f"entry[{number}].changes[{place}].value"
                yield from self._change(entry_id, change, path)

    def _each(self, value: Any, what: str) -> list[dict[str, Any]]:
        found = sequence(value)
        if value is not None and not isinstance(value, list):
            self._stumble(what)
        if any(not isinstance(one, dict) for one in found):
            self._stumble(f"A part of {what}")
        return [one for one in found if isinstance(one, dict)]

    def _stumble(self, what: str) -> None:
        self.problem = self.problem or JUNK.format(what=what)

    def _change(self, entry_id: str, change: dict[str, Any], path: str) -> Iterator[Item]:
        field, value = text(change.get("field")), change.get("value")
        if not isinstance(value, dict):
            self._stumble("A change without a value")
            yield Notice(waba_id=entry_id, field=field, path=path, raw=reading.fragment(change), kind=field)
            return
        metadata = mapping(value.get("metadata"))
        base: dict[str, Any] = {
            "phone_number_id": label(metadata.get("phone_number_id"))[:64],
            "waba_id": entry_id,
            "field": field,
        }
        business = reading.phone(metadata.get("display_phone_number"))
        profiles = Profiles(sequence(value.get("contacts")))
        seen = False
        for key, read in (
            ("messages", self._messages),
            ("statuses", self._statuses),
            ("user_id_update", self._id_updates),
            ("user_preferences", self._preferences),
            ("message_echoes", self._echoes),
            ("history", self._history),
            ("user_actions", self._notices),
            ("errors", self._notices),
        ):
            if key in value:
                seen = True
                yield from read(value[key], base, f"{path}.{key}", profiles, business)
        if not seen:
            yield Notice(**base, path=path, raw=reading.fragment(value), kind=text(value.get("event")) or field)

    def _messages(self, value: Any, base: dict[str, Any], path: str, profiles: Profiles, _: str) -> Iterator[Item]:
        messages = self._each(value, "messages")
        for number, message in enumerate(messages):
            where = {**base, "path": f"{path}[{number}]"}
            change = _system_change(message, where)
            if change is not None:
                yield change
                continue
            person = person_of(message, "from", "from_user_id", "from_parent_user_id")
            profile = profiles.of(person, number if len(messages) == len(profiles) else None)
            yield Message(
                **where, **message_fields(message), person=person or profile.person,
                name=profile.name, username=profile.username,
            )  # fmt: skip

    def _statuses(self, value: Any, base: dict[str, Any], path: str, profiles: Profiles, _: str) -> Iterator[Item]:
        for number, status in enumerate(self._each(value, "statuses")):
            raw = reading.fragment(status)
            recipient = recipient_of(status)
            profile = profiles.of(recipient, 0 if len(profiles) == 1 else None)
            yield Status(
                **base,
                path=f"{path}[{number}]",
                raw=raw,
                wamid=reading.wamid(status.get("id"), raw),
                status=text(status.get("status"))[:40],
                provider_at=moment(status.get("timestamp")),
                callback_data=text(status.get("biz_opaque_callback_data"))[:512],
                recipient=recipient,
                participant=(
                    label(status.get("recipient_participant_id")) or text(status.get("recipient_participant_user_id"))
                ),
                name=profile.name,
                username=profile.username,
                errors=error_details(status.get("errors")),
            )

    def _id_updates(self, value: Any, base: dict[str, Any], path: str, *_: Any) -> Iterator[Item]:
        for number, update in enumerate(self._each(value, "user_id_update")):
            raw = reading.fragment(update)
            ids, parents = mapping(update.get("user_id")), mapping(update.get("parent_user_id"))
            current = {"wa_id": update.get("wa_id"), "user_id": ids.get("current"), "parent": parents.get("current")}
            previous = {"user_id": ids.get("previous"), "parent": parents.get("previous")}
            yield IdentityChange(
                **base,
                path=f"{path}[{number}]",
                raw=raw,
                wamid=reading.wamid(None, raw),
                previous=person_of(previous, "wa_id", "user_id", "parent"),
                current=person_of(current, "wa_id", "user_id", "parent"),
                kind="user_id_update",
                text=text(update.get("detail")),
                provider_at=moment(update.get("timestamp")),
            )

    def _preferences(self, value: Any, base: dict[str, Any], path: str, *_: Any) -> Iterator[Item]:
        for number, preference in enumerate(self._each(value, "user_preferences")):
            yield Preference(
                **base,
                path=f"{path}[{number}]",
                raw=reading.fragment(preference),
                person=person_of(preference, "wa_id", "user_id", "parent_user_id"),
                category=text(preference.get("category"))[:60],
                value=text(preference.get("value"))[:40],
                text=text(preference.get("detail")),
                provider_at=moment(preference.get("timestamp")),
            )

    def _echoes(self, value: Any, base: dict[str, Any], path: str, profiles: Profiles, _: str) -> Iterator[Item]:
        for number, echo in enumerate(self._each(value, "message_echoes")):
            person = person_of(echo, "to", "to_user_id", "to_parent_user_id")
            profile = profiles.of(person, None)
            yield Message(
                **base, path=f"{path}[{number}]", **message_fields(echo), person=person,
                is_outgoing=True, source="echo", name=profile.name, username=profile.username,
            )  # fmt: skip

    def _history(
        self, value: Any, base: dict[str, Any], path: str, profiles: Profiles, business: str
    ) -> Iterator[Item]:
        for number, chunk in enumerate(self._each(value, "history")):
            threads = self._each(chunk.get("threads"), "threads")
            for place, thread in enumerate(threads):
                where = f"{path}[{number}].threads[{place}].messages"
                person = person_of(thread, "id", "user_id", "parent_user_id")
                for index, message in enumerate(self._each(thread.get("messages"), "messages")):
                    is_ours = bool(business) and reading.phone(message.get("from")) == business
                    theirs = person_of(message, "from", "from_user_id", "from_parent_user_id")
                    who = person or (person_of(message, "to", "to_user_id", "to_parent_user_id") if is_ours else theirs)
                    profile = profiles.of(who, None)
                    context = mapping(message.get("history_context"))
                    yield Message(
                        **base, path=f"{where}[{index}]", **message_fields(message), person=who,
                        is_outgoing=is_ours, source="history", name=profile.name, username=profile.username,
                        history_status=text(context.get("status")).upper()[:20],
                    )  # fmt: skip
            if not threads:
                raw = reading.fragment(chunk)
                errors = error_details(chunk.get("errors"))
                yield Notice(**base, path=f"{path}[{number}]", raw=raw, kind="history", errors=errors)

    def _notices(self, value: Any, base: dict[str, Any], path: str, *_: Any) -> Iterator[Item]:
        kind = path.rpartition(".")[2]
        for number, one in enumerate(self._each(value, kind)):
            errors = error_details([one]) if kind == "errors" else ()
            named = text(one.get("action_type")) or kind
            yield Notice(**base, path=f"{path}[{number}]", raw=reading.fragment(one), kind=named, errors=errors)


CHANGES_OF_IDENTITY = frozenset({"user_changed_number", "user_changed_user_id", "customer_changed_number"})


def _system_change(message: dict[str, Any], where: dict[str, Any]) -> IdentityChange | None:
    """A `system` message that says somebody's number or BSUID was replaced; None for all other messages."""
    system = mapping(message.get("system"))
    kind = text(system.get("type"))
    if message.get("type") != "system" or kind not in CHANGES_OF_IDENTITY:
        return None
    current = person_of(system, "wa_id", "user_id", "parent_user_id")
    previous = person_of(message, "from", "from_user_id", "from_parent_user_id")
    raw = reading.fragment(message)
    return IdentityChange(
        **where,
        raw=raw,
        wamid=reading.wamid(message.get("id"), raw),
        previous=previous,
        current=current,
        kind=kind,
        text=text(system.get("body")),
        provider_at=moment(message.get("timestamp")),
    )
