"""Fill the demo as life would: customers write at the simulator, agents answer through the product's own forms."""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import AbstractContextManager, ExitStack

from simulator.client import Customer, Simulator

from .desk import Desk, signed_in
from .house import House
from .places import KOPI_KITA, MEMBERS, TEH_TUBRUK, Shop
from .story import JSON, LIVE, SMALL_SHOP, Past, Scene, earlier
from .templates import SAMPLES

People = dict[str, Customer]

THREADS_PER_WEBHOOK = 10


def fill(house: House) -> None:
    """Play the story in both workspaces. Raises DeskError when the product does not behave."""
    house.manage((["whitelist", "--workspace", TEH_TUBRUK.slug, "--add", f"+{SMALL_SHOP[0].phone}"], {}))
    before = earlier()
    with Simulator(house.simulator_url) as sim:
        _make_templates(house, sim)
        people = {scene.name: _person(sim, scene) for scene in [*before, *LIVE, *SMALL_SHOP]}
        _tell_history(sim, [*before, *(scene for scene in LIVE if scene.past)], people)
        for scenes, shop in ((LIVE, KOPI_KITA), (SMALL_SHOP, TEH_TUBRUK)):
            with ExitStack() as stack:
                authors = {answer.by for scene in scenes for answer in scene.answers}
                desks = {by: stack.enter_context(_desk(house, by, shop)) for by in authors}
                _play(sim, scenes, people, desks, shop.phone_number_id)


def _make_templates(house: House, sim: Simulator) -> None:
    """Made in WhatsApp Manager, listed by the admin, and then Meta decides of some."""
    number = KOPI_KITA.phone_number_id
    for one in SAMPLES:
        facts: JSON = {"language": one.language, "category": one.category, "components": list(one.components)}
        sim.template(one.name, number_id=number, **facts)
    admin = next(one.email for one in MEMBERS if (one.role, one.workspace) == ("admin", KOPI_KITA.slug))
    with _desk(house, admin, KOPI_KITA) as desk:
        desk.sync_templates(KOPI_KITA.waba_id)
    for one in SAMPLES:
        for decision in one.then:
            sim.template(one.name, number_id=number, language=one.language, **decision)


def _play(sim: Simulator, scenes: list[Scene], people: People, desks: dict[str, Desk], number_id: str) -> None:
    for scene in scenes:
        _say(people[scene.name], scene.says, number_id)
    for scene in scenes:
        if scene.fault:
            sim.fault(**scene.fault, recipient=people[scene.name].id)
        for answer in scene.answers:
            desk = desks[answer.by]
            desk.reply(desk.conversation(scene.name), answer.text, takes=answer.takes)
    for scene in scenes:
        _say(people[scene.name], scene.then, number_id)
    for scene in scenes:
        if scene.is_closed:
            desk = desks[scene.answers[-1].by]
            conversation = desk.conversation(scene.name)
            desk.read(conversation, until=str(scene.then[-1]) if scene.then else "")
            desk.close(conversation)


def _desk(house: House, email: str, shop: Shop) -> AbstractContextManager[Desk]:
    return signed_in(house.inbox_url, email, house.kept["PASSWORD"], shop.slug)


def _person(sim: Simulator, scene: Scene) -> Customer:
    named = {"username": scene.username} if scene.username else {}
    return sim.customer(scene.phone, scene.name, **named, **scene.person)


def _tell_history(sim: Simulator, scenes: list[Scene], people: People) -> None:
    now = int(time.time())

    def told(line: Past) -> JSON:
        ours = {"from_business": True, "status": line.status} if line.status else {}
        return {"text": line.text, "at": now - int(line.hours * 3600), **ours}

    for start in range(0, len(scenes), THREADS_PER_WEBHOOK):
        chunk = scenes[start : start + THREADS_PER_WEBHOOK]
        threads = [
            {"customer_id": people[scene.name].id, "messages": [told(line) for line in scene.past]} for scene in chunk
        ]
        sim.history(threads, number_id=KOPI_KITA.phone_number_id, chunk_order=start // THREADS_PER_WEBHOOK + 1)


def _say(customer: Customer, says: Iterable[str | JSON], number_id: str) -> None:
    said_all = list(says)
    # Meta's clock counts in seconds: a burst is a second apart, so that it can be read in the order it was written.
    first = int(time.time()) - len(said_all)
    for at, said in enumerate(said_all, start=first):
        when: JSON = {"to": number_id, "at": at}
        if isinstance(said, str):
            customer.says(said, **when)
        elif "location" in said:
            customer.sends_location(*said["location"], **when)
        elif "contact" in said:
            customer.sends_contact(*said["contact"], **when)
        elif "unsupported" in said:
            customer.sends_unsupported(said["unsupported"], **when)
        else:
            customer.sends(said, **when)
