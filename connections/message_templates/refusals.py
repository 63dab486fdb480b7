"""Meta's refusal of a template, or of an act on one, as a sentence for the field that it is about."""

from __future__ import annotations

from dataclasses import dataclass

from ..graph import catalogue
from ..graph.catalogue import explain_error
from ..graph.errors import GraphError, NotSent, Throttled, Unauthorised, Unconfirmed, Unusable

# Meta gives these as the code in some answers, and as the subcode of code 100 in others.
FIELDS = {
    2388023: "name",
    2388024: "name",
    2388040: "body",
    2388047: "header",
    2388072: "body",
    2388073: "footer",
    2388293: "body",
    2388299: "body",
}
# General Graph behaviour, which Meta's error code page does not list.
NAMES = {
    2388023: "Meta is still deleting a template of this name. Choose another name, or wait.",
    2388024: "Meta has a template of this name in this language already. Sync now and edit it, or take another name.",
}
INVALID_PARAMETER = 100


@dataclass(frozen=True, slots=True)
class Refusal:
    """`field` is "" where it is about no field, or Meta does not say which."""

    sentence: str
    field: str = ""
    is_unknown: bool = False  # whether Meta did it cannot be known from its answer


def of(error: GraphError, doing: str) -> Refusal:
    """`doing` is "made", "changed" or "deleted"."""
    if isinstance(error, NotSent | Throttled):
        reason = error.reason if isinstance(error, NotSent) else explain_error(error).sentence
        return Refusal(f"Nothing was {doing}. {reason} Try again in some minutes.")
    if isinstance(error, Unconfirmed):
        words = f"Whether Meta has {doing} it is not known: {error.reason} Sync now, and look before you try again."
        return Refusal(words, is_unknown=True)
    if isinstance(error, Unauthorised | Unusable):
        said = explain_error(error)
        return Refusal(f"Nothing was {doing}. {said.sentence} {said.next_step}")
    number = next((one for one in (error.subcode, error.code) if one in FIELDS), None)
    if number in NAMES:
        return Refusal(NAMES[number], FIELDS[number])
    entry = catalogue.find(error.subcode) or catalogue.find(error.code)
    metas = _metas_words(error)
    if entry is None or (entry.codes == INVALID_PARAMETER and metas):
        return Refusal(metas or explain_error(error).sentence, FIELDS.get(number or 0, ""))
    return Refusal(" ".join(filter(None, (entry.sentence, entry.next_step, metas))), FIELDS.get(number or 0, ""))


def _metas_words(error: GraphError) -> str:
    """What Meta wrote for whoever reads it, as a sentence."""
    said = ": ".join(dict.fromkeys(filter(None, (error.title, error.details or error.message))))
    return f"Meta says: {said}" if said else ""
