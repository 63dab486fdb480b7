"""Conversations found by a person's name, username or number."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from .models import Contact, Conversation, Identity

LONGEST = 100
# A trigram index has nothing to look up for fewer letters, so those are only looked for where a word begins; and fewer
# digits, which every third number contains, only in names.
SHORTEST_INSIDE = 3


def matching(conversations: QuerySet[Conversation], workspace_id: int, words: str) -> QuerySet[Conversation]:
    """Those whose person has these words in the name or username, or these digits in a number.

    Digits are compared without spaces, signs and leading zeros, so that 0812-345 finds +62 812 345….
    """
    words = tidied(words)
    return conversations.filter(contact_id__in=people(workspace_id, words)) if words else conversations


def tidied(words: str) -> str:
    return " ".join(words.replace("\x00", " ").split())[:LONGEST]


def people(workspace_id: int, words: str) -> QuerySet[Any, Any]:
    """The ids of the contacts that tidied words find."""
    found = Contact.objects.filter(_named(words), workspace_id=workspace_id).order_by().values("id")
    held = Identity.objects.filter(workspace_id=workspace_id, contact__isnull=False).order_by().values("contact_id")
    digits = digits_of(words)
    if len(digits) >= SHORTEST_INSIDE:
        found = found.union(held.filter(kind=Identity.Kind.PHONE, value__contains=digits))
    elif "." in words:
        found = found.union(held.exclude(kind=Identity.Kind.PHONE).filter(value__startswith=words))
    return found


def digits_of(words: str) -> str:
    """The digits of what looks like a number, as a part of an E.164 number would have them; else nothing."""
    if any(character.isalpha() for character in words):
        return ""
    return "".join(character for character in words if character.isascii() and character.isdigit()).lstrip("0")


def _named(words: str) -> Q:
    handle = words.removeprefix("@")
    if len(words) >= SHORTEST_INSIDE:
        return Q(name__icontains=words) | Q(username__icontains=handle)
    return Q(name__istartswith=words) | Q(name__icontains=f" {words}") | Q(username__istartswith=handle)
