"""A workspace's own opt-out and opt-in words, which go before the defaults.

What a message says follows from the words of its own time, so that it says the same however often it is applied (P2).
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from workspaces import audit
from workspaces.clock import tick
from workspaces.models import User, Workspace

from .models import OwnWord

MOST = 200
LONGEST = 100
Spell = tuple[str, str, datetime, datetime | None]  # plain, meaning, since, until


class ChangedMeanwhileError(Exception):
    """Somebody else has changed the words since they were shown; nothing was changed."""


class OwnWords:
    """The words of one workspace, of every time."""

    def __init__(self, spells: Iterable[Spell] = ()) -> None:
        self._spells = sorted(spells, key=lambda one: one[:3])
        # Between two changes the words are the same ones.
        self._changes = sorted({at for *_, since, until in self._spells for at in (since, until) if at is not None})
        self._at: dict[int, dict[str, str]] = {}

    def at(self, at: datetime) -> Mapping[str, str]:
        """Word → meaning, as it was then."""
        stretch = bisect_right(self._changes, at)
        if stretch not in self._at:
            counted = [one for one in self._spells if one[2] <= at and (one[3] is None or at < one[3])]
            self._at[stretch] = {plain: meaning for plain, meaning, _, _ in counted}
        return self._at[stretch]


def own_words(workspace_id: int) -> OwnWords:
    found = OwnWord.objects.filter(workspace_id=workspace_id)
    return OwnWords(found.values_list("plain", "meaning", "since", "until"))


def standing(workspace_id: int) -> list[OwnWord]:
    """The words that count now, in the order of the alphabet."""
    return list(OwnWord.objects.filter(workspace_id=workspace_id, until=None).order_by("plain"))


def mark(words: Sequence[OwnWord]) -> str:
    """What a page that showed these posts back as `seen`."""
    told = "\n".join(f"{one.plain}={one.meaning}" for one in words)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


@transaction.atomic
def save(workspace: Workspace, wanted: Mapping[str, tuple[str, str]], *, seen: str, actor: User) -> bool:
    """Make the words what somebody wrote who had seen them as `seen`: plain → (as written, meaning). Audited.

    False if they were so already.
    """
    Workspace.objects.select_for_update(no_key=True).get(pk=workspace.pk)
    before = standing(workspace.pk)
    if mark(before) != seen:
        raise ChangedMeanwhileError
    current = {one.plain: one for one in before}
    gone = [one.pk for plain, one in current.items() if wanted.get(plain, ("", ""))[1] != one.meaning]
    kept = {one.plain for one in before if one.pk not in gone}
    fresh = {plain: said for plain, said in wanted.items() if plain not in kept}
    if not gone and not fresh:
        return False
    now = timezone.now()
    OwnWord.objects.filter(pk__in=gone).update(until=now)
    OwnWord.objects.bulk_create(
        OwnWord(workspace=workspace, plain=plain, written=written, meaning=meaning, since=now)
        for plain, (written, meaning) in fresh.items()
    )
    was, became = _by_meaning(before), _by_meaning(standing(workspace.pk))
    audit.record(workspace.pk, actor, audit.Action.OPT_OUT_WORDS_CHANGED, workspace.name, before=was, after=became)
    tick([workspace.pk])
    return True


def _by_meaning(words: Iterable[OwnWord]) -> dict[str, list[str]]:
    told: dict[str, list[str]] = {str(OwnWord.Meaning(meaning).label): [] for meaning in OwnWord.Meaning.values}
    for one in words:
        told[one.get_meaning_display()].append(one.written)
    return told
