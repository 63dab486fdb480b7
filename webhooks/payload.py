"""Webhook body → typed items. Pure and total: it never raises, and whatever it does not know it keeps as a notice.

Every entry, change and element is walked: Meta batches, and mixes numbers. What an element says is read in parts.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from . import reading, template_news
from .items import Item, Notice, Parsed
from .parts import PARTS, Place, each, unreadable
from .persons import Profiles
from .reading import label, mapping, moment, record_id, text

NO_JSON = "This is not JSON; the raw body is kept."
TOO_DEEP = "This is nested too deeply to be read; the raw body is kept."
NO_OBJECT = "The body is JSON, but not an object; the raw body is kept."
NOTHING = "Nothing that we know stands in this body; the raw body is kept."
TOO_MUCH = "More stands in this body than we read of one; the raw body is kept."
# Nothing that Meta means is so small that more of it would fit into 3 MB. A million empty objects would, and the memory
# that takes is a worker's end.
MOST_ITEMS = 50_000
# Of a value, what is read along with its parts.
ALONGSIDE = frozenset({"messaging_product", "metadata", "contacts"})
READ_OF_CHANGE = frozenset({"field", "value"})
READ_OF_VALUE = ALONGSIDE | PARTS.keys()
NOBODY = Profiles(None)


def parse(body: bytes) -> Parsed:
    """All of a body. `problem` is "" where everything was understood."""
    try:
        document = reading.loads(body)
    except RecursionError:
        return Parsed(problem=TOO_DEEP)
    except ValueError:
        return Parsed(problem=NO_JSON)
    if not isinstance(document, dict):
        return Parsed(problem=NO_OBJECT)
    found = _document(document)
    items = tuple(islice(found, MOST_ITEMS))
    if not items:
        return Parsed(problem=NOTHING)
    if next(found, None) is not None:
        return Parsed(items, TOO_MUCH)
    problems = (item.problem for item in items if isinstance(item, Notice) and item.problem)
    return Parsed(items, next(problems, ""))


def _document(document: dict[str, Any]) -> Iterator[Item]:
    for entry, place in each(document.get("entry"), Place({}, "entry", NOBODY, "")):
        if not isinstance(entry, dict) or not isinstance(entry.get("changes") or None, list | dict):
            yield unreadable(entry, place.where)
            continue
        base = {"waba_id": label(entry.get("id"))[:64]}
        at = moment(entry.get("time"))
        for change, spot in each(entry["changes"], Place(base, f"{place.path}.changes", NOBODY, "")):
            if isinstance(change, dict) and isinstance(change.get("value"), dict):
                yield from _change(change, spot, at)
            else:
                yield unreadable(change, spot.where)


def _change(change: dict[str, Any], spot: Place, at: datetime | None) -> Iterator[Item]:
    value = change["value"]
    metadata = mapping(value.get("metadata"))
    base = {
        **spot.base,
        "phone_number_id": record_id(metadata.get("phone_number_id")),
        "field": text(change.get("field"))[:60],
    }
    contacts = value.get("contacts")
    profiles = Profiles(contacts)
    business = reading.phone(metadata.get("display_phone_number"))
    found = False
    for key, read in PARTS.items():
        if key not in value:
            continue
        for element, place in each(value.get(key), Place(base, f"{spot.path}.value.{key}", profiles, business)):
            found = True
            yield from read(element, place) if isinstance(element, dict) else [unreadable(element, place.where)]
    for contact, place in each(contacts, Place(base, f"{spot.path}.value.contacts", profiles, business)):
        if not isinstance(contact, dict):
            yield unreadable(contact, place.where)
    where = {**base, "path": spot.path}
    if not found and (news := template_news.read(change, where, at)):
        yield news
        return
    yield from _rest(change, where, found)


def _rest(change: dict[str, Any], where: dict[str, Any], found: bool) -> Iterator[Notice]:
    """What no part has read: the whole change where there was none, else each member we do not know."""
    value = change["value"]
    if not found:
        # Some changes have a member beside `value` too, so the change is kept whole.
        kind = text(value.get("event"))[:60] or where["field"]
        yield Notice(**where, raw=reading.fragment(change), kind=kind)
        return
    unknown = [(key, change[key]) for key in sorted(change.keys() - READ_OF_CHANGE)]
    unknown += [(key, value[key]) for key in sorted(value.keys() - READ_OF_VALUE)]
    for key, member in unknown:
        yield Notice(**where, raw=reading.fragment({key: member}), kind=text(key)[:60])
    if not where["phone_number_id"]:
        yield Notice(
            **where, raw=reading.fragment({"metadata": value.get("metadata")}), kind="metadata",
            problem=f"{where['path']} does not say which number it is for; the raw body is kept.",
        )  # fmt: skip
