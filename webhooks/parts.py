"""One element of a change's value (a message, a status, …) → its items. Pure and total.

Where sources differ (empty strings or missing phones, two spellings of the parent id), all are read. Sources: Meta's
webhook reference for messages, statuses, user_id_update, user_preferences, smb_message_echoes and history.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from . import reading
from .items import IdentityChange, Item, Message, Notice, Person, Preference, Status
from .messages import error_details, message_fields
from .persons import Profile, Profiles, joined, person_of, recipient_of
from .reading import label, mapping, moment, text

CHANGES_OF_IDENTITY = frozenset({"user_changed_number", "user_changed_user_id", "customer_changed_number"})


class Place(NamedTuple):
    """Where an element stands: what its change says for all elements, and its own place among them."""

    base: dict[str, str]  # phone_number_id, waba_id, field
    path: str
    profiles: Profiles
    business: str  # the digits of the business's own number, "" where they are not given
    number: int = 0
    total: int = 0

    @property
    def where(self) -> dict[str, Any]:
        return {**self.base, "path": self.path}


def each(value: Any, place: Place) -> Iterator[tuple[Any, Place]]:
    """The elements of a list, each with its place; what stands in a list's stead counts as its only element."""
    elements = value if isinstance(value, list) else [] if value is None else [value]
    for number, element in enumerate(elements):
        path = f"{place.path}[{number}]"
        yield element, Place(place.base, path, place.profiles, place.business, number, len(elements))


def unreadable(value: Any, where: dict[str, Any]) -> Notice:
    return Notice(
        **where, raw=reading.fragment(value), kind="unreadable",
        problem=f"{where['path']} could not be read; the raw body is kept.",
    )  # fmt: skip


def message(one: dict[str, Any], place: Place) -> Iterator[Item]:
    change = _system_change(one, place)
    if change is not None:
        yield change
        return
    profile = place.profiles.of(_sender(one), place.number, place.total)
    yield Message(
        **place.where, **message_fields(one), person=profile.person, name=profile.name, username=profile.username
    )


def status(one: dict[str, Any], place: Place) -> Iterator[Item]:
    raw = reading.fragment(one)
    profile = place.profiles.of(recipient_of(one), place.number, place.total)
    participant = label(one.get("recipient_participant_id")) or text(one.get("recipient_participant_user_id"))
    yield Status(
        **place.where,
        raw=raw,
        wamid=reading.wamid(one.get("id"), raw),
        status=text(one.get("status"))[:40],
        provider_at=moment(one.get("timestamp")),
        callback_data=text(one.get("biz_opaque_callback_data"))[:512],
        recipient=profile.person,
        participant=participant[:140],
        name=profile.name,
        username=profile.username,
        errors=error_details(one.get("errors")),
    )


def id_update(one: dict[str, Any], place: Place) -> Iterator[Item]:
    raw = reading.fragment(one)
    ids, parents = mapping(one.get("user_id")), mapping(one.get("parent_user_id"))
    current = {"wa_id": one.get("wa_id"), "user_id": ids.get("current"), "parent": parents.get("current")}
    previous = {"user_id": ids.get("previous"), "parent": parents.get("previous")}
    yield IdentityChange(
        **place.where,
        raw=raw,
        wamid=reading.wamid(None, raw),
        previous=person_of(previous, "wa_id", "user_id", "parent"),
        current=person_of(current, "wa_id", "user_id", "parent"),
        kind="user_id_update",
        text=text(one.get("detail")),
        provider_at=moment(one.get("timestamp")),
    )


def preference(one: dict[str, Any], place: Place) -> Iterator[Item]:
    person = person_of(one, "wa_id", "user_id", "parent_user_id")
    yield Preference(
        **place.where,
        raw=reading.fragment(one),
        person=place.profiles.of(person, place.number, place.total).person,
        category=text(one.get("category"))[:60],
        value=text(one.get("value"))[:40],
        text=text(one.get("detail")),
        provider_at=moment(one.get("timestamp")),
    )


def echo(one: dict[str, Any], place: Place) -> Iterator[Item]:
    """What the business wrote in its phone app."""
    profile = place.profiles.of(_addressee(one), place.number, place.total)
    yield Message(
        **place.where, **message_fields(one), person=profile.person, is_outgoing=True, source="echo",
        name=profile.name, username=profile.username,
    )  # fmt: skip


def history(one: dict[str, Any], place: Place) -> Iterator[Item]:
    """A chunk of past days: how far the import is and whose threads it holds; then the messages of each."""
    heads = [_without(thread, "messages") for thread, _ in each(one.get("threads"), place)]
    raw = reading.fragment({**_without(one, "threads"), "threads": heads})
    yield Notice(**place.where, raw=raw, kind="history", errors=error_details(one.get("errors")))
    threads = Place(place.base, f"{place.path}.threads", place.profiles, place.business)
    for thread, spot in each(one.get("threads"), threads):
        if not isinstance(thread, dict) or not isinstance(thread.get("messages"), list | dict):
            yield unreadable(thread, spot.where)
            continue
        customer = _customer(thread)
        inside = Place(spot.base, f"{spot.path}.messages", spot.profiles, spot.business)
        for past, at in each(thread["messages"], inside):
            yield _past_message(past, at, customer) if isinstance(past, dict) else unreadable(past, at.where)


def _without(value: Any, key: str) -> Any:
    return {name: one for name, one in value.items() if name != key} if isinstance(value, dict) else value


def _customer(thread: dict[str, Any]) -> Profile:
    context = mapping(thread.get("context"))
    ids = person_of(context, "wa_id", "user_id", "parent_user_id")
    username = text(context.get("username")).removeprefix("@")[:120]
    return Profile(joined(person_of(thread, "id", "user_id", "parent_user_id"), ids), username=username)


def _past_message(one: dict[str, Any], place: Place, customer: Profile) -> Message:
    sender, addressee = _sender(one), _addressee(one)
    # `to` stands only on what the business wrote; its own number may not be given.
    is_ours = sender.phone == place.business if place.business else bool(addressee)
    profile = place.profiles.of(customer.person or (addressee if is_ours else sender))
    context = mapping(one.get("history_context"))
    return Message(
        **place.where, **message_fields(one), person=profile.person, is_outgoing=is_ours, source="history",
        name=profile.name, username=profile.username or customer.username,
        history_status=text(context.get("status")).upper()[:20],
    )  # fmt: skip


def action(one: dict[str, Any], place: Place) -> Iterator[Item]:
    kind = text(one.get("action_type"))[:60] or "user_actions"
    yield Notice(**place.where, raw=reading.fragment(one), kind=kind)


def error(one: dict[str, Any], place: Place) -> Iterator[Item]:
    yield Notice(**place.where, raw=reading.fragment(one), kind="errors", errors=error_details(one))


def _sender(one: dict[str, Any]) -> Person:
    return person_of(one, "from", "from_user_id", "from_parent_user_id")


def _addressee(one: dict[str, Any]) -> Person:
    return person_of(one, "to", "to_user_id", "to_parent_user_id")


def _system_change(one: dict[str, Any], place: Place) -> IdentityChange | None:
    """A `system` message that says somebody's number or BSUID was replaced; None for all other messages.

    One that does not say by what changes nothing: it is drawn as the message it is.
    """
    system = mapping(one.get("system"))
    kind = text(system.get("type"))
    current = person_of(system, "wa_id", "user_id", "parent_user_id")
    if one.get("type") != "system" or kind not in CHANGES_OF_IDENTITY or not current:
        return None
    raw = reading.fragment(one)
    return IdentityChange(
        **place.where,
        raw=raw,
        wamid=reading.wamid(one.get("id"), raw),
        previous=_sender(one),
        current=current,
        kind=kind,
        text=text(system.get("body")),
        provider_at=moment(one.get("timestamp")),
    )


PARTS: dict[str, Callable[[dict[str, Any], Place], Iterator[Item]]] = {
    "messages": message,
    "statuses": status,
    "user_id_update": id_update,
    "user_preferences": preference,
    "message_echoes": echo,
    "history": history,
    "user_actions": action,
    "errors": error,
}
