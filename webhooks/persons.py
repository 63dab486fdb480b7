"""How payloads name people: phones, BSUIDs and parent BSUIDs, each of which may be missing, empty or misplaced."""

from __future__ import annotations

from typing import Any, NamedTuple

from .items import Person
from .reading import bsuid, mapping, phone, sequence, text

NOBODY = Person()


class Profile(NamedTuple):
    person: Person = NOBODY
    name: str = ""
    username: str = ""


class Profiles:
    """The `contacts` of a value: what else a payload says of the people its elements name."""

    def __init__(self, contacts: Any) -> None:
        self._all = [_profile(contact) for contact in sequence(contacts)]
        self._by_id: dict[str, Profile] = {}
        for profile in self._all:
            for given in (profile.person.phone, profile.person.bsuid):
                if given:
                    self._by_id[given] = profile

    def of(self, person: Person, number: int = 0, count: int = 0) -> Profile:
        """The person with all ids known of them, their name and their username.

        A contact is theirs if it shares an id. By its place alone (`number` of `count` elements) it is theirs only
        where nothing speaks against it: a name on the wrong person is worse than none.
        """
        found = self._by_id.get(person.bsuid) or self._by_id.get(person.phone)
        if found is not None:
            is_theirs = not (person.bsuid and found.person.bsuid) or person.bsuid == found.person.bsuid
        else:
            found = self._at(person, number, count)
            is_theirs = found is not None and _agree(person, found.person)
        if found is None or not is_theirs:
            return Profile(person)
        return Profile(joined(person, found.person), found.name, found.username)

    def _at(self, person: Person, number: int, count: int) -> Profile | None:
        if not count or len(self._all) != count:
            return None
        found = self._all[number]
        return found if count == 1 or not person or not found.person else None


def person_of(source: dict[str, Any], phone_key: str, bsuid_key: str, parent_key: str) -> Person:
    given_phone, given_bsuid = source.get(phone_key), bsuid(source.get(bsuid_key))
    parent = bsuid(source.get(parent_key))
    misplaced = bsuid(given_phone)
    if ".ENT." in misplaced:
        parent, misplaced = parent or misplaced, ""
    return Person(phone(given_phone), given_bsuid or misplaced, parent)


def recipient_of(status: dict[str, Any]) -> Person:
    """Whom a status is about; in a group, where `recipient_id` is the group, its participant."""
    if status.get("recipient_type") == "group":
        return person_of(
            status,
            "recipient_participant_id",
            "recipient_participant_user_id",
            "recipient_participant_parent_user_id",
        )
    parent_key = "recipient_parent_user_id"  # the parent's key has had two spellings
    if parent_key not in status:
        parent_key = "parent_recipient_user_id"
    return person_of(status, "recipient_id", "recipient_user_id", parent_key)


def _agree(one: Person, other: Person) -> bool:
    pairs = ((one.phone, other.phone), (one.bsuid, other.bsuid), (one.parent_bsuid, other.parent_bsuid))
    return all(not mine or not theirs or mine == theirs for mine, theirs in pairs)


def joined(one: Person, other: Person) -> Person:
    return Person(one.phone or other.phone, one.bsuid or other.bsuid, one.parent_bsuid or other.parent_bsuid)


def _profile(contact: Any) -> Profile:
    known = mapping(contact)
    profile = mapping(known.get("profile"))
    return Profile(
        person=person_of(known, "wa_id", "user_id", "parent_user_id"),
        name=" ".join(text(profile.get("name")).split())[:200],
        username=text(profile.get("username")).removeprefix("@")[:120],
    )
