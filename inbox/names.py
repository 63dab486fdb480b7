"""What a person and a number are called on a screen."""

from __future__ import annotations

from collections.abc import Iterable

import phonenumbers

from connections.models import Connection

from .models import Contact, Identity


def phone_as_written(digits: str) -> str:
    """+62 812-3456-7890 for "6281234567890"; a number that is none keeps its digits."""
    try:
        number = phonenumbers.parse(f"+{digits}")
    except phonenumbers.NumberParseException:
        return f"+{digits}"
    if not phonenumbers.is_possible_number(number):
        return f"+{digits}"
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL))


def name_of(contact: Contact, identities: Iterable[Identity] = ()) -> str:
    """The name they gave, else their username, else their number, else Meta's id for them."""
    if contact.name.strip():
        return contact.name
    if contact.username:
        return f"@{contact.username}"
    known = sorted(identities, key=lambda identity: (identity.kind != Identity.Kind.PHONE, identity.pk))
    return address_of(known[0]) if known else "Somebody without a name"


def identities_of(contact: Contact) -> list[Identity]:
    """What `name_of` needs to know of somebody: nothing, unless they have neither name nor username."""
    return [] if contact.name.strip() or contact.username else list(contact.identities.all())


def address_of(identity: Identity) -> str:
    return node_as_written((identity.kind, identity.value))


def node_as_written(node: tuple[str, str]) -> str:
    kind, value = node
    return phone_as_written(value) if kind == Identity.Kind.PHONE else value


def to_label(contact: Contact, identity: Identity | None) -> str:
    """Where a reply goes, and by which kind of identity: "+62 812 … (phone)", "TR.9f00… (username)"."""
    if identity is None:
        return "Nobody: they have not written yet"
    if identity.kind == Identity.Kind.PHONE:
        return f"{address_of(identity)} (phone)"
    return f"{identity.value} (username @{contact.username})" if contact.username else f"{identity.value} (WhatsApp id)"


def from_label(connection: Connection) -> str:
    digits = "".join(character for character in connection.display_phone_number if character.isdigit())
    number = phone_as_written(digits) if digits else f"number id {connection.phone_number_id}"
    return f"{connection.name} · {number}"
