"""How payloads name people: phones, BSUIDs and parent BSUIDs, each of which may be missing, empty or misplaced."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .items import Person
from .reading import bsuid, mapping, phone, text


@dataclass(frozen=True, slots=True)
class Profile:
    person: Person = field(default_factory=Person)
    name: str = ""
    username: str = ""


NOBODY = Profile()


class Profiles:
    """The `contacts` of a value, found by either id; by position only where the payload has one for each message."""

    def __init__(self, contacts: list[Any]) -> None:
        self._all = [_profile(contact) for contact in contacts]
        self._by_id: dict[str, Profile] = {}
        for profile in self._all:
            for given in (profile.person.phone, profile.person.bsuid):
                if given:
                    self._by_id[given] = profile

    def __len__(self) -> int:
        return len(self._all)

    def of(self, person: Person, position: int | None) -> Profile:
        found = self._by_id.get(person.bsuid) if person.bsuid else None
        found = found or (self._by_id.get(person.phone) if person.phone else None)
        if found is None and position is not None and position < len(self._all):
            found = self._all[position]
            if person and found.person:
                return NOBODY  # it names somebody else
        return found or NOBODY


def person_of(source: dict[str, Any], phone_key: str, bsuid_key: str, parent_key: str) -> Person:
    given_phone, given_bsuid = source.get(phone_key), bsuid(source.get(bsuid_key))
    parent = bsuid(source.get(parent_key))
    misplaced = bsuid(given_phone)
    if ".ENT." in misplaced:
        parent, misplaced = parent or misplaced, ""
    return Person(phone(given_phone), given_bsuid or misplaced, parent)


def recipient_of(status: dict[str, Any]) -> Person:
    """Whom a status is about; the parent's key has had two spellings."""
    parent_key = "recipient_parent_user_id"
    if parent_key not in status:
        parent_key = "parent_recipient_user_id"
    return person_of(status, "recipient_id", "recipient_user_id", parent_key)


def _profile(contact: Any) -> Profile:
    known = mapping(contact)
    profile = mapping(known.get("profile"))
    return Profile(
        person=person_of(known, "wa_id", "user_id", "parent_user_id"),
        name=" ".join(text(profile.get("name")).split())[:200],
        username=text(profile.get("username")).removeprefix("@")[:120],
    )
