"""STOP and START words, Meta's preferences and refusals → the consent ledger, in the transaction of the message."""

from __future__ import annotations

from collections.abc import Iterable

from optouts import keywords, ledger, wordlist
from webhooks import items

from .arrivals import Arrival, Placed
from .people import nodes_of

SPOKEN_KINDS = frozenset({"text", "button", "interactive"})
# Meta did not deliver, as the person has stopped marketing messages of this business: what it says by a preference
# as well, which may never have reached us.
STOPPED_MARKETING = 131050


def note(workspace_id: int, placed: Iterable[Placed], arrivals: Iterable[Arrival]) -> bool:
    """Record what was said, each saying once: repeats change nothing. Returns whether anything was new."""
    spoken = [one for one in placed if one.is_theirs and _is_spoken(one.message)]
    own = wordlist.own_words(workspace_id) if spoken else wordlist.OwnWords()
    said = [_words(one.arrival, one.message, own) for one in spoken]
    said += [_preference(one, one.item) for one in arrivals if isinstance(one.item, items.Preference)]
    said += [_refusal(one, one.item) for one in arrivals if isinstance(one.item, items.Status) and one.item.errors]
    return bool(ledger.record(workspace_id, [one for one in said if one is not None]))


def _is_spoken(message: items.Message) -> bool:
    return message.kind in SPOKEN_KINDS and len(message.text) <= keywords.LONGEST


def _words(arrival: Arrival, message: items.Message, own: wordlist.OwnWords) -> ledger.NewConsent | None:
    meaning = keywords.reading(message.text, own.at(arrival.at))
    if meaning is None:
        return None
    scope = "marketing" if meaning == "marketing" else "all"
    direction = "in" if meaning == "start" else "out"
    source = "words" if message.kind == "text" else "button"
    return _consent(arrival, message.person, scope, direction, source, message.text, message.wamid)


def _preference(arrival: Arrival, preference: items.Preference) -> ledger.NewConsent | None:
    # A category that Meta may add means something else; what it would stop, nobody here knows.
    if preference.category != "marketing_messages" or preference.value not in {"stop", "resume", "signup"}:
        return None
    if not preference.person:
        return None
    direction = "out" if preference.value == "stop" else "in"
    evidence = f"{preference.value}@{arrival.at:%Y%m%dT%H%M%S}"
    return _consent(arrival, preference.person, "marketing", direction, "preference", preference.text, evidence)


def _refusal(arrival: Arrival, status: items.Status) -> ledger.NewConsent | None:
    codes = {error.code for error in status.errors} if status.status == "failed" else set()
    if STOPPED_MARKETING not in codes or not status.recipient:
        return None
    return _consent(arrival, status.recipient, "marketing", "out", "refusal", "", status.wamid)


def _consent(
    arrival: Arrival, person: items.Person, scope: str, direction: str, source: str, quote: str, evidence: str
) -> ledger.NewConsent:
    kind, value = nodes_of(person)[0]
    return ledger.NewConsent(
        kind=kind,
        value=value,
        scope=scope,
        direction=direction,
        source=source,
        quote=quote,
        evidence=evidence[:512],
        provider_at=arrival.at,
        event_day=arrival.event_day,
        event_id=arrival.event_id,
        raw=arrival.item.raw,
    )
