"""The inbox is a function of the webhooks and the acts (P2): shuffled, doubled and cut anyhow, the same inbox.

Each example is a log of every kind of payload about a few people, who change numbers and ids, and whose numbers are
recycled. It is applied to the same acts twice, as it came and in another order, and the two inboxes are compared by
natural keys.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from django.db import transaction
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from inbox import drain
from inbox.models import Contact, Conversation, Identity, Message, SendAttempt, Word, Work
from tests import cast
from tests.cast import House
from tests.inbox.natural import inbox_of
from webhooks import log
from webhooks.models import WebhookEvent

pytestmark = pytest.mark.django_db

START = datetime(2026, 11, 20, 8, tzinfo=UTC)
PHONES, BSUIDS = ("6281100", "6281200"), ("ID.A", "ID.B", "ID.C")
PARENT = "ID.ENT.P"


def at(minute: int) -> datetime:
    return START + timedelta(minutes=minute)


@pytest.fixture
def house() -> House:
    house = cast.kopi_kita()
    acts(house)
    return house


# The acts: what was written here and what Graph answered.


def acts(house: House) -> None:
    """A conversation with the first phone, in which we wrote; one message was accepted, the others met bad days."""
    contact = Contact.objects.create(workspace=house.workspace)
    phone = Identity.objects.create(workspace=house.workspace, contact=contact, kind="phone", value=PHONES[0])
    talk = Conversation.objects.create(workspace=house.workspace, connection=house.connection, contact=contact)
    wrote(house, talk, phone, "tokenaccepted", ("accepted", "wamid.OURS1"))
    wrote(house, talk, phone, "tokenunconfirmed", ("unconfirmed", None))
    wrote(house, talk, phone, "tokentwice", ("refused", None), ("accepted", "wamid.OURS2"))
    Conversation.objects.filter(pk=talk.pk).update(last_at=at(10))


def wrote(house: House, talk: Conversation, phone: Identity, token: str, *outcomes: tuple[str, str | None]) -> None:
    outcome, wamid = outcomes[-1]
    word = {"accepted": Word.ACCEPTED, "unconfirmed": Word.UNCONFIRMED}[outcome]
    done = at(10) + timedelta(seconds=1)
    message = Message.objects.create(
        workspace=house.workspace, connection=house.connection, conversation=talk, identity=phone,
        environment=house.connection.environment, direction="out", source="ours", kind="text", text="Hello",
        placed_at=at(10), received_at=at(10), processed_at=at(10), token=token, wamid=wamid, word=word,
        attempt=len(outcomes), work=Work.DONE, accepted_at=done if outcome == "accepted" else None,
    )  # fmt: skip
    for number, (outcome, wamid) in enumerate(outcomes, 1):
        SendAttempt.objects.create(
            message=message, connection=house.connection, number=number, started_at=at(10), finished_at=done,
            outcome=outcome, wamid=wamid, recipient_kind="phone", recipient=phone.value, phone_number_id="1",
            token_fingerprint="f", graph_version="v26.0",
        )  # fmt: skip


# The webhooks.

minutes = st.integers(0, 20)
phones, bsuids = st.sampled_from(PHONES), st.sampled_from(BSUIDS)
texts = st.sampled_from(["Hello", "Is it open?", "STOP", "START"])
people = st.one_of(
    st.builds(lambda phone: {"phone": phone}, phones),
    st.builds(lambda bsuid: {"bsuid": bsuid}, bsuids),
    st.builds(lambda phone, bsuid: {"phone": phone, "bsuid": bsuid}, phones, bsuids),
    st.builds(lambda phone, bsuid: {"phone": phone, "bsuid": bsuid, "parent": PARENT}, phones, bsuids),
)
names = st.sampled_from(["", "Dewi", "Dewi L.", "Budi"])


def keep(**fields: Any) -> dict[str, Any]:
    return {key: value for key, value in fields.items() if value not in ("", None)}


def stamp(minute: int | None) -> str:
    return "" if minute is None else str(int(at(minute).timestamp()))


def live(person: dict[str, str], name: str, wamid: str, minute: int | None, text: str, extra: dict[str, Any]):
    message = keep(
        **{"from": person.get("phone")}, from_user_id=person.get("bsuid"), from_parent_user_id=person.get("parent"),
        id=wamid, timestamp=stamp(minute), **{"type": "text", "text": {"body": text}} | extra,
    )  # fmt: skip
    contact = keep(wa_id=person.get("phone"), user_id=person.get("bsuid"), profile=keep(name=name, username=name[:3]))
    return "messages", {"contacts": [contact], "messages": [message]}


def echo(person: dict[str, str], wamid: str, minute: int, text: str):
    ids = keep(to=person.get("phone"), to_user_id=person.get("bsuid"))
    message = {"from": "15550100000", "id": wamid, "timestamp": stamp(minute), "type": "text", "text": {"body": text}}
    return "smb_message_echoes", {"message_echoes": [message | ids]}


def history(phone: str, wamid: str, minute: int, text: str, is_ours: bool, status: str):
    message = {
        "from": "15550100000" if is_ours else phone, "id": wamid, "timestamp": stamp(minute), "type": "text",
        "text": {"body": text}, "history_context": {"status": status},
    }  # fmt: skip
    return "history", {"history": [{"threads": [{"id": phone, "messages": [message]}]}]}


def status(wamid: str, word: str, minute: int, token: str, code: int):
    errors = [{"code": code, "title": "Why", "error_data": {"details": "That is why."}}] if word == "failed" else None
    one = keep(
        id=wamid, status=word, timestamp=stamp(minute), recipient_id=PHONES[0], errors=errors,
        biz_opaque_callback_data=token,
    )  # fmt: skip
    return "messages", {"statuses": [one]}


def number_change(old: str, new: str, bsuid: str, minute: int):
    wamid = f"wamid.SYS{minute}.{old}.{new}.{bsuid}"
    system = keep(type="user_changed_number", wa_id=new, user_id=bsuid, body="changed")
    message = {"from": old, "id": wamid, "timestamp": stamp(minute), "type": "system", "system": system}
    return "messages", {"messages": [message]}


def id_update(old: str, new: str, phone: str, minute: int, parent: bool):
    parents = {"parent_user_id": {"previous": PARENT}} if parent else {}
    ids = {"user_id": {"previous": old, "current": new}}
    return "user_id_update", {"user_id_update": [keep(wa_id=phone, timestamp=stamp(minute)) | ids | parents]}


def preference(person: dict[str, str], value: str, minute: int):
    one = keep(
        wa_id=person.get("phone"), user_id=person.get("bsuid"), category="marketing_messages", value=value,
        timestamp=int(stamp(minute)),
    )  # fmt: skip
    return "user_preferences", {"user_preferences": [one]}


extras: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [{}, {}, {}, {"group_id": "g1"}, {"type": "reaction", "reaction": {"emoji": "👍"}}]
)
ours = st.sampled_from(
    [("wamid.OURS1", ""), ("wamid.OURS1", "tokenaccepted.1"), ("wamid.OURS2", "tokentwice.2"), ("wamid.OURS2", ""),
     ("wamid.LOST", "tokenunconfirmed.1"), ("wamid.LOST", ""), ("wamid.FIRST", "tokentwice.1"), ("wamid.ECHO1", ""),
     ("wamid.HIST1", ""), ("wamid.NOBODY", "nobody.1")]
)  # fmt: skip
words = st.sampled_from(["sent", "delivered", "read", "played", "failed", "held"])
# Of each customer's message there may be several reports, which agree on what it is: live, and in a history.
Inbound = tuple[dict[str, str], int | None, str, dict[str, Any]]
inbound: st.SearchStrategy[list[Inbound]] = st.lists(
    st.tuples(people, st.one_of(minutes, minutes, st.none()), texts, extras), min_size=4, max_size=4
)


def reports_of(messages: list[Inbound]):
    told = []
    for number, (person, minute, text, extra) in enumerate(messages):
        wamid = f"wamid.IN{number}"
        told.append(st.builds(live, st.just(person), names, *map(st.just, (wamid, minute, text, extra))))
        if "phone" in person and minute is not None and not extra:
            told.append(st.just(history(person["phone"], wamid, minute, text, False, "READ")))
    return told


def logs_about(messages: list[Inbound]):
    items = st.one_of(
        *reports_of(messages),
        st.builds(lambda n: echo({"phone": PHONES[n % 2]}, f"wamid.ECHO{n}", n, "Hi"), st.integers(1, 4)),
        st.builds(lambda n, s: history(PHONES[n % 2], f"wamid.ECHO{n}", n, "Hi", True, s), st.integers(1, 4), steps),
        st.builds(lambda n, s: history(PHONES[n % 2], f"wamid.HIST{n}", n, "Hi", n > 2, s), st.integers(1, 4), steps),
        ours.flatmap(lambda it: st.builds(status, st.just(it[0]), words, minutes, st.just(it[1]), st.integers(1, 2))),
        st.builds(number_change, phones, phones, st.one_of(st.just(""), bsuids), minutes),
        st.builds(id_update, bsuids, bsuids, st.one_of(st.just(""), phones), minutes, st.booleans()),
        st.builds(preference, people, st.sampled_from(["stop", "resume"]), minutes),
    )
    return st.lists(st.lists(items, min_size=1, max_size=3), min_size=1, max_size=9)


steps = st.sampled_from(["READ", "DELIVERED", "ERROR", "PENDING"])
logs = inbound.flatmap(logs_about)


@dataclass(frozen=True)
class Post:
    """A body, and when it was stored."""

    body: bytes
    at: datetime


def posts_of(house: House, told: list[list[tuple[str, dict[str, Any]]]]) -> list[Post]:
    posts = []
    for number, parts in enumerate(told):
        changes = [cast.change(house, **value) | {"field": field} for field, value in parts]
        body = json.dumps(cast.envelope(house, *changes) | {"number": number}).encode()
        posts.append(Post(body, at(30) + timedelta(seconds=number)))
    return posts


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def applied(house: House, posts: list[Post], cuts: list[int]) -> dict[str, Any]:
    """The inbox that follows; `cuts` say after which posts a drain runs. Everything is undone again."""
    with undone():
        for number, post in enumerate(posts):
            log.store(house.connection.meta_app_id, post.body, post.at)
            again = WebhookEvent.objects.filter(body=post.body).exclude(state="waiting")
            again.update(state="waiting")
            if number in cuts:
                drain.drain()
        drain.drain()
        assert not WebhookEvent.objects.exclude(state="applied").exists()
        return inbox_of(house.workspace)


def found_once(house: House, *told: list[tuple[str, dict[str, Any]]]) -> None:
    """A log that once made a difference, in every order, each post a batch of its own and all in one."""
    posts = posts_of(house, list(told))
    inboxes = [applied(house, list(order), cuts) for order in permutations(posts) for cuts in ([], [0, 1, 2])]
    assert all(inbox == inboxes[0] for inbox in inboxes)


def test_messages_come_back_from_a_former_holder_who_turns_out_to_be_the_same_person(house):
    found_once(
        house,
        [number_change("6281200", "6281100", "", 11), id_update("ID.A", "ID.A", "6281200", 0, False)],
        [number_change("6281100", "6281100", "ID.A", 0)],
    )


def test_two_former_holders_of_a_number_stay_two(house):
    moved = number_change("6281200", "6281100", "", 6)
    stranger = live({"phone": "6281200", "bsuid": "ID.C"}, "Dewi", "wamid.IN1", 10, "Hello", {})
    successor = live({"phone": "6281100", "bsuid": "ID.A"}, "", "wamid.IN2", 15, "STOP", {})
    found_once(house, [moved, stranger], [successor], [echo({"phone": "6281100"}, "wamid.ECHO2", 2, "Hi")])


def test_a_change_told_before_its_person_ever_wrote_is_a_line_once_they_do(house):
    wrote = live({"bsuid": "ID.B"}, "Budi", "wamid.IN2", None, "Hello", {})
    found_once(house, [id_update("ID.B", "ID.A", "", 2, False)], [wrote])


@given(logs, st.randoms(use_true_random=False))
# A log is short enough to read as it is; making it shorter takes minutes.
@settings(max_examples=60, phases=[Phase.explicit, Phase.reuse, Phase.generate])
def test_the_webhooks_shuffled_and_doubled_make_the_same_inbox(house, told, random: random.Random):
    posts = posts_of(house, told)
    expected = applied(house, posts, [])
    shuffled = posts + random.sample(posts, len(posts) // 2)
    random.shuffle(shuffled)
    cuts = [number for number in range(len(shuffled)) if random.random() < 0.5]
    assert applied(house, shuffled, cuts) == expected
