"""Webhooks: the handshake, the signature, Meta's shapes, and trying again until they are taken."""

from __future__ import annotations

import httpx
import pytest
from jsonschema import Draft202012Validator

from contract.webhook_shapes import BODY

from .conftest import NUMBER, SECRET

APP = "600000000000006"
VALIDATOR = Draft202012Validator(BODY)


def subscribe(sim, url, verify_token):
    form = {
        "object": "whatsapp_business_account",
        "callback_url": url,
        "verify_token": verify_token,
        "fields": "messages",
    }
    headers = {"Authorization": f"Bearer {APP}|{SECRET}"}
    return httpx.post(f"{sim.url}/v23.0/{APP}/subscriptions", data=form, headers=headers, trust_env=False)


def test_a_callback_is_set_once_it_has_shaken_hands(sim, hook):
    assert subscribe(sim, hook.url, hook.verify_token).json() == {"success": True}
    assert sim.handshake() == ""


def test_a_callback_that_does_not_know_the_verify_token_is_refused(sim, hook):
    assert subscribe(sim, hook.url, "wrong").json()["error"]["code"] == 2200
    assert "403" in sim.handshake(verify_token="wrong")


def test_only_fields_that_are_subscribed_to_are_posted(sim, hook, ayla):
    subscribe(sim, hook.url, hook.verify_token)
    ayla.stops_marketing()
    ayla.says("hi")
    hook.wait_for_message()
    assert hook.changes("user_preferences") == []


def play(sim, customer, post, to):
    """A person's messages of every kind, answers with all receipts, and what else they can do."""
    first = customer.says("Hi ☕")
    for kind in ("image", "audio", "document", "sticker"):
        customer.sends_file(kind)
    customer.sends_location(-6.2, 106.8)
    customer.sends_contact("Budi", "+15550100126")
    customer.reacts(first, "👍")
    customer.sends_unsupported()
    wamid = post(to).json()["messages"][0]["id"]
    for word in ("delivered", "read", "played", "failed"):
        sim.receipt(wamid, word)
    customer.stops_marketing()
    sim.history([{"customer_id": customer.id, "messages": [{"text": "Past", "at": 1760000000}]}])
    sim.echo(customer, "From the phone")
    customer.changes_number("+15550100999" if customer.phone else "")


@pytest.mark.parametrize(
    "facts",
    [
        {"phone": "+15550100123", "username": "ayla.d"},
        {"username": "lina.brews"},
        {"phone": "+15550100123", "username": "x", "hides_phone": True, "empty_phone": True},
    ],
    ids=["with a phone", "with a user id only", "with an empty phone"],
)
def test_every_webhook_has_metas_shape_and_is_signed(sim, hook, post, facts):
    customer = sim.customer(name="Ayla", **facts)
    play(sim, customer, post, customer.user_id)
    hook.wait(lambda: hook.changes("user_id_update") and hook.statuses("failed") and hook.statuses("sent"))
    sim.wait_for_quiet()
    spoilt = [error.message for one in hook.posts for error in VALIDATOR.iter_errors(one.json())]
    assert spoilt == []
    assert all(one.is_signed_with(SECRET) for one in hook.posts)
    assert {one["type"] for one in hook.messages()} >= {"text", "image", "audio", "contacts", "unsupported", "system"}


def test_who_has_only_a_username_is_named_by_user_id_alone(sim, hook):
    lina = sim.customer(username="lina.brews", name="Lina")
    lina.says("hi")
    message = hook.wait_for_message()
    assert message["from_user_id"] == lina.user_id
    assert "from" not in message
    (contact,) = hook.changes()[0]["contacts"]
    assert contact == {"profile": {"name": "Lina", "username": "lina.brews"}, "user_id": lina.user_id}


def test_a_hidden_phone_can_be_an_empty_text(sim, hook):
    sim.customer(phone="+15550100123", hides_phone=True, empty_phone=True).says("hi")
    assert hook.wait_for_message()["from"] == ""
    assert hook.changes()[0]["contacts"][0]["wa_id"] == ""


def test_a_webhook_is_posted_again_until_it_is_taken(sim, hook, ayla):
    hook.answers += [500, 403]
    ayla.says("hi")
    hook.wait(lambda: len(hook.posts) == 3)
    assert len({one.body for one in hook.posts}) == 1
    sim.wait_for(lambda: sim.deliveries()[-1]["state"] == "delivered")
    assert sim.deliveries()[-1]["attempts"] == 3


def test_a_callback_that_cannot_be_reached_is_tried_again(sim, hook, ayla):
    sim.set_callback("http://127.0.0.1:9/")
    ayla.says("hi")
    sim.wait_for(lambda: sim.deliveries() and sim.deliveries()[-1]["state"] == "retrying")
    assert sim.deliveries()[-1]["status"] == 0


def test_a_number_change_is_told_twice_with_the_old_and_the_new_user_id(sim, hook, ayla):
    before = ayla.user_id
    ayla.changes_number("+15550100999")
    hook.wait(lambda: hook.changes("user_id_update") and hook.messages())
    (update,) = hook.changes("user_id_update")[0]["user_id_update"]
    assert update["user_id"] == {"previous": before, "current": ayla.user_id}
    system = hook.messages()[0]
    assert (system["from"], system["system"]["wa_id"]) == ("15550100123", "15550100999")
    assert "contacts" not in hook.changes()[0]


def test_stopping_marketing_is_told_with_a_time_that_is_a_number(hook, ayla):
    ayla.stops_marketing()
    (told,) = hook.wait(lambda: hook.changes("user_preferences"))[0]["user_preferences"]
    assert (told["value"], told["category"]) == ("stop", "marketing_messages")
    assert isinstance(told["timestamp"], int)


def test_the_conversation_is_told_only_of_webhooks_before_version_24(sim, hook, ayla, post):
    ayla.says("hi")
    post("+15550100123")
    assert "conversation" not in hook.wait_for_status("sent")
    sim.add_number(id=NUMBER, webhook_version="v23.0")
    sim.set_callback(hook.url)
    post("+15550100123")
    assert "expiration_timestamp" in hook.wait_for_status("sent", 2)["conversation"]


def test_history_holds_past_messages_of_both_sides(sim, hook, ayla):
    past = [
        {"text": "Do you ship?", "at": 1760000000},
        {"text": "We do.", "from_business": True, "at": 1760000060, "status": "PLAYED"},
    ]
    wamids = sim.history([{"customer_id": ayla.id, "messages": past}], phase=1, progress=55)["wamids"]
    (chunk,) = hook.wait(lambda: hook.changes("history"))[0]["history"]
    assert chunk["metadata"] == {"phase": 1, "chunk_order": 1, "progress": 55}
    (thread,) = chunk["threads"]
    assert [one["id"] for one in thread["messages"]] == wamids[0]
    assert [one["timestamp"] for one in thread["messages"]] == ["1760000000", "1760000060"]
    assert thread["messages"][1]["history_context"] == {"status": "PLAYED"}


@pytest.mark.parametrize("body", [b"\xff\xfe nonsense", b"", b'{"object":'])
def test_any_bytes_can_be_signed_and_posted(sim, hook, body):
    sim.webhook(body)
    hook.wait(lambda: hook.posts)
    assert hook.posts[0].body == body
    assert hook.posts[0].is_signed_with(SECRET)
