"""Customers: made, and changed in what they decide for themselves or a test decides for them."""

from __future__ import annotations

from typing import Any

from . import ids
from .model import JSON, Customer, Number
from .settings import BadSettings
from .world import World, as_digits

FLAGS = ("hides_phone", "empty_phone", "is_reachable", "is_capped")
KEYS = {"phone", "number_id", "user_id", "name", "username", "receipts", "reads", "blocks", *FLAGS}


def make(world: World, given: JSON) -> Customer:
    """With a phone, or with a username alone. A phone that is taken gives who has it, changed. Raises BadSettings."""
    phone = as_digits(text(given, "phone"))
    if not phone and not given.get("username"):
        raise BadSettings("A customer has a phone, or a username, or both.")
    if phone and not 5 <= len(phone) <= 15:
        raise BadSettings("A phone number has 5 to 15 digits.")
    present = world.customer_at(phone) if phone else None
    customer = present or Customer(ids.digits(), name=text(given, "name"), phone=phone)
    change(world, customer, given)
    if present is None:
        world.add_customer(customer)
    for number in world.numbers.values():
        world.user_id(customer, number)
    return customer


def change(world: World, customer: Customer, given: JSON) -> None:
    """Changes what is given. Raises BadSettings before anything is changed."""
    if unknown := set(given) - KEYS:
        raise BadSettings(f"A customer has no {', '.join(sorted(unknown))}; there are {', '.join(sorted(KEYS))}.")
    flags = {name: flag(given, name, getattr(customer, name)) for name in FLAGS}
    name, username = text(given, "name", customer.name), text(given, "username", customer.username)
    receipts, reads = given.get("receipts", customer.receipts), given.get("reads", customer.reads)
    if receipts not in ("auto", "manual", "silent") or reads not in ("open", "always", "never"):
        raise BadSettings("receipts is auto, manual or silent; reads is open, always or never.")
    user_id = text(given, "user_id")
    number = number_named(world, given) if user_id or "blocks" in given else None
    if number and "blocks" in given:
        (customer.blocks.add if flag(given, "blocks", False) else customer.blocks.discard)(number.id)
    if number and user_id:
        world.set_user_id(customer, number, user_id)
    customer.name, customer.username, customer.receipts, customer.reads = name, username, receipts, reads
    for key, value in flags.items():
        setattr(customer, key, value)
    world.touch()


def number_named(world: World, given: JSON) -> Number:
    """The number meant by `number_id`; the first, where none is named."""
    number = world.numbers.get(str(given.get("number_id") or next(iter(world.numbers), "")))
    if number is None:
        raise BadSettings("There is no such number.")
    return number


def facts(world: World, customer: Customer) -> JSON:
    """A customer as told to tests. `user_ids` are by number."""
    return {
        "id": customer.id,
        "name": customer.name,
        "phone": customer.phone,
        "username": customer.username,
        "receipts": customer.receipts,
        "reads": customer.reads,
        "blocks": sorted(customer.blocks),
        **{name: getattr(customer, name) for name in FLAGS},
        "user_ids": {one.id: world.user_id(customer, one) for one in world.numbers.values()},
    }


def text(given: JSON, key: str, default: str = "") -> str:
    value = given.get(key, default)
    if not isinstance(value, str):
        raise BadSettings(f"{key} must be a text.")
    return value


def flag(given: JSON, key: str, default: Any) -> bool:
    value = given.get(key, default)
    if not isinstance(value, bool):
        raise BadSettings(f"{key} must be true or false.")
    return value
