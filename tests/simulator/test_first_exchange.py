"""A customer writes, a business answers, and receipts come back."""

from __future__ import annotations

from .conftest import NUMBER, SECRET


def test_a_customers_text_arrives_signed(sim, hook, ayla):
    wamid = ayla.says("Hi, is the blue one in stock? ☕ a/b")
    message = hook.wait_for_message()
    assert message["text"]["body"] == "Hi, is the blue one in stock? ☕ a/b"
    assert message["id"] == wamid
    assert message["from"] == "15550100123"
    assert message["from_user_id"] == ayla.user_id
    assert hook.posts[0].is_signed_with(SECRET)


def test_the_body_escapes_other_signs_and_slashes(sim, hook, ayla):
    ayla.says("☕ a/b")
    hook.wait_for_message()
    assert rb"\u2615 a\/b" in hook.posts[0].body


def test_an_answer_is_accepted_and_then_sent_and_delivered(sim, hook, ayla, post):
    ayla.says("hi")
    answer = post("+15550100123", biz_opaque_callback_data="token.1")
    told = answer.json()
    assert answer.status_code == 200
    assert told["contacts"] == [{"input": "+15550100123", "wa_id": "15550100123"}]
    delivered = hook.wait_for_status("delivered")
    assert delivered["id"] == told["messages"][0]["id"]
    assert delivered["biz_opaque_callback_data"] == "token.1"
    assert delivered["recipient_id"] == "15550100123"
    assert hook.wait_for_status("sent")["pricing"]["type"] == "free_customer_service"


def test_what_was_posted_is_kept_and_counted(sim, hook, ayla, post):
    ayla.says("hi")
    post("+15550100123", biz_opaque_callback_data="token.1")
    post("+15550100123", biz_opaque_callback_data="token.2")
    assert len(sim.sent()) == 2
    (first,) = sim.sent(callback_data="token.1")
    assert first["number_id"] == NUMBER
    assert first["posted"]["text"] == {"body": "hello"}
