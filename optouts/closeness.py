"""A message that may be an opt-out without being one: a person is asked about it, and nothing is blocked. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from .keywords import DEFAULTS, LONGEST, NOTHING, normalise, reading, split

# A longer text has other things to say, and whoever reads it needs no hint.
MOST_WORDS = 14
# A slip of the finger in a word shorter than this makes another word of it: "shop" is no "stop".
LONG_ENOUGH = 6
# What is said beside the word out of politeness.
FILLERS = (
    "please pls plz kindly now ok okay hi hello hey thanks thank you thx sir it this all immediately today just "
    "tolong mohon ya dong kak min sekarang por favor ya ahora gracias agora obrigado obrigada merci maintenant "
    "s il vous te plait bitte jetzt danke"
)
# Whoever writes one of these somewhere in a short message means it more often than not.
PHRASES = (
    "unsubscribe; unsubscribing; stop sending; stop messaging; stop texting; stop writing; stop contacting; "
    "stop spamming; stop bothering; stop the messages; stop these messages; stop your messages; do not contact; "
    "don't contact; do not message; don't message; do not text; don't text; do not write; don't write; "
    "no more messages; remove me; remove my number; delete my number; take me off; leave me alone; "
    "jangan kirim; jangan hubungi; jangan chat; berhenti kirim; berhenti mengirim; berhenti menghubungi; "
    "stop kirim; hapus nomor; no me escriban; no me escribas; no me manden; no me envíen; dejen de; "
    "no quiero recibir; não quero receber; parem de; pare de; não me mande; não me enviem; ne m'écrivez plus; "
    "ne plus recevoir; arrêtez de; keine nachrichten; nicht mehr schreiben; nicht mehr anschreiben; "
    "schreiben sie mir nicht; لا ترسل; لا ترسلوا; لا تراسلني; मैसेज मत; संदेश मत"
)
REPEATED = re.compile(r"(.)\1+")


def may_be_stop(text: str, own: Mapping[str, str]) -> bool:
    """Whether this may be meant as an opt-out, though it is none: a sentence around a word, or a slip in it."""
    if len(text) > LONGEST or reading(text, own) is not None:
        return False
    words = normalise(text).split()
    if not words or len(words) > MOST_WORDS:
        return False
    stops = {word for word, meaning in {**DEFAULTS, **own}.items() if meaning in {"stop", "marketing"}}
    core = " ".join(word for word in words if word not in _FILLERS)
    if core in stops or _slipped(core, stops):
        return True
    ignored = {word for word, meaning in own.items() if meaning == NOTHING}
    phrases = (_PHRASES | {word for word in stops if " " in word}) - ignored
    spaced = f" {' '.join(words)} "
    return any(f" {phrase} " in spaced for phrase in phrases)


def _slipped(written: str, stops: set[str]) -> bool:
    """Whether it is one of these with letters doubled or swapped, or, of a long one, one letter wrong."""
    if not written:
        return False
    drawn = REPEATED.sub(r"\1", written)
    for word in stops:
        if abs(len(word) - len(written)) > 1 and REPEATED.sub(r"\1", word) != drawn:
            continue
        if REPEATED.sub(r"\1", word) == drawn or _swapped(written, word):
            return True
        if len(word) >= LONG_ENOUGH and _one_off(written, word):
            return True
    return False


def _swapped(one: str, other: str) -> bool:
    """Two neighbours changed places."""
    if len(one) != len(other) or len(one) < 4:
        return False
    wrong = [n for n, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
    if len(wrong) != 2 or wrong[1] != wrong[0] + 1:
        return False
    first, second = wrong
    return (one[first], one[second]) == (other[second], other[first])


def _one_off(one: str, other: str) -> bool:
    """One letter more, one less, or one other."""
    short, long = sorted((one, other), key=len)
    same = next((n for n, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    rest = long[same + 1 :]
    return rest == (short[same + 1 :] if len(short) == len(long) else short[same:])


_FILLERS = frozenset(normalise(FILLERS).split())
_PHRASES = frozenset(normalise(phrase) for phrase in split(PHRASES))
